"""Files that hold no page, by their names: what they are, and what to do with them."""

from __future__ import annotations

import mimetypes
from pathlib import Path

from extractor.corpora.items import page_suffix

_AS_TEXT = ": if it is a page all the same, give --format pages"
_KINDS = {
    ".docx .doc .odt .rtf .pages .wpd .epub .mobi .ppt .pptx": "is an office document: save it as PDF, HTML or text",
    ".xls .xlsx .ods .numbers": "is a spreadsheet: save it as CSV",
    ".zip .tar .tgz .tbz .txz .7z .rar .maff .jar": "holds several files: unpack it and name their folder",
    ".bz2 .xz .lzma .br .lz4 .z": "is compressed in a way that is not read: unpack it, or compress it as .gz or .zst",
    ".xml .rss .atom .xsl .xsd .wsdl .rdf .opml .plist .webarchive .har": f"is data in XML or the like{_AS_TEXT}",
    ".cdx .cdxj": "is an index of an archive, not the archive: name the WARC",
    ".css .js .mjs .ts .jsx .tsx .py .rb .go .rs .java .c .h .cpp .sh .bat .ps1 .sql .yaml .yml .toml .ini .cfg .conf "
    ".lock .ipynb .map .proto": f"is a program or its settings{_AS_TEXT}",
    ".sqlite .sqlite3 .db .pkl .pickle .npy .npz .h5 .hdf5 .feather .orc .avro": "is a database: export it as JSONL",
}
_REASONS = {suffix: reason for suffixes, reason in _KINDS.items() for suffix in suffixes.split()}
_MEDIA = {"image": "an image", "audio": "a sound", "video": "a film", "font": "a font"}


def refusal_of(path: Path) -> str:
    """Why a file of this name is not read as a page, "" if it may be one.

    >>> refusal_of(Path("shots/policy.PNG")), refusal_of(Path("policy.php")), refusal_of(Path("feed.xml.gz"))
    ('is an image', '', 'is data in XML or the like: if it is a page all the same, give --format pages')
    """
    suffix = page_suffix(path)
    kind = (mimetypes.guess_type(f"a{suffix}")[0] or "").partition("/")[0]
    return _REASONS.get(suffix, "") or (f"is {_MEDIA[kind]}" if kind in _MEDIA else "")
