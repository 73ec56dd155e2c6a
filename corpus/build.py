"""Builds the sample archive from `captures.toml`, the texts and the templates; always the same bytes.

python corpus/build.py [FOLDER]
"""

from __future__ import annotations

import hashlib
import json
import re
import sys
import zlib
from base64 import b32encode
from collections import Counter
from datetime import datetime, timezone
from email.utils import format_datetime
from io import BytesIO
from pathlib import Path
from typing import Any, BinaryIO
from urllib.parse import urlsplit
from uuid import NAMESPACE_URL, uuid5

from fpdf import FPDF
from markdown_it import MarkdownIt
from warcio.statusandheaders import StatusAndHeaders
from warcio.timeutils import timestamp_to_iso_date
from warcio.warcwriter import WARCWriter

from extractor.warcfile import iter_records
from extractor.wayback import cdxj_line, status_line

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

HERE = Path(__file__).parent
ARCHIVE = "sample.warc.gz"
TARGETS = """# What the demo runs on: domains whose policy is found, and addresses of policies.
brightcart.example
http://pinegrove-news.example/privacy.shtml
http://pinegrove-news.example/about/privacy
tadpole-club.example
healthbridge.example
"""
MARKDOWN = MarkdownIt("commonmark").enable("table")
BY_HAND = {
    "tables": [
        (r"<h1>(.*?)</h1>", r'<FONT SIZE=5 COLOR="#993300"><B>\1</B></FONT><BR><BR>'),
        (r"<h2>(.*?)</h2>", r"<FONT SIZE=4><B>\1</B></FONT><BR><BR>"),
        (r"(?s)<p>(.*?)</p>", r"\1<BR><BR>"),
        (r"</li>", ""),
    ],
    "plain": [(r"<h2>(.*?)</h2>", r"<p><b>\1</b>"), (r"</p>|</li>", "")],
}
Table = dict[str, Any]  # captures.toml, or one of its tables


def build(folder: Path) -> None:
    """Writes the archive, its index, the list of targets and the manifest."""
    table = tomllib.loads((HERE / "captures.toml").read_text(encoding="utf-8"))
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / ARCHIVE).open("wb") as stream:
        write_archive(stream, table)
    lines = sorted(cdxj_line(record, ARCHIVE) for record in iter_records(folder / ARCHIVE))
    (folder / "sample.cdxj").write_text("".join(lines), encoding="utf-8")
    (folder / "targets.txt").write_text(TARGETS, encoding="utf-8")
    (folder / "manifest.json").write_text(manifest(folder, table), encoding="utf-8")


def write_archive(stream: BinaryIO, table: Table) -> None:
    """Writes what made the archive, then one WARC record for each capture of the table."""
    writer = WARCWriter(stream, gzip=True, warc_version="WARC/1.1")
    writer.write_record(warcinfo(writer, table["capture"][-1]))
    seen: dict[str, Table] = {}
    for capture in table["capture"]:
        site = table["sites"][capture["site"]]
        url = site["host"] + capture["path"]
        if capture["kind"] == "revisit":
            writer.write_record(revisit(writer, url, capture, seen[url]))
        else:
            headers, body = reply(capture, site)
            seen[url] = {**capture, "body": body}
            writer.write_record(response(writer, url, capture, headers, body))


def warcinfo(writer: WARCWriter, last: Table) -> Any:
    """The record that says what made the archive, dated as its last capture."""
    about = b"software: corpus/build.py\r\nformat: WARC File Format 1.1\r\ndescription: invented sites, CC0-1.0\r\n"
    headers = identity("", last) | {"WARC-Filename": ARCHIVE}
    kind = "application/warc-fields"
    return writer.create_warc_record(
        "", "warcinfo", payload=BytesIO(about), warc_content_type=kind, warc_headers_dict=headers
    )


def response(writer: WARCWriter, url: str, capture: Table, headers: StatusAndHeaders, body: bytes) -> Any:
    """A response record."""
    return writer.create_warc_record(
        url, "response", payload=BytesIO(body), http_headers=headers, warc_headers_dict=identity(url, capture)
    )


def revisit(writer: WARCWriter, url: str, capture: Table, before: Table) -> Any:
    """A revisit record: the same bytes as the capture before."""
    return writer.create_revisit_record(
        url,
        digest=f"sha1:{b32encode(hashlib.sha1(before['body']).digest()).decode()}",
        refers_to_uri=url,
        refers_to_date=timestamp_to_iso_date(before["timestamp"]),
        http_headers=StatusAndHeaders(status_line(200), http_headers(capture | {"kind": before["kind"]}), "HTTP/1.1"),
        warc_headers_dict=identity(url, capture),
    )


def identity(url: str, capture: Table) -> dict[str, str]:
    """The date and the record id, which must not change from one build to the next."""
    return {
        "WARC-Date": timestamp_to_iso_date(capture["timestamp"]),
        "WARC-Record-ID": f"<urn:uuid:{uuid5(NAMESPACE_URL, capture['timestamp'] + url)}>",
    }


def reply(capture: Table, site: Table) -> tuple[StatusAndHeaders, bytes]:
    """What the server answered: headers and body."""
    body, headers = page(capture, site), http_headers(capture)
    if capture.get("gzip"):
        body = gzipped(body)
        headers.append(("Content-Encoding", "gzip"))
    if capture["kind"] == "moved":
        headers.append(("Location", site["host"] + capture["links_to"]))
    headers.append(("Content-Length", str(len(body))))
    status = 301 if capture["kind"] == "moved" else capture.get("status", 200)
    return StatusAndHeaders(status_line(status), headers, "HTTP/1.1"), body


def http_headers(capture: Table) -> list[tuple[str, str]]:
    """The headers the server sent with every page."""
    charset = f"; charset={capture['charset']}" if capture.get("declared") else ""
    mime = "application/pdf" if capture["kind"] == "pdf" else f"text/html{charset}"
    return [("Date", format_datetime(moment(capture), usegmt=True)), ("Server", "sample"), ("Content-Type", mime)]


def moment(capture: Table) -> datetime:
    """When a capture was made."""
    return datetime.strptime(capture["timestamp"], "%Y%m%d%H%M%S").replace(tzinfo=timezone.utc)


def gzipped(body: bytes) -> bytes:
    """The body with gzip's coding; `gzip.compress` writes another header from one Python version to the next."""
    packer = zlib.compressobj(9, zlib.DEFLATED, 31)
    return packer.compress(body) + packer.flush()


def page(capture: Table, site: Table) -> bytes:
    """The bytes of a page."""
    if capture["kind"] == "pdf":
        return pdf(capture)
    template = str(capture.get("template", capture["kind"]))
    words = {
        "title": f"{site['name']}: {'Welcome' if capture['kind'] == 'home' else 'Privacy'}",
        "site": site["name"],
        "year": capture["timestamp"][:4],
        "address": site["host"] + capture.get("links_to", capture["path"]),
        "menu": menu(site, template),
        "policy": in_style_of(template, MARKDOWN.render(main_text(capture, site))),
    }
    html = (HERE / "templates" / f"{template}.html").read_text(encoding="utf-8")
    return re.sub(r"\{\{(\w+)\}\}", lambda match: words[match[1]], html).encode(capture.get("charset", "ascii"))


def menu(site: Table, template: str) -> str:
    """The links to the parts of a site."""
    links = [f'<a href="/{name.lower().replace(" ", "-")}">{name}</a>' for name in site["menu"]]
    if template in BY_HAND:
        return "<BR>\n".join(links) if template == "tables" else " | ".join(links)
    return "".join(f"<li>{link}</li>" for link in links)


def main_text(capture: Table, site: Table) -> str:
    """What a page says, as Markdown."""
    if capture["kind"] == "policy":
        return policy_text(capture)
    return f"# {site['name']}\n\n{site['welcome']}\n"


def policy_text(capture: Table) -> str:
    """The policy of a site as it stood in the year of a capture, as Markdown.

    In the texts a line "%% 1999-2005" says in which years the lines after it were there; "%%" alone: always.
    """
    text = (HERE / "text" / f"{capture['site']}.md").read_text(encoding="utf-8")
    year = int(capture["timestamp"][:4])
    parts = re.split(r"^%% ?(\S*)\n", text, flags=re.MULTILINE)[1:]
    return "\n".join(body for years, body in zip(parts[::2], parts[1::2], strict=True) if holds(years, year))


def holds(years: str, year: int) -> bool:
    """Whether a year lies in "1999-2005", "2018-" or ""."""
    first, _, last = years.partition("-")
    return int(first or 0) <= year <= int(last or 9999)


def in_style_of(template: str, html: str) -> str:
    """The text's HTML as people wrote it at the time of a template."""
    for pattern, written in BY_HAND.get(template, []):
        html = re.sub(pattern, written, html)
    return html


def pdf(capture: Table) -> bytes:
    """The policy as a PDF. Not compressed: the bytes would depend on the version of zlib."""
    document = FPDF(format="Letter")
    document.set_compression(False)
    document.set_creation_date(moment(capture))
    document.set_title("Notice of Privacy Practices")
    document.add_page()
    for line in filter(None, policy_text(capture).splitlines()):
        heading = line.startswith("#")
        document.set_font("Helvetica", "B" if heading else "", 14 if heading else 11)
        document.multi_cell(0, 6, line.lstrip("# "), align="L", new_x="LMARGIN", new_y="NEXT")
        document.ln(3)
    return bytes(document.output())


def manifest(folder: Path, table: Table) -> str:
    """The sites, the number of captures of each kind, and the hash of each file."""
    captures, names = table["capture"], (ARCHIVE, "sample.cdxj", "targets.txt")
    content = {
        "sites": [urlsplit(site["host"]).netloc for site in table["sites"].values()],
        "captures": len(captures),
        "kinds": dict(sorted(Counter(capture["kind"] for capture in captures).items())),
        "sha256": {name: hashlib.sha256((folder / name).read_bytes()).hexdigest() for name in names},
    }
    return json.dumps(content, indent=2) + "\n"


if __name__ == "__main__":
    build(Path(sys.argv[1]) if len(sys.argv) > 1 else HERE / "sample")
