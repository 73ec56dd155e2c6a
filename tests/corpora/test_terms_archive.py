"""Open Terms Archive: versions and snapshots read from git repositories, and released datasets."""

import re
from pathlib import Path

import pytest
from gitcorpus import commit, git, repository
from hypothesis import given
from hypothesis import strategies as st

from extractor import load, read_corpus
from extractor.corpora.git import parse_log
from extractor.errors import UnreadableError

SHOP = "# Privacy policy\n\nWe collect your name and your address when you order a lamp.\n"
SNAPSHOT = "https://forge.example/lamps/snapshots/commit/"


def message(subject: str, snapshot: str) -> str:
    return f"{subject}\n\nThis version was recorded after extracting from snapshot {SNAPSHOT}{snapshot}\n\nX-engine-version: 10.6.1"


@pytest.fixture
def archive(tmp_path):
    folder = repository(tmp_path / "versions")
    commit(folder, "README.md", "# Lamps", "Add readme")
    commit(folder, "Lamp Works/Privacy Policy.md", SHOP, message("First record of Lamp Works Privacy Policy", "a" * 40), date="2021-03-04T05:06:07+02:00", committed="2024-01-01T00:00:00+00:00")  # fmt: skip
    commit(
        folder,
        "Lamp Works/Terms of Service.md",
        "# Terms",
        message("First record of Lamp Works Terms of Service", "b" * 40),
    )
    commit(folder, "Lamp Works/Privacy Policy.md", SHOP + "\nWe use cookies.\n", message("Record new changes of Lamp Works Privacy Policy", "c" * 40), date="2022-01-02T03:04:05+00:00")  # fmt: skip
    commit(folder, "Ünder/Privacy Policy #Cookies.md", "# Cookies", message("First record of Ünder Privacy Policy", "d" * 40), date="2022-06-01T00:00:00+00:00")  # fmt: skip
    commit(folder, "Lamp Works/Terms of Service.md", None, "Remove terms", date="2023-01-01T00:00:00+00:00")
    return folder


def bundle_of(folder: Path) -> Path:
    git(folder, "bundle", "create", "--quiet", "../versions.bundle", "--all")
    return folder.parent / "versions.bundle"


def bare_of(folder: Path) -> Path:
    git(folder.parent, "clone", "--quiet", "--bare", "versions", "bare.git")
    return folder.parent / "bare.git"


@pytest.mark.parametrize("convert", [lambda folder: folder, bare_of, bundle_of], ids=["work tree", "bare", "bundle"])
def test_read_corpus_of_repository_gives_every_version_with_its_date(archive, convert):
    path = convert(archive)
    snapshots = list(read_corpus(path))
    assert [snapshot.capture.timestamp for snapshot in snapshots] == [
        "20210304030607",
        "20220102030405",
        "20220601000000",
    ]
    assert [snapshot.content.decode()[:9] for snapshot in snapshots] == ["# Privacy", "# Privacy", "# Cookies"]
    assert snapshots[1].content.endswith(b"We use cookies.\n")
    assert [Path(snapshot.source.path).relative_to(path).as_posix() for snapshot in snapshots] == [
        "Lamp Works/Privacy Policy.md", "Lamp Works/Privacy Policy.md", "Ünder/Privacy Policy #Cookies.md",
    ]  # fmt: skip
    shas = git(archive, "log", "--reverse", "--format=%H", "--", "*Privacy*").split()
    assert [snapshot.source.record for snapshot in snapshots] == [
        f"{sha} {SNAPSHOT}{letter * 40}" for sha, letter in zip(shas, "acd", strict=True)
    ]
    assert len({snapshot.id for snapshot in snapshots}) == 3


@pytest.mark.parametrize(
    ("documents", "count"),
    [(["Privacy Policy"], 3), (["terms of service"], 1), (["*"], 4), (["Terms*", "Privacy Policy"], 4)],
)
def test_read_corpus_with_documents_gives_their_versions(archive, documents, count):
    assert len(list(read_corpus(archive, documents=documents))) == count


def test_read_corpus_without_the_document_names_existing_ones(archive):
    with pytest.raises(
        UnreadableError, match=r"holds no document named Imprint: it has Privacy Policy, Terms of Service"
    ):
        list(read_corpus(archive, documents=["Imprint"]))


def test_annotate_version_gives_labelled_record(archive):
    last = list(read_corpus(archive))[1]
    policy = load()(last)
    assert (policy.capture.timestamp, policy.verdict.usable) == ("20220102030405", True)
    assert policy.segments[0].headings == ("Privacy policy",)
    assert policy.id == f"{last.source.path}#{last.source.record}"


def test_read_corpus_of_html_and_pdf_snapshots_sets_content_type(tmp_path):
    folder = repository(tmp_path / "snapshots")
    for name, content in (("html", "<h1>Privacy</h1>"), ("pdf", b"%PDF-1.4\n\xff\x00")):
        commit(folder, f"Lamp Works/Privacy Policy.{name}", content, "First record of Lamp Works Privacy Policy")
    assert [(s.content_type, s.content[:5]) for s in read_corpus(folder)] == [
        ("text/html", b"<h1>P"), ("application/pdf", b"%PDF-"),
    ]  # fmt: skip


def test_read_corpus_of_released_dataset_takes_dates_from_names(tmp_path):
    for name in (
        "Lamp Works/Privacy Policy/2021-08-01T01-03-12Z.md",
        "Lamp Works/Terms of Service/2021-08-01T01-03-13Z.md",
    ):
        (tmp_path / name).parent.mkdir(parents=True)
        (tmp_path / name).write_text(SHOP)
    (tmp_path / "README.md").write_text("# A dataset")
    assert [snapshot.capture.timestamp for snapshot in read_corpus(tmp_path)] == ["20210801010312"]
    assert len(list(read_corpus(tmp_path, documents=["*"]))) == 2


def test_read_corpus_of_other_repository_reads_work_tree_or_raises(tmp_path):
    folder = repository(tmp_path / "pages")
    commit(folder, "shop/policy.html", "<p>We use cookies.</p>", "My pages")
    (snapshot,) = read_corpus(folder)
    assert (snapshot.content, snapshot.capture.timestamp) == (b"<p>We use cookies.</p>", "")
    git(tmp_path, "clone", "--quiet", "--bare", "pages", "bare.git")
    with pytest.raises(UnreadableError, match="of no layout that is known"):
        list(read_corpus(tmp_path / "bare.git"))


def test_read_corpus_with_missing_blob_skips_that_version(archive, caplog):
    blob = git(archive, "rev-parse", "HEAD~3:Lamp Works/Privacy Policy.md")
    (archive / ".git/objects" / blob[:2] / blob[2:]).unlink()
    assert [s.capture.timestamp for s in read_corpus(archive)] == ["20220102030405", "20220601000000"]
    assert "the repository lacks it" in caplog.text
    assert "1 could not be read" in caplog.text
    with pytest.raises(UnreadableError, match="the repository lacks it"):
        list(read_corpus(archive, strict=True))


def test_read_corpus_of_cut_bundle_raises(archive, tmp_path):
    (tmp_path / "cut.bundle").write_bytes(bundle_of(archive).read_bytes()[:-300])
    with pytest.raises(UnreadableError, match=r"cut.bundle cannot be read by git: "):
        list(read_corpus(tmp_path / "cut.bundle"))


def test_read_corpus_runs_no_program_from_repository_configuration(archive, tmp_path):
    trap = tmp_path / "trap"
    script = tmp_path / "trap.sh"
    script.write_text(f"#!/bin/sh\ntouch {trap}\n")
    script.chmod(0o755)
    for key, value in (("log.showSignature", "true"), ("core.fsmonitor", script), ("core.pager", script), ("gpg.program", script), ("diff.external", script)):  # fmt: skip
        git(archive, "config", key, str(value))
    assert len(list(read_corpus(archive))) == 3
    assert not trap.exists()


file_names = st.text(st.characters(blacklist_characters="\0\n", blacklist_categories=("Cs",)), min_size=1)
hashes = st.text("0123456789abcdef", min_size=40, max_size=40)


@given(st.lists(st.tuples(hashes, st.integers(0, 2**33), st.text(st.characters(blacklist_characters="\0", blacklist_categories=("Cs",))), st.lists(st.tuples(file_names, hashes), max_size=3)), max_size=4))  # fmt: skip
def test_parse_log_with_any_names_and_messages(commits):
    parts = []
    for commit_sha, seconds, text, files in commits:
        parts.append(f"\x01{commit_sha} {seconds}\n{text}")
        for number, (name, blob) in enumerate(files):
            parts += ["\n" * (number == 0) + f":100644 100644 {'0' * 40} {blob} M", name]
    found = [(v.commit.sha, v.commit.message, v.path, v.blob) for v in parse_log(iter(parts))]
    assert found == [(c, text, name, blob) for c, _, text, files in commits for name, blob in files]
    assert all(re.fullmatch(r"\d{14}", version.commit.timestamp) for version in parse_log(iter(parts)))


@pytest.mark.parametrize(
    ("text", "references", "url"),
    [
        ("This version was recorded after filtering snapshot https://forge.example/s/commit/abc1234", "https://forge.example/s/commit/abc1234", ""),
        ("This version was recorded after extracting from and assembling the following snapshots from 2 source documents:\n- abc\n- def", "abc def", ""),
        ("This version was recorded after extracting from snapshot https://web.archive.org/web/20200102030405/http://lamps.example/p", "https://web.archive.org/web/20200102030405/http://lamps.example/p", "http://lamps.example/p"),
        ("No reference at all", "", ""),
    ],
)  # fmt: skip
def test_read_corpus_keeps_reference_to_snapshot(tmp_path, text, references, url):
    folder = repository(tmp_path / "versions")
    sha = commit(
        folder,
        "Lamps/Privacy Policy.md",
        SHOP,
        f"First record of Lamps Privacy Policy\n\n{text}\n\nX-engine-version: 1",
    )
    (snapshot,) = read_corpus(folder)
    assert snapshot.source.record == f"{sha} {references}".strip()
    assert (snapshot.capture.original, snapshot.capture.target) == (url, "Lamps/Privacy Policy")
