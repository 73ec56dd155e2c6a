"""A corpus that is annotated in shards is, merged, the one that is annotated at once; whatever happens on the way."""

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
from extractor.cli import main
from extractor.cli.parser import build_parser
from extractor.corpora import Wanted
from extractor.errors import ArchivedPolicyError
from extractor.exports.parquet import write_parquet
from extractor.files import fingerprint
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
def mixed(tmp_path_factory, sample_warc) -> tuple[Path, ...]:
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


EVERYTHING = Wanted()


def dealt(paths, of, wanted=EVERYTHING):
    """The pages of each share, and its tally."""
    tallies = [CorpusTally() for _ in range(of)]
    shares = [list(read_paths(paths, tally, wanted, position=ShardPosition(n, of))) for n, tally in enumerate(tallies, 1)]
    return shares, tallies


def put_together(shares, tallies):
    """Part by part, each from the share whose turn it is."""
    rest = list(map(iter, shares))
    of = len(shares)
    return [next(rest[p % of]) for p in range(tallies[0].parts) for _ in range(tallies[p % of].pages[p // of])]


@pytest.mark.parametrize("of", [1, 2, 3, 4, 7, 10, 30])
def test_each_page_is_in_one_share_and_the_order_is_kept(mixed, of):
    whole, [tally] = dealt(mixed, 1)
    shares, tallies = dealt(mixed, of)
    assert put_together(shares, tallies) == whole[0]
    assert sum(map(len, shares)) == len(whole[0]) > 40
    assert {(one.parts, one.names.hexdigest()) for one in tallies if of > 1} <= {
        (tallies[0].parts, tallies[0].names.hexdigest())
    }
    assert sorted(reason for one in tallies for reason in one.unread) == sorted(tally.unread)
    assert len(tally.unread) >= 4


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(files=st.lists(st.integers(0, 7), max_size=9), of=st.integers(1, 12))
def test_files_of_lines_are_dealt_out_whole_or_line_by_line(tmp_path_factory, files, of):
    folder = tmp_path_factory.mktemp("lines")
    paths = [write_lines(folder / f"{number}.jsonl", count) for number, count in enumerate(files)]
    shares, tallies = dealt(paths, of)
    assert put_together(shares, tallies) == dealt(paths, 1)[0][0]


def test_of_many_archives_each_is_listed_by_one_shard_only(tmp_path):
    paths = [write_lines(tmp_path / f"{number}.jsonl", 3) for number in range(8)]
    shares, tallies = dealt(paths, 2)
    assert [len({page.source.path for page in share}) for share in shares] == [4, 4]
    assert tallies[0].pages == [3, 3, 3, 3]


def test_shares_are_alike_in_size(mixed):
    shares, _ = dealt(mixed, 4)
    assert max(map(len, shares)) - min(map(len, shares)) <= 3


@pytest.mark.parametrize("pattern", ["*shop3*", "*nowhere*"])
def test_a_pattern_is_kept_by_each_share(mixed, pattern):
    wanted = Wanted(url_pattern=pattern)
    assert put_together(*dealt(mixed[1:2], 3, wanted)) == dealt(mixed[1:2], 1, wanted)[0][0]


@pytest.fixture(scope="module")
def annotator():
    return load()


class Counting:
    """An annotator that counts what it is asked."""

    def __init__(self, annotator, sha256=""):
        self.annotator, self.asked = annotator, []
        self.model = Model(annotator.model, sha256) if sha256 else annotator.model

    def pipe(self, pages, *, workers=1, together=1):
        for page in pages:
            self.asked.append(Path(page.source.path).name)
            yield self.annotator(page)


class Model:
    def __init__(self, model, sha256):
        self.name, self.version, self.sha256 = model.name, model.version, sha256


def nothing(*_) -> None:
    pass


def annotated(paths, folder, annotator, of=3, number=0) -> list[str]:
    """Makes shards; gives the names of the pages that had to be annotated."""
    counting = annotator if isinstance(annotator, Counting) else Counting(annotator)
    annotate_shards(CorpusSpec(tuple(paths)), folder, counting, nothing, of=of, number=number, workers=1)
    return counting.asked


@pytest.mark.parametrize("of", [1, 3, 40])
def test_merged_it_is_byte_for_byte_what_annotate_writes(mixed, tmp_path, of, capsys):
    here = [str(path) for path in mixed if path.exists() and path.suffix != ".gz"]  # the WARC's PDFs take seconds
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
def made(tmp_path_factory, annotator) -> Path:
    """Ten pages in `pages`, and their three shards in `out`."""
    folder = tmp_path_factory.mktemp("made")
    annotated([write_pages(folder / "pages", 10)], folder / "out", annotator)
    return folder


@pytest.fixture
def work(made, tmp_path, monkeypatch) -> Path:
    """A copy of it under the same relative names."""
    shutil.copytree(made, tmp_path / "work")
    monkeypatch.chdir(tmp_path / "work")
    annotated([Path("pages")], Path("out"), load())  # the paths are part of the records
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
def test_what_is_complete_is_skipped_and_all_else_is_made_again(work, annotator, harm, tmp_path):
    do, again = HARM[harm]
    do()
    assert annotated([Path("pages")], Path("out"), annotator) == again
    assert annotated([Path("pages")], Path("out"), annotator) == []
    merge(Path("out"), Path("out/policies.jsonl"))
    assert main(["annotate", "pages", "-o", "whole.jsonl", "--quiet"]) == 0
    assert Path("out/policies.jsonl").read_bytes() == Path("whole.jsonl").read_bytes()
    assert list(verify(Path("out"))) == []


def test_another_model_or_version_makes_all_again(work, annotator, monkeypatch):
    assert len(annotated([Path("pages")], Path("out"), Counting(annotator, sha256="0" * 64))) == 10
    assert len(annotated([Path("pages")], Path("out"), annotator)) == 10
    monkeypatch.setattr("extractor.run.corpus.shard.MADE_BY", "archived-policy 9.9")
    assert len(annotated([Path("pages")], Path("out"), annotator)) == 10


FAULTY = {
    "missing": (lambda: shard(2, ".json").unlink(), "Shard 2 of 3 is missing: run --shards 3 --shard 2 again."),
    "damaged": (lambda: flip(shard(3)), "Shard 3 of 3 is damaged: run --shards 3 --shard 3 again."),
    "of another corpus": (lambda: (write_pages(Path("pages"), 1, first=10), annotated([Path("pages")], Path("out"), load(), number=1)), "Shard 1 of 3 was made of another corpus than others"),
    "of another model": (lambda: annotated([Path("pages")], Path("out"), Counting(load(), sha256="0" * 64), number=1), "Shard 1 of 3 was made with another model than others"),
    "a page less": (lambda: edit(shard(1, ".json"), pages=[1, 1, 1, 0]), "Shard 1 of 3 does not have one record for each of its pages"),
}  # fmt: skip


def edit(path: Path, **fields) -> None:
    path.write_text(json.dumps({**json.loads(path.read_text()), **fields}))


@pytest.mark.parametrize("fault", FAULTY)
def test_what_is_wrong_is_said_and_not_merged(work, fault, capsys):
    do, said = FAULTY[fault]
    do()
    assert main(["verify", "out"]) == 1
    assert said in capsys.readouterr().out
    assert main(["merge", "out"]) == 1
    assert said in capsys.readouterr().err
    assert not Path("out/policies.jsonl").exists()


MERGED = {
    "a record changed": (lambda: flip(Path("out/policies.jsonl")), "policies.jsonl is not the file that the manifest names"),
    "the file is gone": (lambda: Path("out/policies.jsonl").unlink(), "policies.jsonl is missing"),
    "shards were made anew": (lambda: (Path("pages/004.html").write_text(PAGE.format("new")), annotated([Path("pages")], Path("out"), load())), "The shards changed since they were merged"),
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
        files={path.name: fingerprint(path)},
        records_sha256=hashlib.sha256(lines).hexdigest(),
    )


@pytest.mark.parametrize("fault", MERGED)
def test_verify_sees_what_became_of_a_merged_corpus(work, fault, capsys):
    assert main(["merge", "out", "--quiet"]) == 0
    do, said = MERGED[fault]
    do()
    assert main(["verify", "out"]) == 1
    assert said in capsys.readouterr().out


@pytest.mark.parametrize("name", ["policies.jsonl.gz", "policies.jsonl.zst"])
def test_a_corpus_can_be_merged_elsewhere_and_verified_without_its_shards(work, name, capsys):
    Path("published").mkdir()
    assert main(["merge", "out", "-o", f"published/{name}"]) == 0
    assert [policy.source.path for policy in read_jsonl(f"published/{name}")] == [
        f"pages/{n:03}.html" for n in range(10)
    ]
    assert main(["verify", "published"]) == 0
    assert json.loads(Path("published/manifest.json").read_text())["records"]["policies"] == 10
    assert main(["merge", "out", "-o", "published/policies.jsonl"]) == 2
    assert "is there already" in capsys.readouterr().err


def test_export_history_and_report_take_the_folder(work, capsys):
    assert main(["export", "out", "--format", "csv", "-o", "out.csv"]) == 1
    assert "Merge its shards first: `archived-policy merge out`." in capsys.readouterr().err
    assert main(["merge", "out", "--quiet"]) == 0
    assert main(["export", "out", "--format", "csv", "-o", "out.csv", "--quiet"]) == 0
    assert main(["report", "out", "-o", "report.html", "--quiet"]) == 0
    assert main(["history", "out", "--quiet"]) == 0
    assert write_parquet(read_jsonl("out/policies.jsonl"), Path("again.parquet"))


def test_machines_with_other_libraries_are_told_of(work, capsys):
    edit(shard(2, ".json"), libraries={"lxml": "0.1"})
    assert main(["merge", "out", "--quiet"]) == 0
    assert "The machines had different versions of libraries" in capsys.readouterr().err


def test_merging_needs_few_open_files(work, annotator):
    annotated([Path("pages")], Path("many"), annotator, of=200)
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    highest = max(int(path.name) for path in Path("/dev/fd").iterdir())  # other tests leave files open
    resource.setrlimit(resource.RLIMIT_NOFILE, (highest + 30, hard))
    try:
        merge(Path("many"), Path("many/policies.jsonl"))
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    merge(Path("out"), Path("out/policies.jsonl"))
    assert Path("many/policies.jsonl").read_bytes() == Path("out/policies.jsonl").read_bytes()


def test_another_number_of_shards_is_another_division(work, annotator, capsys):
    assert len(annotated([Path("pages")], Path("out"), annotator, of=2, number=1)) == 5
    assert main(["merge", "out", "--quiet"]) == 0  # the three are complete
    assert annotated([Path("pages")], Path("out"), annotator, of=2) == [f"{n:03}.html" for n in range(1, 10, 2)]
    assert main(["merge", "out", "--quiet"]) == 1
    assert "out holds shards of 2 and of 3: keep one division" in capsys.readouterr().err


@pytest.mark.parametrize("of", [1, 5])
def test_nothing_to_annotate_is_an_empty_corpus(tmp_path, of, capsys):
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
def test_wrong_usage_is_a_sentence(tmp_path, monkeypatch, capsys, words):
    monkeypatch.chdir(tmp_path)
    write_pages(Path("pages"), 1)
    Path("run").mkdir()
    Path("run/ledger.sqlite").touch()
    try:
        code = main(["annotate", "pages", *words.split()])
    except SystemExit as end:
        code = end.code
    assert code == 2
    said = capsys.readouterr().err
    assert WRONG[words] in said
    assert "Traceback" not in said


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        ("annotate nowhere -o out --shards 2", 1, "There is no file or folder nowhere: check the path"),
        ("annotate pages -o file --shards 2", 1, "a file stands where a folder has to be"),
        ("annotate pages --strict -o out --shards 1", 1, "holds no page"),
        ("merge pages", 1, "pages holds no shards"),
        ("verify pages", 1, "pages is no run folder: it has no ledger.sqlite, and it holds no shards."),
    ],
)
def test_what_cannot_be_done_is_a_sentence(tmp_path, monkeypatch, capsys, words, code, said):
    monkeypatch.chdir(tmp_path)
    write_pages(Path("pages"), 1)
    Path("file").touch()
    if "strict" in words:
        words += " --url-pattern nothing"
    assert main(words.split()) == code
    assert said in capsys.readouterr().err


def test_manifests_of_others_are_not_replaced(work, capsys):
    Path("manifest.json").write_text("{}")
    assert main(["merge", "out", "-o", "/dev/null"]) == 2
    assert "/dev/null is not a file" in capsys.readouterr().err
    assert main(["merge", "out", "-o", "policies.jsonl"]) == 2
    assert "manifest.json was not written by merge" in capsys.readouterr().err
    assert Path("manifest.json").read_text() == "{}"


def write_slow_pages(count: int) -> None:
    """Pages of which the last is heavy: it is read in a process of its own, which takes a while to start."""
    write_pages(Path("pages"), count - 1)
    Path(f"pages/{count - 1:03}.html").write_text(PAGE.format("<b></b>" * 11_000))


def started(*words: str) -> subprocess.Popen:
    return subprocess.Popen(
        [COMMAND, "annotate", "pages", "-o", "out", "--quiet", *words], stderr=subprocess.PIPE, text=True
    )


def drafts() -> list[Path]:
    return list(Path("out/shards").glob(".*.part"))


@pytest.mark.parametrize(("number", "code"), [(signal.SIGKILL, -9), (signal.SIGINT, 11)])
def test_a_shard_that_is_stopped_in_its_middle_is_made_again(tmp_path, monkeypatch, number, code):
    monkeypatch.chdir(tmp_path)
    write_slow_pages(300)
    running = started("--shards", "2")
    while not in_second_shard() and running.poll() is None:
        time.sleep(0.01)
    running.send_signal(number)
    _, said = running.communicate()
    assert running.returncode == code
    assert "Traceback" not in said
    assert [path.name for path in Path("out/shards").glob("*.json*")].count("00001-of-00002.json") == 1
    assert not Path("out/shards/00002-of-00002.json").exists()
    first = Path("out/shards/00001-of-00002.jsonl").stat().st_mtime_ns
    assert started("--shards", "2").wait() == 0
    assert Path("out/shards/00001-of-00002.jsonl").stat().st_mtime_ns == first
    assert main(["merge", "out", "--quiet"]) == 0
    assert drafts() == []
    assert main(["annotate", "pages", "-o", "whole.jsonl", "--quiet"]) == 0
    assert Path("out/policies.jsonl").read_bytes() == Path("whole.jsonl").read_bytes()


def in_second_shard() -> bool:
    """Whether the first of two shards is complete, and some records of the second are written."""
    sizes = [draft.stat().st_size for draft in Path("out/shards").glob(".00002-of-00002.jsonl.*")]
    return Path("out/shards/00001-of-00002.json").exists() and bool(sizes) and sizes[0] > 50_000


def test_two_that_make_one_shard_at_once_do_no_harm(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    write_slow_pages(100)
    both = [started("--shards", "2", "--shard", "2") for _ in range(2)]
    seen = 0
    while any(one.poll() is None for one in both):
        seen = max(seen, len(drafts()))
        time.sleep(0.005)
    assert [one.returncode for one in both] == [0, 0]
    assert seen == 2
    assert started("--shards", "2").wait() == 0
    assert main(["verify", "out", "--quiet"]) == 0
    assert main(["merge", "out", "--quiet"]) == 0
    assert len(list(read_jsonl("out/policies.jsonl"))) == 100


def test_whatever_engine_makes_the_shards_their_outcomes_add_up(tmp_path, annotator):
    """An engine gives shards in any order, and an error for one that it could not make."""
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


def test_without_ray_the_engine_says_what_to_install(tmp_path, monkeypatch, capsys):
    monkeypatch.setitem(sys.modules, "ray", None)
    write_pages(tmp_path / "pages", 1)
    assert main(["annotate", str(tmp_path / "pages"), "-o", str(tmp_path / "out"), "--engine", "ray"]) == 4
    assert "--engine ray needs the extra: pip install 'archived-policy[ray]'." in capsys.readouterr().err


def test_the_script_for_slurm_makes_a_corpus(tmp_path, monkeypatch):
    """The script of docs/cluster.md, for three shards, run as the scheduler would: once for each number."""
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


def test_every_command_of_the_document_is_one():
    commands = re.findall(r"^    archived-policy (.*)$", DOCUMENT.read_text(), re.MULTILINE)
    assert len(commands) >= 8
    for command in commands:
        build_parser().parse_args(shlex.split(command, comments=True))
