"""Policies as the documents of a tree of files: each policy has a file of its own, its captures are versions of it."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from hashlib import sha256
from pathlib import Path
from tempfile import TemporaryDirectory

import msgspec

from extractor.exports.jsonl import encode_line
from extractor.records import Policy

_MAX_NAME_BYTES = 200  # file systems take 255, with the suffix


@dataclass(frozen=True, slots=True)
class TreeDocument:
    """What a tree holds of a capture of a policy; `is_only` says that there is no other policy of the same group."""

    id: str
    site: str
    policy: str
    domain: str
    url: str
    timestamp: str
    archive_url: str
    markdown: str = ""
    is_only: bool = False


def tree_documents(
    policies: Iterable[Policy],
    folder: Path,
    *,
    group_of: Callable[[TreeDocument], str],
    path_of: Callable[[TreeDocument], str],
) -> Iterator[tuple[TreeDocument, str]]:
    """Policies as documents, each with the path of its policy's file, without a suffix.

    `group_of` and `path_of` get the first document of a policy, whose `markdown` is "". Policies whose paths are the
    same, or differ only in case, have a part of their hash at the end. As what a file is called depends on what else is
    there, all documents are kept in a file within `folder` while they are given.
    """
    first: dict[tuple[str, str], TreeDocument] = {}
    folder.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(dir=folder, prefix=".documents-") as temporary:
        kept = Path(temporary) / "documents.jsonl"
        with kept.open("wb") as stream:
            for policy in policies:
                document = _document_of(policy)
                first.setdefault((document.site, document.policy), replace(document, markdown=""))
                stream.write(encode_line(document))
        only = {key: replace(one, is_only=is_only) for key, one, is_only in _counted(first, group_of)}
        paths = _distinct_paths({key: path_of(one) for key, one in only.items()})
        with kept.open("rb") as stream:
            for line in stream:
                document = msgspec.json.decode(line, type=TreeDocument)
                key = document.site, document.policy
                yield replace(document, is_only=only[key].is_only), paths[key]


def _document_of(policy: Policy) -> TreeDocument:
    """A policy as a document."""
    capture = policy.capture
    known = policy.id, policy.site, policy.policy, policy.domain
    return TreeDocument(*known, capture.url, capture.timestamp, capture.archive_url, policy.markdown)


def _counted(
    documents: dict[tuple[str, str], TreeDocument], group_of: Callable[[TreeDocument], str]
) -> Iterator[tuple[tuple[str, str], TreeDocument, bool]]:
    """Each document with its key, and whether it is the only one of its group."""
    counts = Counter(map(group_of, documents.values()))
    return ((key, one, counts[group_of(one)] == 1) for key, one in documents.items())


def _distinct_paths(paths: dict[tuple[str, str], str]) -> dict[tuple[str, str], str]:
    """The paths, with a part of the hash of the policy at the end of those that several policies would have.

    >>> list(_distinct_paths({("a", "a/P"): "a/P", ("a", "a/p"): "a/p", ("a", "a/q"): "a/q"}).values())
    ['a/P-69a9de0c', 'a/p-9440d605', 'a/q']
    """
    sharing = defaultdict(list)
    for key, path in paths.items():
        sharing[path.casefold()].append(key)
    shared = {key for keys in sharing.values() if len(keys) > 1 for key in keys}
    return {key: f"{path}-{_hash_of(*key)}" if key in shared else path for key, path in paths.items()}


def _hash_of(*names: str) -> str:
    """A part of the hash of names."""
    return sha256("\n".join(names).encode("utf-8", "replace")).hexdigest()[:8]


def safe_file_name(name: str) -> str:
    """A name as a safe part of a path; a long one is cut, and ends in a part of its hash.

    >>> safe_file_name("..\\n/x.example"), safe_file_name("Example Shop")
    ('_x.example', 'Example Shop')
    """
    safe = re.sub(r"[^\w. ()-]+", "_", name.strip(". ")) or "_"
    if len(safe.encode()) <= _MAX_NAME_BYTES:
        return safe
    return f"{safe.encode()[: _MAX_NAME_BYTES - 50].decode(errors='ignore')}-{_hash_of(name)}"
