"""From the bytes of a page to its source: unpacked, recognized, decoded."""

from extractor.clean.source.decoding import DecodedPage, MediaType, decode, detect_media_type
from extractor.clean.source.heavy import is_heavy
from extractor.clean.source.unpacking import MAX_UNPACKED_BYTES, UnpackedPage, decompress, decompress_unmarked, unpack

__all__ = [
    "MAX_UNPACKED_BYTES",
    "DecodedPage",
    "MediaType",
    "UnpackedPage",
    "decode",
    "decompress",
    "decompress_unmarked",
    "detect_media_type",
    "is_heavy",
    "unpack",
]
