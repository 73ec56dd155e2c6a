"""Every kind of fault that an archive and its proxies were seen to have, in a third of all replies and in bursts.

`make test-long` runs this, and prints the figures that docs/reliability.md has.
"""

from __future__ import annotations

import gzip
import hashlib
import random
import threading
import time
from collections import Counter
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass, field, replace
from email.utils import formatdate
from threading import Event

import brotli
import pytest
import zstandard
from replay.scripted import EMPTY_DIGEST, Answer, Held, ScriptedArchive, policy, scripted_archive
from warcio.archiveiterator import ArchiveIterator

from extractor import load, read_jsonl
from extractor.errors import ArchiveStopError
from extractor.run.collect import Job, RunSummary, run_job, verify
from extractor.wayback import Ledger, open_archive, read_targets

ONE, TWO = "http://faulty.example/privacy", "http://faulty.example/legal/pp"
MOVED = ONE.replace("http:", "https:")
OWN_BYTES = ("whole", "packed-twice", "same-digest")
SHARE = 0.3  # of the replies that are faulty
MAX_BURST = 12  # replies in a row with one fault
RETRY_AFTER = ("0", "1", "soon", "-5", "1.5", "", "date")

_Fault = Callable[[Answer, random.Random], Answer]


def captures() -> list[Held]:
    """Three hundred captures of two addresses: pages, repeated ones, redirects, and revisits with and without digest."""
    found = []
    for number in range(150):
        stamp = f"{2000 + number // 12}{number % 12 + 1:02}01000000"
        content = policy(f"one{number // 3 * 3}")
        empty = {"row_status": "-", "row_mime": "warc/revisit", "row_digest": EMPTY_DIGEST}
        same = {"row_status": "-", "row_mime": "warc/revisit"}
        given = {1: same, 2: empty}.get(number % 3, {}) if number % 10 else {}
        found.append(Held(ONE, stamp, content, **given))
        if number % 10 == 0:
            found[-1] = Held(ONE, stamp, b"", 301, MOVED)
            found.append(Held(MOVED, stamp, policy(f"moved{number}")))
        found.append(Held(TWO, stamp, policy(f"two{number}")))
    return found


def status(code: int, body: bytes = b"", *headers: tuple[str, str]) -> _Fault:
    return lambda *_: Answer(code, body or b"<title>%d</title>" % code, headers)


def throttled(code: int) -> _Fault:
    def answer(_: Answer, chance: random.Random) -> Answer:
        value = chance.choice(RETRY_AFTER)
        value = formatdate(time.time() + 1, usegmt=True) if value == "date" else value
        return Answer(code, b"<p>Slow down.</p>", (("Retry-After", value),) if value else ())

    return answer


def coded(coding: str, encode: Callable[[bytes], bytes]) -> _Fault:
    """The page in a content coding that was not asked for, or that is declared wrongly; "" declares none."""
    header = (("Content-Encoding", coding),) if coding else ()
    return lambda true, _: replace(true, body=encode(true.body), headers=(*true.headers, *header))


def chunked(true: Answer, _: random.Random) -> Answer:
    body = b"%x\r\n%s\r\n0\r\n\r\n" % (len(true.body), true.body)
    return replace(true, body=body, headers=(*true.headers, ("X-Archive-Orig-Transfer-Encoding", "chunked")))


def damaged(true: Answer, chance: random.Random) -> Answer:
    packed = gzip.compress(true.body)
    place = chance.randrange(20, len(packed) - 8)
    body = packed[:place] + b"\xff\x00\xff" + packed[place + 3 :]
    return replace(true, body=body, headers=(*true.headers, ("Content-Encoding", "gzip")))


def cut(true: Answer, chance: random.Random) -> Answer:
    missing = chance.randrange(1, max(2, len(true.body)))
    return replace(true, body=true.body[: len(true.body) - missing], missing=missing)


OF_ANY_REPLY: tuple[_Fault, ...] = (
    *map(status, (400, 403, 404, 408, 425, 500, 502, 503, 504, 520, 523)),
    *map(throttled, (429, 503, 403)),
    status(200, b"<title>Just a moment...</title><script src=/challenge.js></script>"),
    status(403, b"<title>Attention Required!</title>"),
    status(302, b"", ("Location", "https://login.archive.example/?next=/web/")),
    status(200, b"<p>This snapshot cannot be displayed due to an internal error.</p>"),
    status(0),
    cut,
    coded("br", brotli.compress),
    coded("zstd", zstandard.compress),
    coded("gzip", bytes),
    coded("br", bytes),
    coded("gzip, gzip", gzip.compress),
    coded(", gzip", gzip.compress),
    coded("gzip", lambda body: gzip.compress(gzip.compress(body))),
    coded("none", bytes),
    coded("utf-8", bytes),
    damaged,
)


@dataclass
class Faults:
    """Faulty replies of an archive: a third of all, and most in bursts of one kind."""

    archive: ScriptedArchive
    chance: random.Random
    left: int = 0
    fault: _Fault | None = None
    replies: int = 0
    faulty: int = 0
    lock: threading.Lock = field(default_factory=threading.Lock)

    def answer_for(self, path: str) -> Answer | None:
        """The faulty answer to a request, None for the true one."""
        with self.lock:
            self.replies += 1
            if not self.left and self.chance.random() < SHARE / (1 - SHARE) / ((1 + MAX_BURST) / 2):
                self.left, self.fault = self.chance.randint(1, MAX_BURST), self._any_fault()
            if not (self.left and self.fault):
                return None
            self.left -= 1
            self.faulty += 1
            true = self.archive.answer(path)
            is_page = path.startswith("/web/") and any(name == "Memento-Datetime" for name, _ in true.headers)
            fault = self.fault if is_page or self.fault in OF_ANY_REPLY else status(503)
            return fault(true, self.chance)

    def _any_fault(self) -> _Fault:
        return self.chance.choice((*OF_ANY_REPLY, chunked, gzipped_silently, self.of_another_time, self.of_another_address,
                                   self.with_bytes_of_another, self.without_its_end))  # fmt: skip

    def of_another_time(self, true: Answer, chance: random.Random) -> Answer:
        """A redirect of the archive's own to a capture of the same address that is near."""
        held = self._shown(true)
        near = [one for one in self.archive.captures if one.url == held.url and one.timestamp[:4] == held.timestamp[:4]]
        other = chance.choice(near)
        address = f"{self.archive.base}/web/{other.timestamp}id_/{other.url}"
        return Answer(302, headers=(("Location", address),)) if other is not held else true

    def of_another_address(self, true: Answer, chance: random.Random) -> Answer:
        """The page of another address at the same time, as its Link header says."""
        held = self._shown(true)
        others = [one for one in self.archive.captures if one.url != held.url and one.timestamp == held.timestamp]
        return self.archive.answer(f"/web/{held.timestamp}id_/{others[0].url}")

    def with_bytes_of_another(self, true: Answer, chance: random.Random) -> Answer:
        """The bytes of another capture under the headers of this one, where its digest can tell."""
        held = self._shown(true)
        return replace(true, body=chance.choice(self.archive.captures).content) if has_digest(held) else true

    def without_its_end(self, true: Answer, chance: random.Random) -> Answer:
        """Fewer bytes, with a Content-Length that fits, where the digest can tell."""
        held = self._shown(true)
        return replace(true, body=true.body[: chance.randrange(len(true.body))]) if has_digest(held) else true

    def _shown(self, true: Answer) -> Held:
        """The capture in a true answer."""
        return next(one for one in self.archive.captures if one.content == true.body and self._matches(one, true))

    def _matches(self, one: Held, true: Answer) -> bool:
        return self.archive.answer(f"/web/{one.timestamp}id_/{one.url}") == true


def has_digest(held: Held) -> bool:
    """Whether the digest of the capture that is asked for tells other bytes; not where a redirect led to it."""
    return held.row_digest != EMPTY_DIGEST and held.url in (ONE, TWO) and held.status == 200


def gzipped_silently(true: Answer, chance: random.Random) -> Answer:
    return coded("", gzip.compress)(true, chance)


@pytest.fixture(autouse=True)
def short_waits(monkeypatch):
    monkeypatch.setattr("extractor.wayback.outage._PAUSE", 0.05)
    monkeypatch.setattr("extractor.wayback.politeness._SHORTEST_PAUSE", 0.05)
    monkeypatch.setattr("extractor.wayback.politeness._THROTTLE_PAUSE", 0.05)


def run(folder, base, annotator, **settings) -> RunSummary:
    archive = open_archive(base, rate=0, cdx_rate=0, connections=4)
    archive._pages = replace(archive._pages, first_wait=0.01)
    archive._index = replace(archive._index, first_wait=0.01)
    patient = archive.slower()
    patient._pages = replace(patient._pages, first_wait=0.01)
    archive.slower = lambda: patient
    archive._politeness.lift_ban()
    job = Job(tuple(read_targets([ONE, TWO])), folder, every="all", workers=4, lift_ban=True, **settings)
    return run_job(job, archive, annotator, stop=Event(), progress=lambda *_: None)


def entries(folder):
    with closing(Ledger(folder / "ledger.sqlite", read_only=True)) as ledger:
        return list(ledger.entries())


def check_folder(folder, contents: dict[tuple[str, str], bytes]) -> None:
    """Each capture has its own bytes, or those of the one that it says was served, or an outcome and a reason."""
    for entry in entries(folder):
        if entry.state == "annotated":
            own = entry.capture.original, entry.capture.timestamp
            served = own if entry.outcome in OWN_BYTES else (entry.served_url, entry.served_timestamp)
            assert entry.sha256 == hashlib.sha256(contents[served]).hexdigest(), entry
        elif entry.state == "failed":
            assert (entry.outcome, entry.reason) > ("", ""), entry
    for file in (folder / "archive").glob("*.warc.gz"):
        with file.open("rb") as stream:
            for record in filter(lambda one: one.rec_type == "response", ArchiveIterator(stream)):
                url = record.rec_headers.get_header("WARC-Target-URI")
                stamp = "".join(filter(str.isdigit, record.rec_headers.get_header("WARC-Date")))
                assert record.content_stream().read() == contents[url, stamp], f"{stamp}/{url} has other bytes"


@pytest.mark.long
@pytest.mark.parametrize("seed", range(6))
def test_run_with_faults_of_every_kind_stores_each_capture_with_its_own_bytes_or_an_outcome(tmp_path, seed):
    held, annotator = captures(), load()
    contents = {(one.url, one.timestamp): one.content for one in held}
    stops = runs = 0
    with scripted_archive(*held) as archive:
        faults = Faults(archive, random.Random(seed))
        archive.answer_for = faults.answer_for
        started = time.process_time()
        for _ in range(40):
            runs += 1
            try:
                run(tmp_path, archive.base, annotator)
                check_folder(tmp_path, contents)
                break
            except ArchiveStopError:
                stops += 1
                check_folder(tmp_path, contents)
        found = entries(tmp_path)
        may_pass = sum(entry.is_transient for entry in found if entry.state == "failed")
        print(
            f"\n  {len(found)} captures, {faults.faulty} of {faults.replies} replies faulty, {runs} runs of which {stops} "
            f"stopped: {dict(Counter(entry.outcome for entry in found))}, {may_pass} of the failed may pass; "
            f"{time.process_time() - started:.0f} s of CPU, the archive's included"
        )
        assert faults.faulty > 0.15 * faults.replies
        archive.answer_for = lambda _: None
        run(tmp_path, archive.base, annotator)
        check_folder(tmp_path, contents)
        left = Counter(entry.outcome for entry in entries(tmp_path) if entry.outcome not in OWN_BYTES)
        print(f"  after a run without faults, other than whole: {dict(left)}")
        assert not any(entry.is_transient for entry in entries(tmp_path))
        run(tmp_path, archive.base, annotator, retry=("all", "nearby", "redirected"))
        check_folder(tmp_path, contents)
        for entry in entries(tmp_path):
            assert entry.outcome in OWN_BYTES or entry.capture.status == "301", entry
    assert len(entries(tmp_path)) == len(list(read_jsonl(tmp_path / "policies.jsonl"))) == len(held)
    assert list(verify(tmp_path)) == []
