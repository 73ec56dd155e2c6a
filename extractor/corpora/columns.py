"""What the columns of a corpus say about a page besides its URL and date: names of its site and policy, other facts."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from decimal import Decimal
from math import isnan
from typing import Any

from extractor.filenames import names_a_document, place_name
from extractor.identity import Identity, name_of_url, registered_domain

_POLICY_COLUMNS = ("policy", "policy_name", "policy_id")
_SERVICE_COLUMNS = ("service", "service_name", "company", "organization", "organisation")
_DOCUMENT_COLUMNS = ("document", "document_type", "terms_type")
_SITE_COLUMNS = ("site", "domain", "website", "hostname")
_MISSING_VALUES = ("", "-", "n/a", "na", "nan", "none", "not specified", "null", "unknown")
_MAX_NAME = 300  # characters; what is longer is a text
_MAX_FIELD = 1000
_MAX_FIELDS = 50
OWN_COLUMNS = ("schema_version", "capture", "source")  # of a record that this program wrote


def field_value(row: Mapping[str, Any], names: Iterable[str]) -> str:
    """The value, as text, of the first of some fields that a row has, in upper or lower case; "" if it has none."""
    fields = {key.strip().lower(): value for key, value in row.items() if isinstance(key, str)}
    values = (str(fields.get(name, "")).strip() for name in names)
    return next((value for value in values if not is_missing_word(value)), "")


def is_missing_word(text: str) -> bool:
    """Whether a text is nothing but white space or a word for a missing value."""
    return text.strip().lower() in _MISSING_VALUES


def names_in(row: Mapping[str, Any], url: str) -> Identity:
    """The names that a row has for the site and the policy of its page; "" where the URL or the path has to tell them.

    A `policy`, or a `service` with a `document`, is a name for all captures of a policy. A service or a name by itself
    is used if there is no URL, since a service may have several documents.

    >>> names_in({"service": "Acme", "name": "Privacy Policy.md"}, "")
    Identity(site='Acme', policy='Acme/Privacy Policy')
    >>> names_in({"service": "Acme"}, "http://acme.example/privacy"), names_in({"name": "Privacy Policy"}, "")
    (Identity(site='Acme', policy=''), Identity(site='', policy=''))
    """
    service, document = _name_in(row, _SERVICE_COLUMNS), _name_in(row, _DOCUMENT_COLUMNS)
    site = _site_name(_name_in(row, _SITE_COLUMNS))
    if policy := _without_scheme(_name_in(row, _POLICY_COLUMNS)):
        return Identity(site or service or ("" if url else _site_of_policy(policy)), policy)
    if service and document:
        return Identity(site or service, f"{service}/{document}")
    if url:
        return Identity(site or service)
    name = _without_file_parts(_name_in(row, ("name",)))
    if service:
        return Identity(site or service, f"{service}/{name}" if name and name != service else service)
    if site:
        return Identity(site, f"{site}/{name}" if name and name != site else site)
    return Identity() if names_a_document(name) else Identity(name, name)


def _name_in(row: Mapping[str, Any], columns: Iterable[str]) -> str:
    """A name in the first filled of some columns, "" if there is none or it is a text of its own."""
    value = " ".join(field_value(row, columns).split())
    return value if len(value) <= _MAX_NAME else ""


def _without_file_parts(name: str) -> str:
    """A name that may be that of a file, then without suffix and date."""
    short = place_name([name.replace("/", " ")]).policy if "." in name else name
    return short or name


def _site_name(value: str) -> str:
    """The name of a site in a column of sites: of a URL, its registered domain."""
    return registered_domain(value) if "://" in value else value.removeprefix("www.")


def _without_scheme(name: str) -> str:
    """A name that may be a URL, then in the form that names a policy."""
    return name_of_url(name) if "://" in name else name


def _site_of_policy(policy: str) -> str:
    """The site in the name of a policy, `Service/Document` or a URL."""
    return policy.partition("/")[0]


def other_fields(row: Mapping[str, Any], used: Iterable[str]) -> dict[str, str]:
    """The columns of a row that are not `used` otherwise, as text: numbers, dates and short texts.

    A record that this program wrote has them in its `source`.
    """
    if row.keys() >= {*OWN_COLUMNS}:
        source = row.get("source")
        fields = source.get("fields") if isinstance(source, dict) else None
        return {str(key): str(value) for key, value in fields.items()} if isinstance(fields, dict) else {}
    skipped = {name.lower() for name in used}
    texts = {key.strip(): _as_text(value) for key, value in row.items() if isinstance(key, str)}
    found = {key: text for key, text in texts.items() if key and key.lower() not in skipped and text}
    return dict(list(found.items())[:_MAX_FIELDS])


def _as_text(value: Any) -> str:
    """A value of a column as text, "" if it is missing, long, or holds values itself."""
    if not isinstance(value, (str, int, float, date, Decimal)) or (isinstance(value, float) and isnan(value)):
        return ""
    text = str(value).lower() if isinstance(value, bool) else str(value).strip()
    return text.encode("utf-8", "replace").decode() if len(text) <= _MAX_FIELD and not is_missing_word(text) else ""
