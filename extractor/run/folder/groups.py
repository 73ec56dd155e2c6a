"""The records in a folder or a file, site by site or policy by policy, with one site or policy in memory at a time.

The lines are read once to see which policy each is of, and where it stands; then those of each policy are read. Of a
compressed file or Parquet, the lines are kept in a temporary file, each compressed by itself.
"""

from __future__ import annotations

import zlib
from array import array
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack
from dataclasses import fields, replace
from difflib import get_close_matches
from pathlib import Path
from tempfile import TemporaryFile
from typing import BinaryIO, NamedTuple, cast

import msgspec

from extractor.errors import UnreadableError, UsageError
from extractor.exports import record_lines
from extractor.identity import is_address, name_of_url
from extractor.records import Policy, Segment
from extractor.run.folder.records import record_files

_MAX_NAMED = 5  # names in an error message
_NOT_LINES = (".gz", ".zst", ".parquet")  # whose lines do not stand in the file as they are
_SEGMENT_FIELDS = tuple(field.name for field in fields(Segment))


class _PolicyName(NamedTuple):
    """What a record is a capture of."""

    site: str
    policy: str


class _Addresses(msgspec.Struct, frozen=True):
    """The fields of a record's `capture` that may name its policy."""

    requested: str = ""
    url: str = ""


class _Names(msgspec.Struct, frozen=True):
    """The fields of a record that name its policy; "" in files of older schemas."""

    site: str = ""
    policy: str = ""
    domain: str = ""
    capture: _Addresses = _Addresses()


class _RecordIndex:
    """The streams that hold the records, and the places of those of each policy.

    A place is three numbers: the stream, and the start and the size of the line there. `named` are the policies whose
    name is no address; the others may have moved within their sites.
    """

    def __init__(self) -> None:
        self.streams: list[_LineStream] = []
        self.places: dict[_PolicyName, array[int]] = {}
        self.named: set[_PolicyName] = set()

    def add(self, names: _Names, start: int, size: int) -> None:
        """Adds a line of the last stream."""
        name = _PolicyName(names.site, names.policy)
        if not is_address(names.policy, names.domain, (names.capture.requested, names.capture.url)):
            self.named.add(name)
        self.places.setdefault(name, array("Q")).extend((len(self.streams) - 1, start, size))

    def policies(self, names: Iterable[_PolicyName]) -> list[Policy]:
        """The records of some policies in order of the files. Raises UnreadableError if one is damaged."""
        numbers = [self.places[name] for name in names]
        places = sorted(tuple(one[at : at + 3]) for one in numbers for at in range(0, len(one), 3))
        found = (self.streams[stream].policy_at(start, size) for stream, start, size in places)
        return list(_with_shared_values(found))


class _LineStream(NamedTuple):
    """The lines of a file, or copies of them that are compressed one by one."""

    path: Path
    stream: BinaryIO
    is_compressed: bool

    def policy_at(self, start: int, size: int) -> Policy:
        """The record in a line. Raises UnreadableError if it is damaged."""
        self.stream.seek(start)
        line = self.stream.read(size)
        try:
            return Policy.from_dict(msgspec.json.decode(zlib.decompress(line) if self.is_compressed else line))
        except (msgspec.MsgspecError, RecursionError) as error:
            raise UnreadableError(f"{self.path} is damaged: {error}.") from error


def _no_progress(_done: int, _of: int) -> None:
    """Reports nothing."""


def _with_shared_values(policies: Iterable[Policy]) -> Iterator[Policy]:
    """The same records; what the versions of a policy have in common is in memory once."""
    texts: dict[str, str] = {}
    segments: dict[str, Segment] = {}
    for policy in policies:
        yield replace(
            policy,
            text=texts.setdefault(policy.text, policy.text),
            markdown=texts.setdefault(policy.markdown, policy.markdown),
            segments=tuple(_sharing(one, segments.setdefault(one.text, one)) for one in policy.segments),
        )


def _sharing(segment: Segment, earlier: Segment) -> Segment:
    """A segment with the values of an earlier one with the same text wherever they are equal."""
    if segment == earlier:
        return earlier
    pairs = ((getattr(segment, name), getattr(earlier, name)) for name in _SEGMENT_FIELDS)
    return Segment(*(known if known == value else value for value, known in pairs))


def read_by_site(
    place: Path, policy: str = "", progress: Callable[[int, int], None] = _no_progress
) -> Iterator[list[Policy]]:
    """The records of each site, in order of the file; `policy` narrows them to a site or a policy by its name.

    `progress` is called with the number of sites whose records were used, and of all. Raises UnreadableError if there
    are none or one is damaged, UsageError if no single site or policy has that name.
    """
    return _read_groups(place, policy, by_site=True, progress=progress)


def read_by_policy(
    place: Path, policy: str = "", progress: Callable[[int, int], None] = _no_progress
) -> Iterator[list[Policy]]:
    """The records of each policy, like `read_by_site`; those of a site that are named by addresses come together."""
    return _read_groups(place, policy, by_site=False, progress=progress)


def _read_groups(
    place: Path, policy: str, *, by_site: bool, progress: Callable[[int, int], None] = _no_progress
) -> Iterator[list[Policy]]:
    """The records of each site, or of each policy."""
    with ExitStack() as streams:
        index = _index_of(record_files(place), streams)
        names = list(index.places)
        groups: dict[_PolicyName, list[_PolicyName]] = defaultdict(list)
        for name in _matching_policies(names, policy, place) if policy else names:
            is_alone = not by_site and name in index.named
            groups[name if is_alone else _PolicyName(name.site, "")].append(name)
        for done, members in enumerate(groups.values(), 1):
            yield index.policies(members)
            progress(done, len(groups))


def _matching_policies(names: Iterable[_PolicyName], wanted: str, place: Path) -> list[_PolicyName]:
    """The policies that a site's or a policy's name stands for.

    A name as it is written comes first; else case, scheme and `www.` do not matter, and the last part of
    `Service/Document` is enough. Raises UsageError if no policy has the name, or if several names are meant.
    """
    names = list(names)
    for compare in (_is_exactly, _is_alike, _ends_with):
        found = [name for name in names if compare(name.policy, wanted) or compare(name.site, wanted)]
        meant = {name.site if compare(name.site, wanted) else name.policy for name in found}
        if len(meant) == 1:
            return found
        if meant:
            raise UsageError(f"{wanted!r} may be {_enumerated(sorted(meant))}: name one of them with --policy.")
    raise UsageError(_unknown_name(names, wanted, place))


def _is_exactly(name: str, wanted: str) -> bool:
    """Whether a name is the wanted one."""
    return name == wanted


def _is_alike(name: str, wanted: str) -> bool:
    """Whether a name is the wanted one in another way of writing."""
    return name.casefold() == name_of_url(wanted).casefold()


def _ends_with(name: str, wanted: str) -> bool:
    """Whether the last parts of a name are the wanted ones."""
    return f"/{name.casefold()}".endswith(f"/{wanted.casefold().strip('/')}")


def _enumerated(names: list[str]) -> str:
    """The first names in words.

    >>> _enumerated(["a", "b", "c"])
    'a, b or c'
    """
    shown = names[:_MAX_NAMED] + [f"{len(names) - _MAX_NAMED} others"] * (len(names) > _MAX_NAMED)
    return " or ".join(filter(None, (", ".join(shown[:-1]), shown[-1])))


def _unknown_name(names: list[_PolicyName], wanted: str, place: Path) -> str:
    """The error message on a name that no policy has, with the nearest names."""
    known = list(dict.fromkeys(part for name in names for part in (name.site, name.policy)))
    by_fold = {name.casefold(): name for name in known}
    near = [name for name in known if wanted.casefold() in name.casefold()]
    near += [by_fold[name] for name in get_close_matches(wanted.casefold(), by_fold, _MAX_NAMED, 0.5)]
    listed = _enumerated(list(dict.fromkeys(near or known))[:_MAX_NAMED]) if known else ""
    advice = f" Did you mean {listed}?" if near else f" There is {listed}." if listed else ""
    return f"{place} has no site or policy {wanted!r}.{advice}"


def _index_of(files: list[Path], streams: ExitStack) -> _RecordIndex:
    """The index of some files of records. Raises UnreadableError if one is damaged."""
    index = _RecordIndex()
    for path in files:
        is_compressed, start = path.suffix.lower() in _NOT_LINES, 0
        opened = TemporaryFile() if is_compressed else path.open("rb")  # noqa: SIM115 - `streams` closes it
        stream = cast(BinaryIO, streams.enter_context(opened))
        index.streams.append(_LineStream(path, stream, is_compressed))
        for names, line in _named_lines(path):
            kept = zlib.compress(line, 1) if is_compressed else line
            if is_compressed:
                stream.write(kept)
            index.add(names, start, len(kept))
            start += len(kept)
    return index


def _named_lines(path: Path) -> Iterator[tuple[_Names, bytes]]:
    """The lines of a file with the names of the policies that they are of. Raises UnreadableError if one is damaged."""
    number = 0
    try:
        for number, line in enumerate(record_lines(path), 1):  # noqa: B007 - used in the error
            yield _names_in(line), line
    except (msgspec.MsgspecError, UnicodeDecodeError, EOFError, zlib.error, OSError, RecursionError) as error:
        raise UnreadableError(f"{path} is damaged at or after line {number}: {error}.") from error


def _names_in(line: bytes) -> _Names:
    """The names of the policy that the record in a line is of. Raises msgspec.MsgspecError if it is damaged."""
    names = msgspec.json.decode(line, type=_Names)
    if names.site and names.policy:
        return names
    policy = Policy.from_dict(msgspec.json.decode(line))
    addresses = _Addresses(policy.capture.requested, policy.capture.url)
    return _Names(policy.site, policy.policy, policy.domain, addresses)
