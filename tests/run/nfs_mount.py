"""A folder mounted as a client of a network file system sees it: `python nfs_mount.py FOLDER MOUNT SECONDS MODE`.

Each mount is one client. For some seconds it answers from what it knew before: stat, look-ups, also of names that were
missing (both by the kernel's own caches), and listings. Opening a file asks the server, as NFS does (close-to-open).
A file that this client has open is renamed when it is removed, here to `.fuse_hidden…`, in NFS to `.nfs…`; one that
another client removed or replaced cannot be read any more (ESTALE). With the mode `busy`, a file that any client has
open cannot be replaced (EBUSY), as on some other network file systems.
"""

# ruff: noqa: PTH101, PTH102, PTH104, PTH106, PTH108, PTH115, PTH120, PTH208 - the calls as the kernel makes them

from __future__ import annotations

import errno
import os
import sys
import time
from pathlib import Path

import mfusepy

_STAT_KEYS = ("st_mode", "st_nlink", "st_uid", "st_gid", "st_size", "st_blocks", "st_ino")


class NetworkClient(mfusepy.Operations):
    """The calls of one client."""

    use_ns = True

    def __init__(self, folder: str, seconds: float, *, is_busy: bool) -> None:
        self._folder, self._seconds, self._is_busy = folder, seconds, is_busy
        self._listings: dict[str, tuple[float, list[str]]] = {}

    def _server_path(self, path: str) -> str:
        return self._folder + path

    def _forget_listing(self, path: str) -> None:
        """A client knows its own changes."""
        self._listings.pop(os.path.dirname(path), None)

    def getattr(self, path, fh=None):
        found = os.fstat(fh) if fh is not None else os.lstat(self._server_path(path))
        times = {f"st_{kind}time": getattr(found, f"st_{kind}time_ns") for kind in "acm"}
        return {**{key: getattr(found, key) for key in _STAT_KEYS}, **times}

    def readdir(self, path, fh):
        known, names = self._listings.get(path, (0.0, []))
        if time.monotonic() >= known + self._seconds or not known:
            names = [".", "..", *os.listdir(self._server_path(path))]
            self._listings[path] = time.monotonic(), names
        return names

    def open(self, path, flags):
        return os.open(self._server_path(path), flags & ~(os.O_CREAT | os.O_EXCL))

    def create(self, path, mode, flags=os.O_RDWR):
        self._forget_listing(path)
        return os.open(self._server_path(path), flags | os.O_CREAT, mode)

    def read(self, path, size, offset, fh):
        _require_linked(fh)
        return os.pread(fh, size, offset)

    def write(self, path, data, offset, fh):
        _require_linked(fh)
        return os.pwrite(fh, data, offset)

    def truncate(self, path, length, fh=None):
        os.truncate(self._server_path(path) if fh is None else fh, length)

    def fsync(self, path, datasync, fh):
        os.fsync(fh)
        return 0

    def release(self, path, fh):
        os.close(fh)
        return 0

    def unlink(self, path):
        self._forget_listing(path)
        os.unlink(self._server_path(path))

    def mkdir(self, path, mode):
        self._forget_listing(path)
        os.mkdir(self._server_path(path), mode)

    def rmdir(self, path):
        self._forget_listing(path)
        os.rmdir(self._server_path(path))

    def rename(self, old, new):
        if self._is_busy and _is_open(self._server_path(new)):
            raise mfusepy.FuseOSError(errno.EBUSY)
        self._forget_listing(old)
        self._forget_listing(new)
        os.rename(self._server_path(old), self._server_path(new))

    def utimens(self, path, times=None):
        os.utime(self._server_path(path), ns=times)
        return 0

    def chmod(self, path, mode):
        os.chmod(self._server_path(path), mode)
        return 0


def _require_linked(fh: int) -> None:
    """Fails where another client removed or replaced an open file."""
    if not os.fstat(fh).st_nlink:
        raise mfusepy.FuseOSError(errno.ESTALE)


def _is_open(path: str) -> bool:
    """Whether any process of this machine, which are all clients, has a file open on the server."""
    for descriptor in Path("/proc").glob("[0-9]*/fd/*"):
        try:
            if os.readlink(descriptor) == path:
                return True
        except OSError:  # it was closed, or is another user's
            continue
    return False


if __name__ == "__main__":
    _folder, _mount, _seconds, _mode = sys.argv[1:]
    mfusepy.FUSE(
        NetworkClient(_folder, float(_seconds), is_busy=_mode == "busy"),
        _mount,
        foreground=True,
        direct_io=True,
        entry_timeout=float(_seconds),
        attr_timeout=float(_seconds),
        negative_timeout=float(_seconds),
    )
