"""The Princeton-Leuven tree and Open Terms Archive's layout, with their git histories, read by git and by ourselves."""

import subprocess
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from extractor import read_corpus
from extractor.corpora.princeton import princeton_snapshot
from extractor.errors import ArchivedPolicyError, DiskFullError
from extractor.exports import git
from extractor.exports.git import Version, write_repository
from extractor.exports.ota import write_ota
from extractor.exports.princeton import document, place_of, write_princeton, write_princeton_git
from extractor.records import PolicyCapture


@pytest.fixture(scope="module")
def usable(policies):
    return [policy for policy in policies if policy.verdict.usable]


def said(folder, *words):
    return subprocess.run(["git", "-C", folder, *words], capture_output=True, check=True, text=True).stdout


def as_written(policy):
    """A record without what its page had and a document of the corpus has not: the title of the HTML, its bytes.

    What the verdict makes of the page's form goes with them.
    """
    known = PolicyCapture(url=policy.capture.url, timestamp=policy.capture.timestamp)
    verdict = replace(policy.verdict, is_policy=0.0)
    return replace(policy, title="", capture=known, verdict=verdict, source=None, provenance=None)


def test_reading_a_tree_gives_the_latest_records_again(tmp_path, usable, annotator):
    assert write_princeton(usable, tmp_path) == 4
    assert (tmp_path / "b/br/bri/brightcart.example.md").is_file()
    latest = {policy.domain: policy for policy in sorted(usable, key=lambda policy: policy.capture.timestamp)}
    read = {policy.domain: policy for policy in annotator.pipe(read_corpus(tmp_path))}
    assert {name: as_written(one) for name, one in read.items()} == {
        name: as_written(one) for name, one in latest.items()
    }


def test_what_was_read_from_the_corpus_is_written_as_it_was(tmp_path, usable, annotator):
    write_princeton(usable, tmp_path / "one")
    first = list(annotator.pipe(read_corpus(tmp_path / "one")))
    write_princeton(first, tmp_path / "two")
    second = list(annotator.pipe(read_corpus(tmp_path / "two")))
    assert [replace(policy, source=None) for policy in first] == [replace(policy, source=None) for policy in second]


def test_the_header_line_is_that_of_the_corpus(usable):
    assert document(usable[0]).decode().splitlines()[0] == (
        "> *The following text is extracted and transformed from the brightcart.example privacy policy that was archived "
        "on 1999-05-08. Please check the [original snapshot on the Wayback Machine](https://web.archive.org/web/"
        "19990508142233id_/http%3A//www.brightcart.example/privacy.html) for the most accurate reproduction.*"
    )


@given(url=st.text(st.characters(exclude_categories=["Cs"]), min_size=1))
def test_any_address_survives_the_header(usable, url):
    policy = replace(usable[0], capture=replace(usable[0].capture, url=url))
    snapshot = princeton_snapshot(document(policy))
    assert (snapshot.capture.original, snapshot.capture.timestamp) == (url, policy.capture.timestamp)


@given(domain=st.text())
def test_no_domain_leads_out_of_the_tree(domain):
    parts = place_of(domain).split("/")
    assert len(parts) == 4
    assert not {"", ".", ".."} & set(parts)


def test_the_history_has_a_commit_a_day_and_each_snapshot(tmp_path, usable):
    assert write_princeton_git(usable, tmp_path) == len(usable)
    days = sorted({policy.capture.timestamp[:8] for policy in usable})
    assert said(tmp_path, "log", "--reverse", "--format=%ad", "--date=format:%Y%m%d").split() == days
    shown = said(tmp_path, "log", "--format=", "-p", "--", place_of("brightcart.example"))
    assert shown.count("+> *The following text") == sum(policy.domain == "brightcart.example" for policy in usable)
    assert said(tmp_path, "status", "--short") == said(tmp_path, "fsck") == ""
    write_princeton(usable, tmp_path / "tree")
    tree = {path.name: path.read_bytes() for path in (tmp_path / "tree").rglob("*.md")}
    assert {name: next(tmp_path.glob(f"?/??/???/{name}")).read_bytes() for name in tree} == tree


def test_open_terms_archives_layout(tmp_path, usable):
    count = write_ota(usable, tmp_path)
    subjects = said(tmp_path, "log", "--format=%s").splitlines()
    assert len(subjects) == count < len(usable)  # two are as the ones before them
    assert {subject.split()[-3] for subject in subjects} == {policy.domain for policy in usable}
    name = "brightcart.example/Privacy Policy.md"
    snapshots = {
        policy.capture.timestamp: policy.markdown for policy in usable if policy.domain == "brightcart.example"
    }
    for line in said(tmp_path, "log", "--format=%H %ad %b", "--date=format:%Y%m%d%H%M%S", "--", name).splitlines():
        if "This version was recorded after extracting from snapshot" in line:
            commit, time, *_ = line.split()
            assert said(tmp_path, "show", f"{commit}:{name}") == snapshots[time]
            assert line.split()[-1].startswith(f"{time}/")


def test_versions_that_come_in_any_order_are_put_in_order(tmp_path):
    versions = [Version(f"20{year}0101000000", "a b/ü.md", str(year).encode(), "m", str(year)) for year in (12, 10, 11)]
    assert write_repository(versions, tmp_path) == 3
    assert said(tmp_path, "log", "--format=%ad", "--date=format:%Y").split() == ["2012", "2011", "2010"]
    assert (tmp_path / "a b/ü.md").read_bytes() == b"12"


def test_the_users_git_settings_change_nothing(tmp_path, usable, monkeypatch):
    monkeypatch.setenv("GIT_DIR", "/nowhere")
    monkeypatch.setenv("GIT_AUTHOR_DATE", "2001-01-01")
    (tmp_path / "home").mkdir()
    (tmp_path / "home/.gitconfig").write_text("[core]\n\tautocrlf = true\n[commit]\n\tgpgsign = true\n")
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    (tmp_path / "ota").mkdir()
    write_ota(usable, tmp_path / "ota")
    assert b"\r\n" not in (tmp_path / "ota/brightcart.example/Privacy Policy.md").read_bytes()


def test_what_git_says_is_told(tmp_path):
    with pytest.raises(ArchivedPolicyError, match="git could not write"):
        write_repository([Version("20100101000000", "a/../b", b"x", "m", "1")], tmp_path)
    with pytest.raises(DiskFullError, match="disk is full"):
        git.require_success(128, "fatal: unable to write: No space left on device")


@pytest.mark.parametrize("write", [write_princeton_git, write_ota])
def test_reading_a_history_gives_each_version_again(tmp_path, usable, annotator, write):
    count = write(usable, tmp_path)
    written = {policy.id: policy for policy in usable}
    read = list(annotator.pipe(read_corpus(tmp_path)))
    assert len(read) == count
    for policy in read:
        assert replace(as_written(policy), domain="") == replace(as_written(written[policy.id]), domain="")
