"""Shards, merged, are the corpus that is annotated in one go, whatever happens on the way."""

import gzip
import hashlib
import json
import os
import re
import resource
import shlex
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from corpora.gitcorpus import commit, repository
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from extractor import load, read_jsonl
from extractor.cli import build_parser, main
from extractor.corpora import CorpusFilter
from extractor.errors import ArchivedPolicyError
from extractor.exports import write_records_parquet
from extractor.files import size_and_hash
from extractor.run.collect import verify
from extractor.run.corpus.engines import annotate_shards, summarize
from extractor.run.corpus.merge import merge
from extractor.run.corpus.pages import CorpusTally, ShardPosition, read_paths
from extractor.run.corpus.shard import CorpusSpec, process_shard, shards_of

COMMAND = Path(sys.executable).with_name("archived-policy")
DOCUMENT = Path(__file__).parents[2] / "docs" / "cluster.md"
PAGE = "<html><h1>Privacy policy</h1><p>We use cookies to remember item {} of your basket.</p></html>"


def write_pages(folder: Path, count: int, first: int = 0) -> Path:
    folder.mkdir(exist_ok=True)
    for number in range(first, first + count):
        (folder / f"{number:03}.html").write_text(PAGE.format(number))
    return folder


def write_lines(path: Path, count: int) -> Path:
    lines = (
        json.dumps({"html": PAGE.format(f"{path.stem} {n}"), "url": f"http://shop{n}.example/p"}) for n in range(count)
    )
    path.write_text("".join(f"{line}\n" for line in lines))
    return path


@pytest.fixture(scope="module")
def mixed_corpus(tmp_path_factory, sample_warc) -> tuple[Path, ...]:
    """A corpus of every kind of container, with things in it that cannot be read."""
    folder = tmp_path_factory.mktemp("mixed")
    pages = write_pages(folder / "pages", 5)
    (pages / os.fsdecode(b"caf\xe9.html")).write_text(PAGE)
    (pages / "broken.bundle").write_bytes(b"# v2 git bundle\nno bundle")
    (pages / "002.html.gz").write_bytes(gzip.compress(PAGE.encode())[:-9])
    lines = write_lines(folder / "lines.jsonl", 6)
    lines.write_text(lines.read_text() + '{"no": "page"}\n\nnot JSON\n')
    terms = repository(folder / "versions")
    for number in range(4):
        page = f"# Privacy\n\nWe use cookies {number}."
        commit(terms, f"Shop {number}/Privacy Policy.md", page, "First record of Shop Privacy Policy")
    original = folder / "OPP-115" / "sanitized_policies"
    original.mkdir(parents=True)
    (original / "1_shop.example.html").write_text("We use cookies.|||We sell nothing.|||")
    import pyarrow as pa
    import pyarrow.parquet as pq

    pq.write_table(pa.table({"html": [PAGE.format(f"row {n}") for n in range(5)]}), folder / "table.parquet")
    warc = Path(shutil.copy(sample_warc, folder / "sample.warc.gz"))
    return pages, lines, terms, folder / "OPP-115", folder / "table.parquet", warc, folder / "not-there.html"


EVERYTHING = CorpusFilter()


def pages_by_shard(paths, of, corpus_filter=EVERYTHING):
    """The pages of each shard, and its tally."""
    tallies = [CorpusTally() for _ in range(of)]
    shares = [
        list(read_paths(paths, tally, corpus_filter, position=ShardPosition(n, of)))
        for n, tally in enumerate(tallies, 1)
    ]
    return shares, tallies


def in_corpus_order(shares, tallies):
    """The pages of all shards, part by part, in the order of the corpus."""
    rest = list(map(iter, shares))
    of = len(shares)
    return [next(rest[p % of]) for p in range(tallies[0].parts) for _ in range(tallies[p % of].pages[p // of])]


@pytest.mark.parametrize("of", [1, 2, 3, 4, 7, 10, 30])
def test_read_paths_of_all_shards_together_has_each_page_once_in_order(mixed_corpus, of):
    whole, [tally] = pages_by_shard(mixed_corpus, 1)
    shares, tallies = pages_by_shard(mixed_corpus, of)
    assert in_corpus_order(shares, tallies) == whole[0]
    assert sum(map(len, shares)) == len(whole[0]) > 40
    assert {(one.parts, one.names.hexdigest()) for one in tallies if of > 1} <= {
        (tallies[0].parts, tallies[0].names.hexdigest())
    }
    assert sorted(reason for one in tallies for reason in one.unread) == sorted(tally.unread)
    assert len(tally.unread) >= 4


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(files=st.lists(st.integers(0, 7), max_size=9), of=st.integers(1, 12))
def test_read_paths_of_files_of_lines_deals_them_out_whole_or_line_by_line(tmp_path_factory, files, of):
    folder = tmp_path_factory.mktemp("lines")
    paths = [write_lines(folder / f"{number}.jsonl", count) for number, count in enumerate(files)]
    shares, tallies = pages_by_shard(paths, of)
    assert in_corpus_order(shares, tallies) == pages_by_shard(paths, 1)[0][0]


def test_read_paths_of_many_archives_lists_each_in_one_shard_only(tmp_path):
    paths = [write_lines(tmp_path / f"{number}.jsonl", 3) for number in range(8)]
    shares, tallies = pages_by_shard(paths, 2)
    assert [len({page.source.path for page in share}) for share in shares] == [4, 4]
    assert tallies[0].pages == [3, 3, 3, 3]


def test_read_paths_deals_out_shards_of_similar_size(mixed_corpus):
    shares, _ = pages_by_shard(mixed_corpus, 4)
    assert max(map(len, shares)) - min(map(len, shares)) <= 3


@pytest.mark.parametrize("pattern", ["*shop3*", "*nowhere*"])
def test_read_paths_with_a_url_pattern_applies_it_in_each_shard(mixed_corpus, pattern):
    corpus_filter = CorpusFilter(url_pattern=pattern)
    assert (
        in_corpus_order(*pages_by_shard(mixed_corpus[1:2], 3, corpus_filter))
        == pages_by_shard(mixed_corpus[1:2], 1, corpus_filter)[0][0]
    )


@pytest.fixture(scope="module")
def annotator():
    return load()


class Counting:
    """An annotator that counts the pages it annotates."""

    def __init__(self, annotator, sha256=""):
        self.annotator, self.asked = annotator, []
        self.identity = annotator.identity._replace(sha256=sha256 or annotator.identity.sha256)

    def pipe(self, pages, *, workers=1, batch_size=1):
        for page in pages:
            self.asked.append(Path(page.source.path).name)
            yield self.annotator(page)


def nothing(*_) -> None:
    pass


def annotate_all(paths, folder, annotator, of=3, number=0) -> list[str]:
    """Makes shards; returns the names of the pages that had to be annotated."""
    counting = annotator if isinstance(annotator, Counting) else Counting(annotator)
    annotate_shards(CorpusSpec(tuple(paths)), folder, counting, nothing, of=of, number=number, workers=1)
    return counting.asked


@pytest.mark.parametrize("of", [1, 3, 40])
def test_merge_writes_byte_for_byte_what_annotate_writes(mixed_corpus, tmp_path, of, capsys):
    here = [
        str(path) for path in mixed_corpus if path.exists() and path.suffix != ".gz"
    ]  # the WARC's PDFs take seconds
    assert main(["annotate", *here, "-o", str(tmp_path / "whole.jsonl"), "--quiet"]) == 0
    words = ["annotate", *here, "-o", str(tmp_path / "out"), "--shards", str(of), "--quiet", "--shard"]
    for number in range(1, of + 1):
        assert main([*words, str(number)]) == 0
    assert main(["merge", str(tmp_path / "out")]) == 0
    assert f"records of {of} shards" in capsys.readouterr().err
    assert (tmp_path / "out" / "policies.jsonl").read_bytes() == (tmp_path / "whole.jsonl").read_bytes()
    assert main(["verify", str(tmp_path / "out")]) == 0
    assert "holds what its manifests promise" in capsys.readouterr().out


@pytest.fixture(scope="module")
def built_shards(tmp_path_factory, annotator) -> Path:
    """Ten pages in `pages`, and their three shards in `out`."""
    folder = tmp_path_factory.mktemp("shards")
    annotate_all([write_pages(folder / "pages", 10)], folder / "out", annotator)
    return folder


@pytest.fixture
def work(built_shards, tmp_path, monkeypatch) -> Path:
    """A copy of it under the same relative names."""
    shutil.copytree(built_shards, tmp_path / "work")
    monkeypatch.chdir(tmp_path / "work")
    annotate_all([Path("pages")], Path("out"), load())  # the paths are part of the records
    return tmp_path / "work"


def shard(number: int, suffix: str = ".jsonl") -> Path:
    return Path("out/shards") / f"{number:05}-of-00003{suffix}"


def flip(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)


SECOND = ["001.html", "004.html", "007.html"]
HARM = {
    "nothing": (lambda: None, []),
    "a shard without its manifest": (lambda: shard(2, ".json").unlink(), SECOND),
    "a manifest without its shard": (lambda: shard(2).unlink(), SECOND),
    "a byte": (lambda: flip(shard(2)), SECOND),
    "the end": (lambda: shard(2).write_bytes(shard(2).read_bytes()[:-5]), SECOND),
    "an empty manifest": (lambda: shard(2, ".json").write_bytes(b""), SECOND),
    "half a manifest": (lambda: shard(2, ".json").write_bytes(shard(2, ".json").read_bytes()[:300]), SECOND),
    "a page that changed": (lambda: Path("pages/004.html").write_text(PAGE.format("changed")), SECOND),
    "a page at the end": (lambda: write_pages(Path("pages"), 1, first=10), [*SECOND, "010.html"]),
    "a page at the beginning": (lambda: shutil.copy("pages/003.html", "pages/!.html"), ["!.html", "002.html", "005.html", "008.html", *[f"{n:03}.html" for n in (0, 3, 6, 9)], *SECOND]),
    "other shards": (lambda: shutil.rmtree("out/shards"), [*[f"{n:03}.html" for n in (0, 3, 6, 9)], *SECOND, "002.html", "005.html", "008.html"]),
}  # fmt: skip


@pytest.mark.parametrize("harm", HARM)
def test_process_shard_skips_complete_shards_and_makes_all_others_again(work, annotator, harm, tmp_path):
    do, again = HARM[harm]
    do()
    assert annotate_all([Path("pages")], Path("out"), annotator) == again
    assert annotate_all([Path("pages")], Path("out"), annotator) == []
    merge(Path("out"), Path("out/policies.jsonl"))
    assert main(["annotate", "pages", "-o", "whole.jsonl", "--quiet"]) == 0
    assert Path("out/policies.jsonl").read_bytes() == Path("whole.jsonl").read_bytes()
    assert list(verify(Path("out"))) == []


def test_process_shard_with_another_model_or_version_makes_all_again(work, annotator, monkeypatch):
    assert len(annotate_all([Path("pages")], Path("out"), Counting(annotator, sha256="0" * 64))) == 10
    assert len(annotate_all([Path("pages")], Path("out"), annotator)) == 10
    monkeypatch.setattr("extractor.run.corpus.shard.MADE_BY", "archived-policy 9.9")
    assert len(annotate_all([Path("pages")], Path("out"), annotator)) == 10


FAULTY = {
    "missing": (lambda: shard(2, ".json").unlink(), "Shard 2 of 3 is missing: run --shards 3 --shard 2 again."),
    "damaged": (lambda: flip(shard(3)), "Shard 3 of 3 is damaged: run --shards 3 --shard 3 again."),
    "of another corpus": (lambda: (write_pages(Path("pages"), 1, first=10), annotate_all([Path("pages")], Path("out"), load(), number=1)), "Shard 1 of 3 was made of another corpus than others"),
    "of another model": (lambda: annotate_all([Path("pages")], Path("out"), Counting(load(), sha256="0" * 64), number=1), "Shard 1 of 3 was made with another model than others"),
    "a page less": (lambda: edit(shard(1, ".json"), pages=[1, 1, 1, 0]), "Shard 1 of 3 does not have one record for each of its pages"),
}  # fmt: skip


def edit(path: Path, **fields) -> None:
    path.write_text(json.dumps({**json.loads(path.read_text()), **fields}))


@pytest.mark.parametrize("fault", FAULTY)
def test_merge_of_faulty_shards_names_the_fault_and_writes_nothing(work, fault, capsys):
    do, message = FAULTY[fault]
    do()
    assert main(["verify", "out"]) == 1
    assert message in capsys.readouterr().out
    assert main(["merge", "out"]) == 1
    assert message in capsys.readouterr().err
    assert not Path("out/policies.jsonl").exists()


MERGED = {
    "a record changed": (lambda: flip(Path("out/policies.jsonl")), "policies.jsonl is not the file that the manifest names"),
    "the file is gone": (lambda: Path("out/policies.jsonl").unlink(), "policies.jsonl is missing"),
    "shards were made anew": (lambda: (Path("pages/004.html").write_text(PAGE.format("new")), annotate_all([Path("pages")], Path("out"), load())), "The shards changed since they were merged"),
    "records do not keep the rules": (lambda: forge(Path("out/policies.jsonl")), "the offsets of segment 0 do not give its text."),
    "no manifest": (lambda: Path("out/manifest.json").unlink(), "policies.jsonl has no manifest.json that can be read"),
    "other counts": (lambda: edit(Path("out/manifest.json"), records={"policies": 11}), "The manifest of policies.jsonl counts {'policies': 11}"),
}  # fmt: skip


def forge(path: Path) -> None:
    """A corpus whose manifest and shards agree with it, and whose offsets are wrong."""
    lines = path.read_bytes().replace(b'"start":16,', b'"start":15,')
    path.write_bytes(lines)
    shutil.rmtree("out/shards")
    edit(
        Path("out/manifest.json"),
        files={path.name: size_and_hash(path)},
        records_sha256=hashlib.sha256(lines).hexdigest(),
    )


@pytest.mark.parametrize("fault", MERGED)
def test_verify_of_a_damaged_merged_corpus_names_the_fault(work, fault, capsys):
    assert main(["merge", "out", "--quiet"]) == 0
    do, message = MERGED[fault]
    do()
    assert main(["verify", "out"]) == 1
    assert message in capsys.readouterr().out


@pytest.mark.parametrize("name", ["policies.jsonl.gz", "policies.jsonl.zst"])
def test_merge_into_another_folder_can_be_verified_without_shards(work, name, capsys):
    Path("published").mkdir()
    assert main(["merge", "out", "-o", f"published/{name}"]) == 0
    assert [policy.source.path for policy in read_jsonl(f"published/{name}")] == [
        f"pages/{n:03}.html" for n in range(10)
    ]
    assert main(["verify", "published"]) == 0
    assert json.loads(Path("published/manifest.json").read_text())["records"]["policies"] == 10
    assert main(["merge", "out", "-o", "published/policies.jsonl"]) == 2
    assert "is there already" in capsys.readouterr().err


def test_export_history_and_report_of_a_merged_folder_work(work, capsys):
    assert main(["export", "out", "--format", "csv", "-o", "out.csv"]) == 1
    assert "Merge its shards first: `archived-policy merge out`." in capsys.readouterr().err
    assert main(["merge", "out", "--quiet"]) == 0
    assert main(["export", "out", "--format", "csv", "-o", "out.csv", "--quiet"]) == 0
    assert main(["report", "out", "-o", "report.html", "--quiet"]) == 0
    assert main(["history", "out", "--quiet"]) == 0
    assert write_records_parquet(read_jsonl("out/policies.jsonl"), Path("again.parquet"))


def test_merge_of_shards_made_with_other_libraries_warns(work, capsys):
    edit(shard(2, ".json"), libraries={"selectolax": "0.1"})
    assert main(["merge", "out", "--quiet"]) == 0
    assert "The machines had different versions of libraries" in capsys.readouterr().err


def test_merge_of_many_shards_needs_few_open_files(work, annotator):
    annotate_all([Path("pages")], Path("many"), annotator, of=200)
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    highest = max(int(path.name) for path in Path("/dev/fd").iterdir())  # other tests may have left files open
    resource.setrlimit(resource.RLIMIT_NOFILE, (highest + 30, hard))
    try:
        merge(Path("many"), Path("many/policies.jsonl"))
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    merge(Path("out"), Path("out/policies.jsonl"))
    assert Path("many/policies.jsonl").read_bytes() == Path("out/policies.jsonl").read_bytes()


def test_merge_with_two_numbers_of_shards_takes_the_complete_one(work, annotator, capsys):
    assert len(annotate_all([Path("pages")], Path("out"), annotator, of=2, number=1)) == 5
    assert main(["merge", "out", "--quiet"]) == 0  # the three are complete
    assert annotate_all([Path("pages")], Path("out"), annotator, of=2) == [f"{n:03}.html" for n in range(1, 10, 2)]
    assert main(["merge", "out", "--quiet"]) == 1
    assert "out holds shards of 2 and of 3: keep one division" in capsys.readouterr().err


def test_merge_where_a_listing_lacks_a_new_shard_counts_it_as_there(work, annotator, capsys, monkeypatch):
    annotate_all([Path("pages")], Path("out"), annotator, of=2)
    listed = Path.glob
    monkeypatch.setattr(
        Path, "glob", lambda path, pattern: (p for p in listed(path, pattern) if p.name != "00003-of-00003.json")
    )
    assert main(["merge", "out", "--quiet"]) == 1
    assert "out holds shards of 2 and of 3: keep one division" in capsys.readouterr().err


@pytest.mark.parametrize("of", [1, 5])
def test_merge_of_a_corpus_without_pages_writes_an_empty_file(tmp_path, of, capsys):
    (tmp_path / "lines.jsonl").write_text("")
    words = ["annotate", str(tmp_path / "lines.jsonl"), "--quiet", "-o"]
    assert main([*words, str(tmp_path / "whole.jsonl")]) == 1
    assert main([*words, str(tmp_path / "out"), "--shards", str(of)]) == 1
    assert capsys.readouterr().err.count("lines.jsonl holds no page.") == 1 + of
    assert main(["merge", str(tmp_path / "out"), "--quiet"]) == 0
    assert (tmp_path / "out" / "policies.jsonl").read_bytes() == (tmp_path / "whole.jsonl").read_bytes() == b""
    assert main(["verify", str(tmp_path / "out"), "--quiet"]) == 0


WRONG = {
    "--shards 0 -o out": "must be a whole number of 1 or more",
    "--shards 2 --shard 0 -o out": "must be a whole number of 1 or more",
    "--shards two -o out": "must be a whole number of 1 or more",
    "--shards 2 --shard 3 -o out": "There is no shard 3 of 2: --shards N says how many there are.",
    "--shard 1 -o out": "There is no shard 1 of 0: --shards N says how many there are.",
    "--shards 2": "Shards are made in a folder: name it with -o DIR.",
    "--engine ray": "Shards are made in a folder: name it with -o DIR.",
    "--engine ray --shards 2 --shard 1 -o out": "leave --shard out",
    "--ray-address auto --shards 2 --shard 1 -o out": "Ray makes all shards: leave --shard out.",
    "--engine spark -o out": "invalid choice: 'spark'",
    "--shards 2 -o pages/out": "pages/out lies in pages, where pages are read from: name a folder outside.",
    "--shards 2 -o run": "run is a run folder: name another one for the shards.",
}


@pytest.mark.parametrize("words", WRONG)
def test_annotate_with_wrong_shard_options_is_a_usage_error(tmp_path, monkeypatch, capsys, words):
    monkeypatch.chdir(tmp_path)
    write_pages(Path("pages"), 1)
    Path("run").mkdir()
    Path("run/ledger.sqlite").touch()
    try:
        code = main(["annotate", "pages", *words.split()])
    except SystemExit as end:
        code = end.code
    assert code == 2
    message = capsys.readouterr().err
    assert WRONG[words] in message
    assert "Traceback" not in message


@pytest.mark.parametrize(
    ("words", "code", "message"),
    [
        ("annotate nowhere -o out --shards 2", 1, "There is no file or folder nowhere: check the path"),
        ("annotate pages -o file --shards 2", 1, "a file stands where a folder has to be"),
        ("annotate pages --strict -o out --shards 1", 1, "holds no page"),
        ("merge pages", 1, "pages holds no shards"),
        ("merge pages", 1, "wait a minute and run this again"),
        ("verify pages", 1, "pages is no run folder: it has no ledger.sqlite, and it holds no shards."),
    ],
)
def test_merge_or_verify_of_what_cannot_be_read_is_an_error(tmp_path, monkeypatch, capsys, words, code, message):
    monkeypatch.chdir(tmp_path)
    write_pages(Path("pages"), 1)
    Path("file").touch()
    if "strict" in words:
        words += " --url-pattern nothing"
    assert main(words.split()) == code
    assert message in capsys.readouterr().err


def test_merge_does_not_replace_a_manifest_of_another_kind(work, capsys):
    Path("manifest.json").write_text("{}")
    assert main(["merge", "out", "-o", "/dev/null"]) == 2
    assert "/dev/null is not a file" in capsys.readouterr().err
    assert main(["merge", "out", "-o", "policies.jsonl"]) == 2
    assert "manifest.json was not written by merge" in capsys.readouterr().err
    assert Path("manifest.json").read_text() == "{}"


def write_slow_pages(count: int) -> None:
    """Pages of which the last is heavy, so that it waits for a process of its own to start."""
    write_pages(Path("pages"), count - 1)
    Path(f"pages/{count - 1:03}.html").write_text(PAGE.format("<b></b>" * 11_000))


def start_command(*words: str) -> subprocess.Popen:
    return subprocess.Popen(
        [COMMAND, "annotate", "pages", "-o", "out", "--quiet", *words], stderr=subprocess.PIPE, text=True
    )


def drafts_in() -> list[Path]:
    return list(Path("out/shards").glob(".*.part"))


@pytest.mark.parametrize(("number", "code"), [(signal.SIGKILL, -9), (signal.SIGINT, 11)])
def test_annotate_after_a_shard_was_stopped_makes_it_again(tmp_path, monkeypatch, number, code):
    monkeypatch.chdir(tmp_path)
    write_slow_pages(300)
    running = start_command("--shards", "2")
    while not in_second_shard() and running.poll() is None:
        time.sleep(0.01)
    running.send_signal(number)
    _, message = running.communicate()
    assert running.returncode == code
    assert "Traceback" not in message
    assert [path.name for path in Path("out/shards").glob("*.json*")].count("00001-of-00002.json") == 1
    assert not Path("out/shards/00002-of-00002.json").exists()
    first = Path("out/shards/00001-of-00002.jsonl").stat().st_mtime_ns
    assert start_command("--shards", "2").wait() == 0
    assert Path("out/shards/00001-of-00002.jsonl").stat().st_mtime_ns == first
    assert main(["merge", "out", "--quiet"]) == 0
    assert drafts_in() == []
    assert main(["annotate", "pages", "-o", "whole.jsonl", "--quiet"]) == 0
    assert Path("out/policies.jsonl").read_bytes() == Path("whole.jsonl").read_bytes()


def in_second_shard() -> bool:
    """Whether the first of two shards is complete, and some records of the second are written."""
    sizes = [draft.stat().st_size for draft in Path("out/shards").glob(".00002-of-00002.jsonl.*")]
    return Path("out/shards/00001-of-00002.json").exists() and bool(sizes) and sizes[0] > 50_000


def test_two_processes_that_make_one_shard_write_the_same_bytes(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    write_slow_pages(100)
    both = [start_command("--shards", "2", "--shard", "2") for _ in range(2)]
    seen = 0
    while any(one.poll() is None for one in both):
        seen = max(seen, len(drafts_in()))
        time.sleep(0.005)
    assert [one.returncode for one in both] == [0, 0]
    assert seen == 2
    assert start_command("--shards", "2").wait() == 0
    assert main(["verify", "out", "--quiet"]) == 0
    assert main(["merge", "out", "--quiet"]) == 0
    assert len(list(read_jsonl("out/policies.jsonl"))) == 100


def test_summarize_adds_up_the_outcomes_of_any_engine(tmp_path, annotator):
    """An engine that yields shards in reverse order, and an error for one of them."""
    corpus, out = CorpusSpec((write_pages(tmp_path / "pages", 7), tmp_path / "lines.jsonl")), tmp_path / "out"
    (tmp_path / "lines.jsonl").write_text('{"no": "page"}\n')
    process_shard(shards_of(corpus, out, 4)[3], out, annotator)

    def engine(shards):
        for one in reversed(shards):
            lost = one.position.number == 2
            yield one, ArchivedPolicyError("the machine died.") if lost else process_shard(one, out, annotator)

    summary = summarize(engine(shards_of(corpus, out, 4)))
    assert (summary.made, summary.kept, summary.records) == (2, 1, 5)
    assert summary.lost == ["Shard 2 of 4 is missing: the machine died."]
    assert len(summary.unread) == 1
    assert list(verify(out)) == ["Shard 2 of 4 is missing: run --shards 4 --shard 2 again."]
    assert summarize(engine(shards_of(corpus, out, 4))).kept == 3


def test_annotate_on_ray_without_ray_names_the_extra(tmp_path, monkeypatch, capsys):
    monkeypatch.setitem(sys.modules, "ray", None)
    write_pages(tmp_path / "pages", 1)
    assert main(["annotate", str(tmp_path / "pages"), "-o", str(tmp_path / "out"), "--engine", "ray"]) == 4
    assert re.search(r"--engine ray needs the extra ray, .* install .*\[ray\]'", capsys.readouterr().err)


def test_the_slurm_script_in_the_docs_makes_a_corpus(tmp_path, monkeypatch):
    """The script in docs/cluster.md for three shards, run as the scheduler does, once for each number."""
    monkeypatch.chdir(tmp_path)
    write_pages(Path("pages"), 5)
    script = re.search(r"```bash\n(.*?)```", DOCUMENT.read_text(), re.DOTALL)[1]
    assert "#SBATCH --array=1-100\n" in script
    Path("annotate.sbatch").write_text(script.replace("SHARDS=100", "SHARDS=3"))
    subprocess.run(["bash", "-n", "annotate.sbatch"], check=True)
    for number in (1, 2, 3):
        known = {**os.environ, "SLURM_ARRAY_TASK_ID": str(number), "PATH": f"{COMMAND.parent}:{os.environ['PATH']}"}
        subprocess.run(["bash", "annotate.sbatch"], check=True, env=known)
    assert main(["merge", "corpus", "--quiet"]) == 0
    assert main(["verify", "corpus", "--quiet"]) == 0
    assert len(list(read_jsonl("corpus/policies.jsonl"))) == 5


def test_every_command_in_the_cluster_docs_parses():
    commands = re.findall(r"^    archived-policy (.*)$", DOCUMENT.read_text(), re.MULTILINE)
    assert len(commands) >= 8
    for command in commands:
        build_parser().parse_args(shlex.split(command, comments=True))
