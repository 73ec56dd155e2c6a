"""How pages are given to workers. The functions here stand for the annotator's: what they return says who did it."""

import json
import multiprocessing
import os
import shutil
import subprocess
import sys
import time
from functools import partial

import pytest

import extractor
from extractor.errors import ModelError
from extractor.exports import encode_line
from extractor.records import Capture, Snapshot
from extractor.resources import bundled_path
from extractor.run.pipeline import load_long_lived
from extractor.run.pipeline.workers import WorkerFunctions, pipe_through_workers


def start():
    """What a worker does first: nothing."""


def start_together(folder, workers):
    """Waits until all workers have started, so that none has finished its pages before."""
    (folder / str(os.getpid())).touch()
    while len(list(folder.iterdir())) < workers:
        time.sleep(0.01)


def annotate(pages, seconds=0.0):
    """For each page itself and the process that it was done in. Some pages fail, or kill the process."""
    if b"deadly" in pages:
        os._exit(1)
    if b"broken" in pages:
        raise ValueError("this one")
    time.sleep(1 if b"policy0 slow" in pages else seconds)
    return [(page, os.getpid()) for page in pages]


def annotate_alone(page):
    return page, "alone"


def policy_of(page):
    return page.split(b" ")[0].decode() if b" " in page else ""


def pipe(pages, workers=3, start=start, annotate=annotate):
    return pipe_through_workers(WorkerFunctions(start, annotate, annotate_alone, policy_of), pages, workers)


def pages_in_turn(policies, captures):
    return [b"policy%d capture%d" % (policy, capture) for capture in range(captures) for policy in range(policies)]


def test_annotator_with_any_workers_makes_the_same_records_of_captures_of_several_policies():
    text = "<h1>Privacy policy</h1><p>We collect your name and e-mail address when you order, in shop number %d.</p>"
    others = [b"", b"\x89PNG\r\n\x1a\n", b"<p>Nothing here.</p>"]
    pages = [
        Snapshot(content, Capture("", f"20{year}0101000000", f"https://shop{shop}.example/"), content_type="text/html")
        for year in range(10, 20)
        for shop, content in enumerate([*((text % shop).encode() * (year % 3 + 1) for shop in range(5)), *others])
    ]
    alone = [encode_line(policy) for policy in extractor.load().pipe(pages)]
    for workers in (2, 3):
        assert [encode_line(policy) for policy in extractor.load().pipe(pages, workers=workers)] == alone


@pytest.mark.parametrize("order", [bool, policy_of], ids=["by date", "by policy"])
def test_pipe_gives_captures_of_a_policy_to_one_worker(order, tmp_path):
    pages = sorted(pages_in_turn(9, 16), key=order)
    done = list(pipe(pages, start=partial(start_together, tmp_path, 3), annotate=partial(annotate, seconds=0.1)))
    assert [page for page, _ in done] == pages
    assert len({worker for _, worker in done}) == 3
    workers = [{worker for page, worker in done if policy_of(page) == f"policy{number}"} for number in range(9)]
    assert sum(map(len, workers)) <= 9 + 3  # workers that had nothing to do took some


def test_pipe_with_a_single_policy_keeps_all_workers_busy(tmp_path):
    start, slowly = partial(start_together, tmp_path, 3), partial(annotate, seconds=0.05)
    done = list(pipe(pages_in_turn(1, 300), start=start, annotate=slowly))
    shares = [sum(worker == other for _, other in done) for worker in {worker for _, worker in done}]
    assert len(shares) == 3
    assert min(shares) > 60


def test_pipe_with_a_slow_page_gives_what_waits_behind_it_to_the_others(tmp_path):
    pages = [b"policy0 slow", *pages_in_turn(1, 80)]
    done = list(pipe(pages, workers=2, start=partial(start_together, tmp_path, 2)))
    assert sum(worker == done[0][1] for _, worker in done) == 32  # which it had been sent already


def test_pipe_with_few_pages_starts_one_worker():
    assert len({worker for _, worker in pipe([b"a", b"b", b"c"])}) == 1


def test_pipe_with_no_pages_returns_none():
    assert list(pipe([])) == []


@pytest.mark.parametrize("deadly", [(0,), (50,), (99,), (20, 21, 60), range(100)])
def test_pipe_with_pages_that_kill_workers_does_all_others(deadly, caplog):
    pages = [b"deadly" if number in deadly else page for number, page in enumerate(pages_in_turn(10, 10))]
    done = list(pipe(pages))
    assert [page for page, _ in done] == pages
    assert all(worker == "alone" for page, worker in done if page == b"deadly")
    assert "A worker process died" in caplog.text


def test_pipe_with_an_error_in_a_worker_raises_it_where_its_chunk_is_due():
    policies = pipe([b"page"] * 144 + [b"broken"])
    assert [next(policies)[0] for _ in range(48)] == [b"page"] * 48
    with pytest.raises(ValueError, match="this one"):
        list(policies)


def test_pipe_takes_only_some_pages_ahead_and_ends_its_workers_when_closed():
    taken = []
    policies = pipe(taken.append(number) or b"page" for number in range(10_000))
    for _ in range(5):
        next(policies)
    assert len(taken) <= 3 * 64 + 5
    policies.close()
    assert not multiprocessing.active_children()


def test_workers_end_when_the_process_that_uses_them_is_killed():
    """They have its standard output, which is read here until the last of them is gone."""
    code = (
        "import os, extractor\n"
        "if __name__ == '__main__':\n"
        "    next(extractor.load().pipe([b'<p>We sell nothing.</p>'] * 100, workers=2))\n"
        "    os.kill(os.getpid(), 9)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, timeout=60, check=False)
    assert done.returncode == -9


def test_pipe_with_a_model_that_only_workers_load_raises_its_error(tmp_path):
    shutil.copytree(bundled_path("models/fast"), tmp_path / "model")
    card = json.loads((tmp_path / "model/model.json").read_text())
    (tmp_path / "model/model.json").write_text(json.dumps(card | {"labels": {}}))
    annotator = load_long_lived(tmp_path / "model", workers=2)
    with pytest.raises(ModelError, match="is not that of a model"):
        list(annotator.pipe([b"<p>We sell nothing.</p>"] * 100, workers=2))


def test_pipe_with_an_error_of_the_source_ends_its_workers():
    def pages():
        yield from [b"page"] * 200
        raise OSError("no more")

    with pytest.raises(OSError, match="no more"):
        list(pipe(pages()))
    assert not multiprocessing.active_children()
