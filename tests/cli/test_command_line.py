"""The command line as a person meets it: what is on stdout, what on stderr, and the exit code."""

import io
import json
import shutil
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from extractor.cli import main
from extractor.cli.commands import COMMANDS as ALL_COMMANDS

COMMAND = Path(sys.executable).with_name("archived-policy")
PAGE = (
    "<title>Privacy</title><h1>Privacy policy</h1><h2>Cookies</h2><p>We use cookies to remember what is in your basket. You "
    "can set your browser to refuse cookies.</p><h2>Sharing</h2><p>We share your personal information with third parties "
    "such as advertisers and service providers who work on our behalf.</p>"
)


@pytest.fixture
def page(tmp_path) -> Path:
    path = tmp_path / "policy.html"
    path.write_text(PAGE)
    return path


def run_on_sample(sample_warc, folder, *more: str) -> int:
    return main(["run", "tadpole-club.example", "--archive-base", str(sample_warc), "-o", str(folder), *more])


def test_run_leaves_the_files_that_the_readme_lists_and_prints_a_summary(tmp_path, sample_warc, capsys):
    assert run_on_sample(sample_warc, tmp_path / "out") == 0
    captured = capsys.readouterr()
    assert captured.out == ""
    assert "captures" in captured.err
    assert "policies.jsonl" in captured.err
    found = {path.relative_to(tmp_path / "out").as_posix() for path in (tmp_path / "out").rglob("*") if path.is_file()}
    assert found >= {
        "policies.jsonl", "manifest.json", "report.html", "ledger.sqlite", "archive/captures.warc.gz", "archive/captures.cdxj",
    }  # fmt: skip
    assert main(["verify", str(tmp_path / "out")]) == 0
    assert main(["report", str(tmp_path / "out"), "-o", str(tmp_path / "again.html")]) == 0
    assert "tadpole-club.example" in (tmp_path / "again.html").read_text(encoding="utf-8")


def test_run_with_quiet_prints_nothing(tmp_path, sample_warc, capsys):
    assert run_on_sample(sample_warc, tmp_path, "--quiet") == 0
    assert capsys.readouterr() == ("", "")


def test_captures_prints_what_run_would_fetch(sample_warc, capsys):
    assert main(["captures", "brightcart.example", "--archive-base", str(sample_warc), "--to", "2003"]) == 0
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [line["timestamp"][:4] for line in lines] == ["1999", "2001", "2003"]
    assert all("nearest the middle" in line["why"] for line in lines)


def test_annotate_of_good_and_bad_pages_writes_a_record_for_each(tmp_path, page, capsys):
    (tmp_path / "empty.html").write_bytes(b"")
    (tmp_path / "image.html").write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(100))
    out = tmp_path / "out.jsonl"
    assert main(["annotate", str(tmp_path), "-o", str(out), "--quiet"]) == 0
    records = [json.loads(line) for line in out.read_text(encoding="utf-8").splitlines()]
    assert [(Path(r["source"]["path"]).name, r["verdict"]["usable"]) for r in records] == [
        ("empty.html", False), ("image.html", False), ("policy.html", True),
    ]  # fmt: skip
    assert {practice for segment in records[2]["segments"] for practice in segment["practices"]} >= {
        "cookies",
        "sharing",
    }
    assert records[2]["segments"][0]["headings"] == ["Privacy policy", "Cookies"]


def test_annotate_with_any_number_of_workers_writes_the_same_bytes(tmp_path, page, sample_warc):
    for number in range(40):
        shutil.copy(page, tmp_path / f"{number:02}.html")
    outs = [tmp_path / f"out{workers}.jsonl" for workers in (1, 2)]
    for workers, out in enumerate(outs, 1):
        paths = [str(tmp_path), str(sample_warc)]
        assert main(["annotate", *paths, "-o", str(out), "--quiet", "--workers", str(workers)]) == 0
    assert outs[0].read_bytes() == outs[1].read_bytes()


def test_annotate_with_a_missing_path_names_it_and_does_the_rest(tmp_path, page, capsys):
    out = tmp_path / "out.jsonl"
    assert main(["annotate", str(tmp_path / "none"), str(page), "-o", str(out)]) == 1
    assert "There is no file or folder" in capsys.readouterr().err
    assert len(out.read_text().splitlines()) == 1


def test_extract_writes_the_page_in_each_format(page, capsysbinary):
    assert main(["extract", str(page)]) == 0
    assert capsysbinary.readouterr().out.startswith(b"# Privacy policy\n\n## Cookies\n\nWe use cookies")
    assert main(["extract", str(page), "--format", "text"]) == 0
    assert b"#" not in capsysbinary.readouterr().out
    assert main(["extract", str(page), "--format", "json"]) == 0
    assert json.loads(capsysbinary.readouterr().out)["labelled"] is False


def test_label_keeps_the_lines_and_their_order(tmp_path, capsysbinary):
    lines = [{"text": "We use cookies.", "id": 7}, {"text": "", "headings": ["Cookies"]}, {"text": "a\u2028\ud800b"}]
    (tmp_path / "in.jsonl").write_text("\n".join(map(json.dumps, lines)) + "\n")
    for scheme, size in (("practices", 5), ("opp115", 12)):
        assert main(["label", str(tmp_path / "in.jsonl"), "--scheme", scheme]) == 0
        out = [json.loads(line) for line in capsysbinary.readouterr().out.split(b"\n") if line]
        assert [{key: line[key] for key in before} for line, before in zip(out, lines, strict=True)] == lines
        assert all(len(line["scores"]) == size and set(line["labels"]) <= set(line["scores"]) for line in out)
        assert "labels" in out[0]
        assert ("polarity" in out[0]) == (scheme == "practices")


def test_label_adds_polarity_and_data_types(tmp_path, capsysbinary):
    (tmp_path / "in.jsonl").write_text(json.dumps({"text": "We do not sell your e-mail address to advertisers."}))
    assert main(["label", str(tmp_path / "in.jsonl")]) == 0
    line = json.loads(capsysbinary.readouterr().out)
    assert line["polarity"]["sharing"] == "does_not" and line["data_types"]["sharing"] == ["contact"]


def test_label_with_a_bad_line_names_it_and_does_the_others(monkeypatch, capsysbinary):
    monkeypatch.setattr(
        "sys.stdin", io.TextIOWrapper(io.BytesIO(b'{"text": "We use cookies."}\n\nnot json\n{"no": "text"}\n'))
    )
    assert main(["label"]) == 1
    captured = capsysbinary.readouterr()
    out = [json.loads(line) for line in captured.out.splitlines()]
    assert ["labels" in line for line in out] == [True, False, False]
    assert b"line 3 is not JSON" in captured.err
    assert b"line 4 has no text" in captured.err


@pytest.mark.parametrize(
    ("line", "labelled"),
    [
        ('{"text": "We use cookies.", "headings": 5, "context": {"a": []}}', True),
        ('{"text": "We use cookies.", "headings": {"a": 1}}', True),
        ('{"text": "We use cookies.", "headings": null, "error": "of mine", "labels": "mine"}', True),
        ('{"text": null}', False),
        ('{"text": 3}', False),
        ('{"text": "We use cookies.", "n": NaN}', False),
        ("[" * 100_000, False),
        ('["text"]', False),
    ],
)
def test_label_of_a_line_of_any_form_adds_labels_or_an_error(tmp_path, capsysbinary, line, labelled):
    (tmp_path / "in.jsonl").write_text(f'{line}\n{{"text": "We use cookies."}}\n')
    assert main(["label", str(tmp_path / "in.jsonl")]) == (0 if labelled else 1)
    captured = capsysbinary.readouterr()
    first, second = map(json.loads, captured.out.splitlines())
    assert ("scores" in first, "scores" in second) == (labelled, True)
    assert len(captured.err.splitlines()) == (0 if labelled else 1)


def unused_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.mark.parametrize(
    ("words", "code", "says"),
    [
        (["run", "not a target", "-o", "{tmp}/o"], 2, "neither a domain nor a URL"),
        (["run", "a.example", "-o", "{tmp}/o", "--from", "someday"], 2, "is not a date"),
        (["run", "@{tmp}/none.txt", "-o", "{tmp}/o"], 1, "none.txt cannot be read: No such file"),
        (["run", "@{tmp}/empty.txt", "-o", "{tmp}/o"], 2, "No target was given"),
        (["run", "a.example", "-o", "{tmp}/o", "--archive-base", "{tmp}/none.warc.gz"], 1, "There is no file"),
        (["run", "a.example", "-o", "{tmp}/o", "--archive-base", "{tmp}/broken.warc.gz"], 1, "no readable WARC"),
        (["run", "a.example", "-o", "{tmp}/o", "--archive-base", "{tmp}/broken.wacz"], 1, "no readable WACZ"),
        (["run", "a.example", "-o", "{tmp}/o", "--archive-base", "ftp://archive.example"], 2, "is no archive"),
        (["run", "a.example", "-o", "{tmp}/o", "--archive-base", "{tmp}"], 2, "is a folder"),
        (["run", "a.example", "-o", "{tmp}/o", "--archive-base", ""], 2, "is no archive"),
        (["run", "a.example", "-o", "{tmp}/o", "--archive-base", "http://"], 2, "is no archive"),
        (["run", "nobody.example", "-o", "{tmp}/o", "--archive-base", "{sample}"], 1, "holds no privacy policy"),
        (
            ["run", "tadpole-club.example", "-o", "{tmp}/file/o", "--archive-base", "{sample}"],
            1,
            "a file stands where a folder has to be",
        ),
        (["run", "tadpole-club.example", "-o", "{tmp}/file", "--archive-base", "{sample}"], 1, "a file stands where"),
        (["run", "tadpole-club.example", "-o", "/dev/full", "--archive-base", "{sample}"], 1, "Cannot read or write"),
        (["run", "tadpole-club.example", "-o", "/proc/o", "--archive-base", "{sample}"], 1, "Cannot read or write"),
        (
            ["run", "a.example", "-o", "{tmp}/o", "--archive-base", "http://127.0.0.1:{port}"],
            18,
            "refused the connection",
        ),
        (["annotate", "{tmp}/file", "-o", "/dev/null/o"], 1, "Cannot read or write"),
        (["annotate", "{tmp}/file", "-o", "{tmp}/none/o"], 1, "none/o: No such file or directory: check the path"),
        (["annotate", "{tmp}/file", "-o", "{tmp}"], 1, "Is a directory: name a file"),
        (["annotate", "{tmp}/file", "--model", "{tmp}"], 4, "holds no model"),
        (["extract", "{tmp}/none.html"], 1, "none.html cannot be read: No such file"),
        (["extract", "{sample}"], 1, "holds several pages: use `annotate`"),
        (["extract", "{tmp}/broken.wacz"], 1, "no readable WACZ"),
        (["label", "{tmp}/none.jsonl"], 1, "Cannot read or write"),
        (["verify", "{tmp}"], 1, "is no run folder"),
        (["verify", "{tmp}/other"], 4, "The ledger cannot be used"),
        (
            ["run", "tadpole-club.example", "-o", "{tmp}/other", "--archive-base", "{sample}"],
            4,
            "The ledger cannot be used",
        ),
        (["report", "{tmp}"], 1, "neither a run folder nor"),
        (["train", "{tmp}", "-o", "{tmp}/m"], 1, "name the folder with OPP-115"),
    ],
)
def test_a_failing_command_prints_one_line_with_advice(tmp_path, sample_warc, capsys, words, code, says):
    (tmp_path / "file").write_text("x")
    (tmp_path / "empty.txt").write_text("# nobody yet\n\n")
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "ledger.sqlite").write_text("not what it says it is" * 100)
    for name in ("broken.warc.gz", "broken.wacz"):
        (tmp_path / name).write_bytes(b"nothing that can be read")
    filled = [word.format(tmp=tmp_path, sample=sample_warc, port=unused_port()) for word in words]
    assert main(filled) == code
    err = capsys.readouterr().err
    assert says in err
    assert len(err.strip().splitlines()) == 1
    assert "Traceback" not in err


@pytest.mark.parametrize(
    "words",
    [
        ["run"],
        ["run", "a.example"],
        ["label", "--scheme", "x"],
        ["annotate", "x", "--workers", "0"],
        ["annotate", ""],
        ["annotate", "x", "-o", ""],
        ["run", "a.example", "-o", ""],
        ["run", "a.example", "-o", "x", "--max-fail", "50%"],
    ],
)
def test_a_wrong_call_exits_with_2(words, capsys):
    with pytest.raises(SystemExit) as ended:
        main(words)
    assert ended.value.code == 2
    assert "usage:" in capsys.readouterr().err


@pytest.mark.parametrize("words", [["--help"], ["--version"]])
def test_help_and_version_exit_with_0(words, capsys):
    with pytest.raises(SystemExit) as ended:
        main(words)
    assert ended.value.code == 0
    assert "archived-policy" in capsys.readouterr().out


@pytest.mark.parametrize("command", ALL_COMMANDS)
def test_help_of_each_command_has_an_example(command, capsys):
    with pytest.raises(SystemExit) as ended:
        main([command, "--help"])
    assert ended.value.code == 0
    example = capsys.readouterr().out.rpartition("example:\n")[2]
    assert f"archived-policy {command}" in example


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no /dev/full here")
@pytest.mark.parametrize("command", ["annotate", "extract", "label"])
def test_a_command_on_a_full_disk_exits_with_3(tmp_path, page, command):
    (tmp_path / "in.jsonl").write_text('{"text": "We use cookies."}\n')
    words = [COMMAND, command, tmp_path / "in.jsonl" if command == "label" else page]
    with Path("/dev/full").open("wb") as full:
        done = subprocess.run(words, stdout=full, stderr=subprocess.PIPE, check=False)
    assert (done.returncode, done.stderr.count(b"\n")) == (3, 1)
    assert b"disk is full" in done.stderr


@pytest.mark.parametrize(
    ("words", "code", "says"),
    [
        ("label <&-", 2, "Standard input is closed"),
        ("label {tmp}/in.jsonl >&-", 1, "Standard output is closed"),
        ("annotate {tmp}/policy.html >&-", 1, "Standard output is closed"),
        ("extract {tmp}/policy.html >&-", 1, "Standard output is closed"),
        ("extract {tmp}/policy.html 2>&- | head -c 9", 0, ""),
    ],
)
def test_a_command_with_a_closed_stream_prints_an_error(tmp_path, page, words, code, says):
    (tmp_path / "in.jsonl").write_text('{"text": "We use cookies."}\n')
    done = subprocess.run(f"{COMMAND} {words.format(tmp=tmp_path)}", shell=True, capture_output=True, check=False)
    assert (done.returncode, done.stderr.count(b"\n")) == (code, bool(says))
    assert says.encode() in done.stderr


def test_annotate_into_a_closed_pipe_exits_without_a_traceback(page):
    pages = f"{page} " * 100  # more than a pipe holds
    done = subprocess.run(f"{COMMAND} annotate {pages} | head -c 10", shell=True, capture_output=True, check=False)
    assert (len(done.stdout), done.stderr) == (10, b"")
