"""Open Terms Archive: versions and snapshots out of git, without a checkout."""

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


@pytest.mark.parametrize("form_of", [lambda folder: folder, bare_of, bundle_of], ids=["work tree", "bare", "bundle"])
def test_every_version_of_the_privacy_policies_with_the_date_of_its_commit(archive, form_of):
    path = form_of(archive)
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
def test_only_the_documents_asked_for(archive, documents, count):
    assert len(list(read_corpus(archive, documents=documents))) == count


def test_a_repository_without_the_document_says_which_it_has(archive):
    with pytest.raises(
        UnreadableError, match=r"holds no document named Imprint: it has Privacy Policy, Terms of Service"
    ):
        list(read_corpus(archive, documents=["Imprint"]))


def test_a_version_gives_a_labelled_record(archive):
    last = list(read_corpus(archive))[1]
    policy = load()(last)
    assert (policy.capture.timestamp, policy.verdict.usable) == ("20220102030405", True)
    assert policy.segments[0].headings == ("Privacy policy",)
    assert policy.id == f"{last.source.path}#{last.source.record}"


def test_snapshots_in_html_and_pdf_have_their_types(tmp_path):
    folder = repository(tmp_path / "snapshots")
    for name, content in (("html", "<h1>Privacy</h1>"), ("pdf", b"%PDF-1.4\n\xff\x00")):
        commit(folder, f"Lamp Works/Privacy Policy.{name}", content, "First record of Lamp Works Privacy Policy")
    assert [(s.content_type, s.content[:5]) for s in read_corpus(folder)] == [
        ("text/html", b"<h1>P"), ("application/pdf", b"%PDF-"),
    ]  # fmt: skip


def test_a_dataset_of_a_release_is_dated_by_its_names(tmp_path):
    for name in (
        "Lamp Works/Privacy Policy/2021-08-01T01-03-12Z.md",
        "Lamp Works/Terms of Service/2021-08-01T01-03-13Z.md",
    ):
        (tmp_path / name).parent.mkdir(parents=True)
        (tmp_path / name).write_text(SHOP)
    (tmp_path / "README.md").write_text("# A dataset")
    assert [snapshot.capture.timestamp for snapshot in read_corpus(tmp_path)] == ["20210801010312"]
    assert len(list(read_corpus(tmp_path, documents=["*"]))) == 2


def test_a_work_tree_of_another_layout_is_a_folder_of_pages(tmp_path):
    folder = repository(tmp_path / "pages")
    commit(folder, "shop/policy.html", "<p>We use cookies.</p>", "My pages")
    (snapshot,) = read_corpus(folder)
    assert (snapshot.content, snapshot.capture.timestamp) == (b"<p>We use cookies.</p>", "")
    git(tmp_path, "clone", "--quiet", "--bare", "pages", "bare.git")
    with pytest.raises(UnreadableError, match="of no layout that is known"):
        list(read_corpus(tmp_path / "bare.git"))


def test_a_damaged_object_costs_no_neighbour(archive, caplog):
    blob = git(archive, "rev-parse", "HEAD~3:Lamp Works/Privacy Policy.md")
    (archive / ".git/objects" / blob[:2] / blob[2:]).unlink()
    assert [s.capture.timestamp for s in read_corpus(archive)] == ["20220102030405", "20220601000000"]
    assert "the repository lacks it" in caplog.text
    assert "1 could not be read" in caplog.text
    with pytest.raises(UnreadableError, match="the repository lacks it"):
        list(read_corpus(archive, strict=True))


def test_a_broken_repository_is_an_error_in_words(archive, tmp_path):
    (tmp_path / "cut.bundle").write_bytes(bundle_of(archive).read_bytes()[:-300])
    with pytest.raises(UnreadableError, match=r"cut.bundle cannot be read by git: "):
        list(read_corpus(tmp_path / "cut.bundle"))


def test_a_repository_runs_no_program_of_its_own(archive, tmp_path):
    trap = tmp_path / "trap"
    script = tmp_path / "trap.sh"
    script.write_text(f"#!/bin/sh\ntouch {trap}\n")
    script.chmod(0o755)
    for key, value in (("log.showSignature", "true"), ("core.fsmonitor", script), ("core.pager", script), ("gpg.program", script), ("diff.external", script)):  # fmt: skip
        git(archive, "config", key, str(value))
    assert len(list(read_corpus(archive))) == 3
    assert not trap.exists()


names = st.text(st.characters(blacklist_characters="\0\n", blacklist_categories=("Cs",)), min_size=1)
sha = st.text("0123456789abcdef", min_size=40, max_size=40)


@given(st.lists(st.tuples(sha, st.integers(0, 2**33), st.text(st.characters(blacklist_characters="\0", blacklist_categories=("Cs",))), st.lists(st.tuples(names, sha), max_size=3)), max_size=4))  # fmt: skip
def test_a_log_is_read_back_whatever_its_names_and_messages(commits):
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
def test_the_snapshot_behind_a_version_is_kept(tmp_path, text, references, url):
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
