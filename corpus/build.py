"""Builds the sample archive in `corpus/sample/` from `captures.toml`, the texts and the templates; always the same bytes.

    python corpus/build.py [FOLDER]
"""

from __future__ import annotations

import gzip
import hashlib
import json
import re
import sys
import tomllib
from base64 import b32encode
from collections.abc import Iterator
from datetime import datetime, timezone
from io import BytesIO
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from uuid import NAMESPACE_URL, uuid5

from fpdf import FPDF
from markdown_it import MarkdownIt
from warcio.statusandheaders import StatusAndHeaders
from warcio.timeutils import timestamp_to_iso_date
from warcio.warcwriter import WARCWriter

from extractor.warcfile import index
from extractor.wayback.warc import cdxj_line, status_line

HERE = Path(__file__).parent
TARGETS = """# What the demo runs on: domains whose policy is found, and addresses of policies.
brightcart.example
http://pinegrove-news.example/privacy.shtml
http://pinegrove-news.example/about/privacy
tadpole-club.example
healthbridge.example
"""
MARKDOWN = MarkdownIt("commonmark").enable("table")
Capture = dict[str, Any]


def build(folder: Path) -> None:
    """Writes the archive, its index, the list of targets and the manifest."""
    table = tomllib.loads((HERE / "captures.toml").read_text(encoding="utf-8"))
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "sample.warc.gz").open("wb") as stream:
        write_archive(stream, table)
    lines = sorted(cdxj_line(record, "sample.warc.gz") for record in index(folder / "sample.warc.gz"))
    (folder / "sample.cdxj").write_text("".join(lines), encoding="utf-8")
    (folder / "targets.txt").write_text(TARGETS, encoding="utf-8")
    (folder / "manifest.json").write_text(manifest(folder, len(lines)), encoding="utf-8")


def write_archive(stream: BytesIO | Any, table: dict[str, Any]) -> None:
    """Writes one WARC record for each capture of the table."""
    writer = WARCWriter(stream, gzip=True, warc_version="WARC/1.1")
    seen: dict[str, Capture] = {}
    for capture in table["capture"]:
        site = table["sites"][capture["site"]]
        url = site["host"] + capture["path"]
        if capture["kind"] == "revisit":
            writer.write_record(revisit(writer, url, capture, seen[url]))
        else:
            headers, body = reply(capture, site)
            seen[url] = {**capture, "body": body}
            writer.write_record(response(writer, url, capture, headers, body))


def response(writer: WARCWriter, url: str, capture: Capture, headers: StatusAndHeaders, body: bytes) -> Any:
    """A response record."""
    return writer.create_warc_record(
        url, "response", payload=BytesIO(body), http_headers=headers, warc_headers_dict=identity(url, capture)
    )


def revisit(writer: WARCWriter, url: str, capture: Capture, before: Capture) -> Any:
    """A revisit record: the same bytes as the capture before."""
    return writer.create_revisit_record(
        url,
        digest=f"sha1:{b32encode(hashlib.sha1(before['body']).digest()).decode()}",
        refers_to_uri=url,
        refers_to_date=timestamp_to_iso_date(before["timestamp"]),
        http_headers=StatusAndHeaders(status_line(200), [("Content-Type", mime_of(before))], "HTTP/1.1"),
        warc_headers_dict=identity(url, capture),
    )


def identity(url: str, capture: Capture) -> dict[str, str]:
    """The date and the record id, which must not change from one build to the next."""
    return {
        "WARC-Date": timestamp_to_iso_date(capture["timestamp"]),
        "WARC-Record-ID": f"<urn:uuid:{uuid5(NAMESPACE_URL, capture['timestamp'] + url)}>",
    }


def reply(capture: Capture, site: dict[str, str]) -> tuple[StatusAndHeaders, bytes]:
    """What the server answered: headers and body."""
    if capture["kind"] == "redirect":
        location = ("Location", site["host"] + capture["to"])
        return StatusAndHeaders(status_line(301), [location, ("Content-Length", "0")], "HTTP/1.1"), b""
    body = page(capture, site)
    headers = [("Content-Type", mime_of(capture)), ("Server", "sample")]
    if capture.get("gzip"):
        body = gzip.compress(body, mtime=0)
        headers.append(("Content-Encoding", "gzip"))
    headers.append(("Content-Length", str(len(body))))
    return StatusAndHeaders(status_line(capture.get("status", 200)), headers, "HTTP/1.1"), body


def mime_of(capture: Capture) -> str:
    """The Content-Type the server sent."""
    if capture["kind"] == "pdf":
        return "application/pdf"
    return "text/html" + (f"; charset={capture['charset']}" if capture.get("declared") else "")


def page(capture: Capture, site: dict[str, str]) -> bytes:
    """The bytes of a page."""
    if capture["kind"] == "pdf":
        return pdf(capture)
    template = capture.get("template", capture["kind"])
    html = (HERE / "templates" / f"{template}.html").read_text(encoding="utf-8")
    markdown = policy_text(capture) if capture["kind"] == "policy" else ""
    words = {
        "title": f"{site['name']}: Privacy",
        "site": site["name"],
        "year": capture["timestamp"][:4],
        "address": capture.get("links_to", capture["path"]),
        "policy": in_style_of(template, MARKDOWN.render(markdown)),
    }
    return re.sub(r"\{\{(\w+)\}\}", lambda match: words[match[1]], html).encode(capture.get("charset", "ascii"))


def policy_text(capture: Capture) -> str:
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
    """The policy's HTML as people wrote it at the time of a template."""
    if template != "tables":
        return html
    html = re.sub(r"<h1>(.*?)</h1>", r'<FONT SIZE=5 COLOR="#993300"><B>\1</B></FONT><BR><BR>', html)
    html = re.sub(r"<h2>(.*?)</h2>", r"<FONT SIZE=4><B>\1</B></FONT><BR><BR>", html)
    return re.sub(r"<p>(.*?)</p>", r"\1<BR><BR>", html, flags=re.DOTALL).replace("</li>", "")


def pdf(capture: Capture) -> bytes:
    """The policy as a PDF."""
    document = FPDF(format="Letter")
    document.set_creation_date(datetime.strptime(capture["timestamp"], "%Y%m%d%H%M%S").replace(tzinfo=timezone.utc))
    document.set_title("Notice of Privacy Practices")
    document.add_page()
    for line in filter(None, policy_text(capture).splitlines()):
        heading = line.startswith("#")
        document.set_font("Helvetica", "B" if heading else "", 14 if heading else 11)
        document.multi_cell(0, 6, line.lstrip("# "), align="L", new_x="LMARGIN", new_y="NEXT")
        document.ln(3)
    return bytes(document.output())


def manifest(folder: Path, captures: int) -> str:
    """The number of captures, the sites, and the hash of each file."""
    files = {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in sorted(folder.iterdir()) if is_built(path)}
    return json.dumps({"captures": captures, "sites": list(sites()), "sha256": files}, indent=2) + "\n"


def is_built(path: Path) -> bool:
    """Whether a file is one that the manifest names: all but itself."""
    return path.name != "manifest.json"


def sites() -> Iterator[str]:
    """The hosts in the table."""
    table = tomllib.loads((HERE / "captures.toml").read_text(encoding="utf-8"))
    return (urlsplit(site["host"]).netloc for site in table["sites"].values())


if __name__ == "__main__":
    build(Path(sys.argv[1]) if len(sys.argv) > 1 else HERE / "sample")
