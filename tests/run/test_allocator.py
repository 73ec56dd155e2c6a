"""Memory that a long-lived process returns to the system."""

import ctypes
import subprocess
import sys

import pytest

from extractor.run.pipeline.allocator import fix_allocation_thresholds, release_free_memory

_MAPPED_AFTER_LARGE_BLOCK = """
import ctypes, sys
from extractor.run.pipeline.allocator import fix_allocation_thresholds

library = ctypes.CDLL(None)
library.malloc.restype, library.free.argtypes = ctypes.c_void_p, [ctypes.c_void_p]

class Info(ctypes.Structure):
    names = "arena ordblks smblks hblks hblkhd usmblks fsmblks uordblks fordblks keepcost"
    _fields_ = [(name, ctypes.c_size_t) for name in names.split()]

library.mallinfo2.restype = Info
if sys.argv[1] == "fixed":
    fix_allocation_thresholds()
library.free(library.malloc(20_000_000))
before = library.mallinfo2().hblks
library.malloc(2_000_000)
print(library.mallinfo2().hblks - before)
"""

_RELEASED_BELOW_A_BLOCK_IN_USE = """
import ctypes, sys
from pathlib import Path
from extractor.run.pipeline.allocator import release_free_memory

library = ctypes.CDLL(None)
library.malloc.restype, library.free.argtypes = ctypes.c_void_p, [ctypes.c_void_p]
library.memset.argtypes = [ctypes.c_void_p, ctypes.c_int, ctypes.c_size_t]

def resident_pages():
    return int(Path("/proc/self/statm").read_text().split()[1])

blocks = [library.malloc(100_000) for _ in range(300)]
for block in blocks:
    library.memset(block, 1, 100_000)
for block in blocks[:-1]:
    library.free(block)
before = resident_pages()
if sys.argv[1] == "released":
    release_free_memory()
print(before - resident_pages() > 5_000)
"""
_needs_glibc = pytest.mark.skipif(
    sys.platform != "linux" or not hasattr(ctypes.CDLL(None), "mallinfo2"), reason="needs glibc 2.33 or later"
)


@_needs_glibc
@pytest.mark.parametrize(("thresholds", "mapped"), [("as they are", "0"), ("fixed", "1")])
def test_block_after_a_larger_one_was_freed_is_mapped_only_with_fixed_thresholds(thresholds, mapped):
    """A mapped block is returned to the system as soon as it is freed."""
    words = [sys.executable, "-c", _MAPPED_AFTER_LARGE_BLOCK, thresholds]
    assert subprocess.run(words, capture_output=True, text=True, check=True).stdout.strip() == mapped


@_needs_glibc
@pytest.mark.parametrize(("action", "released"), [("nothing", "False"), ("released", "True")])
def test_release_free_memory_returns_what_is_free_below_a_block_in_use(action, released):
    words = [sys.executable, "-c", _RELEASED_BELOW_A_BLOCK_IN_USE, action]
    assert subprocess.run(words, capture_output=True, text=True, check=True).stdout.strip() == released


def _no_library_without_a_name(_):
    raise TypeError("Windows")


@pytest.mark.parametrize("library", [lambda _: object(), _no_library_without_a_name])
@pytest.mark.parametrize("change_allocation", [fix_allocation_thresholds, release_free_memory])
def test_allocation_without_glibc_stays_as_it_is(monkeypatch, library, change_allocation):
    monkeypatch.setattr(ctypes, "CDLL", library)
    change_allocation()
