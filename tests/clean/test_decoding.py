"""From bytes to characters: encodings with and without declaration, nested compression, and truncated pages."""

import gzip
import zlib

import pytest
import zstandard
from hypothesis import given
from hypothesis import strategies as st

from extractor.clean import clean
from extractor.clean.source import MAX_UNPACKED_BYTES, decode, decompress
from extractor.errors import UnreadableError
from extractor.records import Snapshot

TEXTS = {
    "en": "We keep your name – and nothing else. Café Müller’s “privacy” policy: no data is sold. ",
    "fr": "Nous recueillons votre nom et votre adresse électronique lorsque vous passez une commande, à moins que la loi n’exige autre chose. ",
    "es": "Recogemos sus datos cuando usted hace un pedido. No vendemos su dirección a nadie; podrá pedir su eliminación en cualquier momento. ",
    "ru": "Мы собираем ваше имя и адрес, когда вы делаете заказ. Эти данные хранятся три года и не передаются другим компаниям. ",
    "ja": "当社は、ご注文の際にお名前とご住所を取得します。この情報は三年間保管し、お客様の同意なしに第三者に提供することはありません。",
    "ko": "저희는 주문하실 때 이름과 주소를 수집합니다. 이 정보는 삼 년 동안 보관하며 동의 없이 다른 회사에 제공하지 않습니다. ",
    "zh": "您下订单时，我们会收集您的姓名和地址。这些信息保存三年，未经您的同意不会提供给其他公司。",
    "el": "Συλλέγουμε το όνομα και τη διεύθυνσή σας όταν κάνετε μια παραγγελία. Τα στοιχεία φυλάσσονται τρία χρόνια. ",
    "pl": "Zbieramy imię i adres, gdy składasz zamówienie. Dane przechowujemy trzy lata i nie przekazujemy ich innym firmom bez twojej zgody. ",
    "tr": "Sipariş verdiğinizde adınızı ve adresinizi alıyoruz. Bu bilgiler üç yıl saklanır ve izniniz olmadan başka şirketlere verilmez. ",
}


def html(text: str, head: str = "") -> str:
    return f"<html><head><title>Privacy</title>{head}</head><body><p>{text}</p><p>Contact: mail</p></body></html>"


@pytest.mark.parametrize(
    ("language", "encoding"),
    [
        *[(language, "utf-8") for language in TEXTS],
        *[(language, form) for language in TEXTS for form in ("utf-16-le", "utf-16-be")],
        ("en", "cp1252"), ("fr", "cp1252"), ("es", "cp1252"), ("ru", "koi8_r"), ("ru", "cp1251"), ("ja", "cp932"), ("ja", "euc_jp"),
        ("ja", "iso2022_jp"), ("ko", "cp949"), ("zh", "gb18030"), ("el", "cp1253"), ("pl", "cp1250"), ("pl", "iso8859_2"),
        ("tr", "cp1254"), ("en", "utf-32-le"), ("zh", "utf-32-be"),
    ],
)  # fmt: skip
def test_decode_undeclared_encoding(language, encoding):
    page = html(TEXTS[language] * 3)
    assert decode(page.encode(encoding), "text/html").text == page


@pytest.mark.parametrize(
    ("content", "content_type", "text", "encoding"),
    [
        ("\ufeffCafé".encode("utf-16-le"), "", "Café", "utf-16-le"),
        ("\ufeffCafé".encode("utf-32-le"), "", "Café", "utf-32-le"),
        ("\ufeffCafé".encode(), "text/html; charset=iso-8859-1", "Café", "utf-8"),
        ("Café “x”".encode("cp1252"), "text/html; charset=ISO-8859-1", "Café “x”", "cp1252"),
        ("Café".encode("cp1252"), "text/html; charset=utf-8", "Café", "cp1252"),
        (b'<meta charset="windows-1251">' + "Имя".encode("cp1251"), "", '<meta charset="windows-1251">Имя', "windows-1251"),
        (b'<meta content="text/html; charset=gb2312">' + "姓名镕".encode("gb18030"), "", '<meta content="text/html; charset=gb2312">姓名镕', "gb18030"),
        (b'<meta charset="utf-16">caf\xc3\xa9', "", '<meta charset="utf-16">café', "utf-8"),
        ("Café".encode(), "text/html; charset=nonsense", "Café", "utf-8"),
        ("Café".encode(), "text/html; charset=base64", "Café", "utf-8"),
        ("Données à caractère personnel".encode(), "text/html; charset=iso-8859-1", "Données à caractère personnel", "utf-8"),
        (TEXTS["ru"].encode() * 5 + b"\xff", "text/html; charset=utf-8", TEXTS["ru"] * 5 + "\ufffd", "utf-8"),
        (TEXTS["ja"].encode("cp932")[:-1], "text/html; charset=shift_jis", TEXTS["ja"][:-1] + "\ufffd", "cp932"),
    ],
)  # fmt: skip
def test_decode_declared_encoding_is_used_only_if_valid(content, content_type, text, encoding):
    found = decode(content, content_type)
    assert (found.text, found.encoding) == (text, encoding)


@pytest.mark.parametrize(
    ("content", "utf8"),
    [
        ("Café “x”".encode(), "Café “x”".encode()),
        ("\ufeffCafé".encode(), "Café".encode()),
        ("Café".encode("cp1252"), b""),
        ("Café".encode("utf-16"), b""),
        ("Caf\u202eé\x00".encode(), b""),
        (TEXTS["ru"].encode() * 5 + b"\xff", b""),
        ((TEXTS["fr"] * 3).encode().decode("cp1252").encode(), b""),
    ],
)
def test_decode_keeps_the_bytes_only_if_they_are_the_text_in_utf8(content, utf8):
    assert decode(content, "text/html; charset=utf-8").utf8 == utf8


def test_decode_repairs_mojibake_only_if_certain():
    right = TEXTS["fr"] * 3
    wrong = right.encode().decode("cp1252")
    found = decode(wrong.encode(), "text/html; charset=utf-8")
    assert found.text == right
    assert found.notes == ("its characters were UTF-8 read as windows-1252 and saved again: repaired",)
    mixed = wrong + "à la carte, 愛"
    assert decode(mixed.encode(), "").text == mixed
    assert decode("Ã© is how é looks".encode(), "").text == "Ã© is how é looks"


def test_decode_removes_or_replaces_invalid_characters():
    page = "a\x00b\x1fc\u202ed\u2067e\ufefff\u2028g\x93h\x94"
    assert decode(page.encode(), "").text == "abcdef\ng“h”"
    assert decode(b"a\xed\xa0\x80b caf\xc3\xa9", "").text.startswith("a")


@given(st.binary(max_size=300))
def test_decode_any_bytes_returns_encodable_text(content):
    decode(content, "text/html").text.encode()


@given(st.text(st.characters(codec="utf-8", categories=("L", "M", "N", "P", "Zs")), max_size=200))
def test_decode_utf8_returns_original_text(text):
    assert decode(text.encode(), "text/html").text == text


SENTENCES = "We collect the name and the address you give us when you order, and keep them for seven years. " * 40
PAGE = html(SENTENCES).encode()


def raw_deflate(content: bytes) -> bytes:
    compressor = zlib.compressobj(wbits=-15)
    return compressor.compress(content) + compressor.flush()


@pytest.mark.parametrize(
    "content",
    [
        gzip.compress(PAGE),
        gzip.compress(gzip.compress(PAGE)),
        gzip.compress(PAGE[:1000]) + gzip.compress(PAGE[1000:]),
        gzip.compress(PAGE) + b"\r\n0\r\n",
        zlib.compress(PAGE),
        zlib.compress(gzip.compress(PAGE)),
        raw_deflate(PAGE),
        zstandard.ZstdCompressor().compress(PAGE),
    ],
    ids=["gzip", "gzip twice", "two members", "chunk end after it", "zlib", "gzip in zlib", "deflate", "zstd"],
)
def test_clean_undeclared_compression_is_unpacked(content):
    found = clean(Snapshot(content, content_type="text/html"))
    assert found.text.startswith(SENTENCES.strip()[:500])
    assert found.verdict.usable
    assert found.encoding == "utf-8"


@pytest.mark.parametrize("cut", [0.3, 0.9])
def test_clean_truncated_gzip_returns_readable_part_with_note(cut):
    words = " ".join(f"We collect item number {n} when you order it and keep it for {n % 7} years." for n in range(900))
    packed = gzip.compress(html(words).encode())
    found = clean(Snapshot(packed[: int(len(packed) * cut)], content_type="text/html"))
    assert found.text.startswith("We collect item number 0")
    assert "truncated: its compressed bytes break off" in found.verdict.reasons


def test_clean_damaged_gzip_returns_part_before_damage_with_note():
    words = " ".join(
        f"We collect item number {n} when you order it and keep it for {n % 7} years." for n in range(3000)
    )
    packed = bytearray(gzip.compress(html(words).encode()))
    packed[len(packed) // 2 :] = b"\x00" * 400
    found = clean(Snapshot(bytes(packed), content_type="text/html"))
    assert found.text.startswith("We collect item number 0")
    assert "truncated: its compressed bytes break off" in found.verdict.reasons


def bomb() -> bytes:
    compressor = zlib.compressobj(9, wbits=31)
    return (
        b"".join(compressor.compress(b"\x20" * 1_000_000) for _ in range(MAX_UNPACKED_BYTES // 1_000_000 + 2))
        + compressor.flush()
    )


def test_decompress_bomb_raises_and_clean_gives_reason():
    nested = PAGE
    for _ in range(6):
        nested = gzip.compress(nested)
    for content, words in ((bomb(), "more than 50 MB"), (nested, "more than 4 times")):
        with pytest.raises(UnreadableError, match=words):
            decompress(content)
        verdict = clean(Snapshot(content, content_type="text/html")).verdict
        assert not verdict.usable
        assert words in verdict.reasons[0]
