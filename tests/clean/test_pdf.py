"""PDF files made here: order, headings, lists, hyphens, headers and footers, and unreadable files."""

import pytest
from fpdf import FPDF
from fpdf.encryption import AccessPermission

from extractor.clean import clean
from extractor.clean import pdf as pdf_module
from extractor.records import Snapshot

WORDS = (
    "We collect the name and the address you give us when you order, and nothing else that could tell who you are. "
    "Our shop keeps this personal information for as long as the law on bookkeeping asks us to. "
)


class Paper(FPDF):
    def header(self):
        self.set_font("Helvetica", size=8)
        self.cell(0, 6, "Brightcart privacy notice, version 3", new_x="LMARGIN", new_y="NEXT")

    def footer(self):
        self.set_y(-15)
        self.set_font("Helvetica", size=8)
        self.cell(0, 6, f"Page {self.page_no()} of 3", align="C")


def bytes_of(paper: FPDF) -> bytes:
    return bytes(paper.output())


def document(content: bytes):
    return clean(Snapshot(content, content_type="application/pdf"))


def kinds_and_texts(content: bytes):
    return [(block.kind, block.text) for block in document(content).blocks]


def paragraph(paper: FPDF, text: str, *, size: float = 11, style: str = "", width: float = 0) -> None:
    paper.set_font("Helvetica", style, size)
    paper.multi_cell(width, size * 0.5, text, align="L", new_x="LMARGIN", new_y="NEXT")
    paper.ln(3)


def test_clean_pdf_finds_headings_and_items_and_drops_running_lines():
    paper = Paper()
    paper.set_title("Brightcart privacy notice")
    paper.add_page()
    paragraph(paper, "Privacy notice", size=20)
    paragraph(paper, WORDS * 2)
    paragraph(paper, "What we collect", size=14)
    for item in ("- your name and the address that the parcel is to be sent to", "- what you have ordered"):
        paragraph(paper, item)
    paragraph(paper, "Cookies and similar files", style="B")
    paragraph(paper, WORDS * 2)
    for sheet in ("second", "third"):
        paper.add_page()
        paragraph(paper, f"On this {sheet} sheet we say the same again. {WORDS * 3}")
    found = document(bytes_of(paper))
    assert [(block.kind, block.text) for block in found.blocks] == [
        ("heading", "Privacy notice"),
        ("paragraph", (WORDS * 2).strip()),
        ("heading", "What we collect"),
        ("item", "your name and the address that the parcel is to be sent to"),
        ("item", "what you have ordered"),
        ("heading", "Cookies and similar files"),
        ("paragraph", (WORDS * 2).strip()),
        ("paragraph", f"On this second sheet we say the same again. {WORDS * 3}".strip()),
        ("paragraph", f"On this third sheet we say the same again. {WORDS * 3}".strip()),
    ]
    assert [block.level for block in found.blocks if block.kind == "heading"] == [1, 2, 3]
    assert found.title == "Brightcart privacy notice"
    assert found.verdict.usable
    assert "Page" not in found.text


@pytest.mark.parametrize("row_by_row", [False, True])
def test_clean_pdf_reads_columns_one_after_the_other(row_by_row):
    left = [f"left line {n} says what we collect when" for n in range(20)]
    right = [f"right line {n} says whom we share it with" for n in range(20)]
    paper = FPDF()
    paper.add_page()
    paper.set_font("Helvetica", size=16)
    paper.text(15, 20, "Privacy policy of a shop in two columns")
    paper.set_font("Helvetica", size=10)
    places = [(15, 30 + 5 * n, line) for n, line in enumerate(left)] + [
        (112, 30 + 5 * n, line) for n, line in enumerate(right)
    ]
    for x, y, line in sorted(places, key=lambda place: place[1]) if row_by_row else places:
        paper.text(x, y, line)
    text = " ".join(document(bytes_of(paper)).text.split())
    assert text == " ".join(["Privacy policy of a shop in two columns", *left, *right])


def test_clean_pdf_reads_table_row_by_row():
    paper = FPDF()
    paper.add_page()
    paragraph(paper, WORDS)
    for n in range(8):
        paper.text(15, 60 + 7 * n, f"Data {n}")
        paper.text(115, 60 + 7 * n, f"Reason {n}")
    text = document(bytes_of(paper)).text
    assert text.index("Reason 0") < text.index("Data 1") < text.index("Reason 1")


def test_clean_pdf_joins_words_split_at_line_ends():
    paper = FPDF()
    paper.add_page()
    lines = (
        "We share your personal informa-", "tion with the carrier and with third-", "party services that help us; a third-party service",
        "may not use it for anything else. Our e-mail ser-", "vice is one of them, and so is the bank.",
    )  # fmt: skip
    paper.set_font("Helvetica", size=11)
    for n, line in enumerate(lines):
        paper.text(15, 30 + 5 * n, line)
    assert document(bytes_of(paper)).text == (
        "We share your personal information with the carrier and with third-party services that help us; a third-party "
        "service may not use it for anything else. Our e-mail service is one of them, and so is the bank."
    )


def test_clean_pdf_joins_sentence_across_pages():
    paper = FPDF()
    for words in ("We keep what you order until the end of the year in", "which it is paid, and then it is deleted."):
        paper.add_page()
        paragraph(paper, words)
    assert (
        document(bytes_of(paper)).text
        == "We keep what you order until the end of the year in which it is paid, and then it is deleted."
    )


def locked() -> bytes:
    paper = FPDF()
    paper.set_encryption(owner_password="owner", user_password="reader", permissions=AccessPermission.none())
    paper.add_page()
    paragraph(paper, WORDS)
    return bytes_of(paper)


def empty() -> bytes:
    paper = FPDF()
    paper.add_page()
    paper.rect(20, 20, 50, 50)
    return bytes_of(paper)


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (locked(), "encrypted and asks for a password"),
        (b"%PDF-1.4\nnothing more", "The PDF cannot be opened: it is damaged"),
        (empty(), "only pictures"),
    ],
    ids=["locked", "damaged", "no text"],
)
def test_clean_unreadable_pdf_has_reason(content, reason):
    verdict = document(content).verdict
    assert not verdict.usable
    assert reason in verdict.reasons[0]


def test_clean_pdf_with_too_many_pages_is_truncated_with_note(monkeypatch):
    monkeypatch.setattr(pdf_module, "_MAX_PAGES", 2)
    paper = FPDF()
    for n, sheet in enumerate(("first", "second", "third")):
        paper.add_page()
        paragraph(paper, f"The {sheet} part. {WORDS} This is sheet {n}.")
    found = document(bytes_of(paper))
    assert "sheet 1" in found.text
    assert "sheet 2" not in found.text
    assert "truncated: only the first 2 of 3 pages were read" in found.verdict.reasons
