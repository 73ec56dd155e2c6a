"""What a long-lived process takes of the system: memory that it returns, and threads."""

import ctypes
import os
import subprocess
import sys

import pytest

import extractor
from extractor.run.pipeline.allocator import fix_allocation_thresholds, return_free_memory

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


_RESIDENT_AROUND_RETURN = """
import ctypes, resource
from extractor.run.pipeline.allocator import return_free_memory

def resident():
    return int(open("/proc/self/statm").read().split()[1]) * resource.getpagesize()

library = ctypes.CDLL(None)
library.malloc.restype, library.free.argtypes = ctypes.c_void_p, [ctypes.c_void_p]
blocks = [library.malloc(60_000) for _ in range(1_000)]
for block in blocks:
    ctypes.memset(block, 1, 60_000)
for block in blocks[:-1]:
    library.free(block)
before = resident()
return_free_memory()
print(before - resident())
"""

needs_glibc = pytest.mark.skipif(
    sys.platform != "linux" or not hasattr(ctypes.CDLL(None), "mallinfo2"), reason="needs glibc 2.33 or later"
)


@needs_glibc
@pytest.mark.parametrize(("thresholds", "mapped"), [("as they are", "0"), ("fixed", "1")])
def test_block_after_a_larger_one_was_freed_is_mapped_only_with_fixed_thresholds(thresholds, mapped):
    """A mapped block is returned to the system as soon as it is freed."""
    words = [sys.executable, "-c", _MAPPED_AFTER_LARGE_BLOCK, thresholds]
    assert subprocess.run(words, capture_output=True, text=True, check=True).stdout.strip() == mapped


@needs_glibc
def test_return_free_memory_returns_what_lies_below_a_block_in_use():
    words = [sys.executable, "-c", _RESIDENT_AROUND_RETURN]
    assert int(subprocess.run(words, capture_output=True, text=True, check=True).stdout) > 50_000_000


def test_annotator_returns_free_memory_now_and_then(monkeypatch):
    calls = []
    monkeypatch.setattr("extractor.run.pipeline.annotator.return_free_memory", lambda: calls.append(1))
    list(extractor.load().pipe([b""] * 1_700, batch_size=32))
    assert len(calls) == 3


def _no_library_without_a_name(_):
    raise TypeError("Windows")


@pytest.mark.parametrize("library", [lambda _: object(), _no_library_without_a_name])
def test_without_glibc_nothing_is_done(monkeypatch, library):
    monkeypatch.setattr(ctypes, "CDLL", library)
    fix_allocation_thresholds()
    return_free_memory()


_SETTING = "OPENBLAS_NUM_THREADS"


def _output_after_loading(expression, **settings):
    """What an expression gives in a process that has loaded a model to annotate many pages."""
    code = (
        f"import os; from extractor.run.pipeline import load_long_lived; load_long_lived('fast'); print({expression})"
    )
    others = {name: value for name, value in os.environ.items() if not name.endswith("_NUM_THREADS")}
    words, environment = [sys.executable, "-c", code], others | settings
    return subprocess.run(words, env=environment, capture_output=True, text=True, check=True).stdout.strip()


@pytest.mark.skipif(sys.platform != "linux", reason="counts threads in /proc")
def test_loading_for_many_pages_starts_no_threads():
    assert _output_after_loading("len(os.listdir('/proc/self/task'))") == "1"


def test_loading_for_many_pages_keeps_the_number_of_threads_that_was_asked_for():
    assert _output_after_loading(f"os.environ['{_SETTING}']", **{_SETTING: "2"}) == "2"
