"""Documents kept in memory for the next page with the same bytes."""

from extractor.clean import clean_with_cache, unpack
from extractor.records import Snapshot


def test_clean_with_cache_of_two_pages_of_one_length_has_a_document_for_each():
    cache = {}
    pages = [unpack(Snapshot(f"<p>We keep your {what}.".encode())) for what in ("name", "mail")]
    first, second = [clean_with_cache(page, cache) for page in pages]
    assert (first.text, second.text) == ("We keep your name.", "We keep your mail.")
    assert [clean_with_cache(page, cache) for page in pages] == [first, second]
    assert clean_with_cache(pages[0], cache) is first
