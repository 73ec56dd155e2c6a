"""The Princeton-Leuven tree and Open Terms Archive's layout, with their histories, read by git and by our readers."""

import subprocess
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from extractor import read_corpus
from extractor.errors import ArchivedPolicyError, DiskFullError
from extractor.exports import git
from extractor.exports.git import Revision, write_repository
from extractor.exports.ota import write_ota
from extractor.exports.princeton import document_path, write_princeton, write_princeton_git
from extractor.records import PolicyCapture


@pytest.fixture(scope="module")
def usable(policies):
    return [policy for policy in policies if policy.verdict.usable]


def git_output(folder, *arguments):
    return subprocess.run(["git", "-C", folder, *arguments], capture_output=True, check=True, text=True).stdout


def as_document(policy):
    """A record without what a document of the corpus lacks: title and bytes of the HTML, and the score of its verdict."""
    capture = PolicyCapture(url=policy.capture.url, timestamp=policy.capture.timestamp)
    verdict = replace(policy.verdict, is_policy=0.0)
    return replace(policy, title="", capture=capture, verdict=verdict, source=None, provenance=None)


def test_write_princeton_then_read_gives_latest_records(tmp_path, usable, annotator):
    assert write_princeton(usable, tmp_path) == 5
    assert (tmp_path / "b/br/bri/brightcart.example.md").is_file()
    latest = {policy.policy: policy for policy in sorted(usable, key=lambda policy: policy.capture.timestamp)}
    read = {policy.policy: policy for policy in annotator.pipe(read_corpus(tmp_path))}
    assert {name: as_document(one) for name, one in read.items()} == {
        name: as_document(one) for name, one in latest.items()
    }


def test_write_princeton_of_read_corpus_gives_same_documents(tmp_path, usable, annotator):
    write_princeton(usable, tmp_path / "one")
    first = list(annotator.pipe(read_corpus(tmp_path / "one")))
    write_princeton(first, tmp_path / "two")
    second = list(annotator.pipe(read_corpus(tmp_path / "two")))
    assert [replace(policy, source=None) for policy in first] == [replace(policy, source=None) for policy in second]


def test_write_princeton_begins_document_with_header_line_of_corpus(tmp_path, usable):
    write_princeton(usable[:1], tmp_path)
    assert (tmp_path / document_path("brightcart.example")).read_text().splitlines()[0] == (
        "> *The following text is extracted and transformed from the brightcart.example privacy policy that was archived "
        "on 1999-05-08. Please check the [original snapshot on the Wayback Machine](https://web.archive.org/web/"
        "19990508142233id_/http%3A//www.brightcart.example/privacy.html) for the most accurate reproduction.*"
    )


@given(url=st.text(st.characters(exclude_categories=["Cs"]), min_size=1))
def test_read_corpus_of_written_document_gives_any_url(tmp_path_factory, usable, url):
    policy = replace(usable[0], capture=replace(usable[0].capture, url=url))
    folder = tmp_path_factory.mktemp("tree")
    write_princeton([policy], folder)
    (snapshot,) = read_corpus(folder / document_path(policy.domain))
    assert (snapshot.capture.original, snapshot.capture.timestamp) == (url, policy.capture.timestamp)


@given(domain=st.text())
def test_document_path_with_any_domain_stays_in_tree(domain):
    parts = document_path(domain).split("/")
    assert len(parts) == 4
    assert not {"", ".", ".."} & set(parts)


def test_write_princeton_git_has_commit_per_day_and_each_snapshot(tmp_path, usable):
    assert write_princeton_git(usable, tmp_path) == len(usable)
    days = sorted({policy.capture.timestamp[:8] for policy in usable})
    assert git_output(tmp_path, "log", "--reverse", "--format=%ad", "--date=format:%Y%m%d").split() == days
    shown = git_output(tmp_path, "log", "--format=", "-p", "--", document_path("brightcart.example"))
    assert shown.count("+> *The following text") == sum(policy.domain == "brightcart.example" for policy in usable)
    assert git_output(tmp_path, "status", "--short") == git_output(tmp_path, "fsck") == ""
    write_princeton(usable, tmp_path / "tree")
    tree = {path.name: path.read_bytes() for path in (tmp_path / "tree").rglob("*.md")}
    assert {name: next(tmp_path.glob(f"?/??/???/{name}")).read_bytes() for name in tree} == tree


def test_write_ota_has_layout_and_messages_of_open_terms_archive(tmp_path, usable):
    count = write_ota(usable, tmp_path)
    subjects = git_output(tmp_path, "log", "--format=%s").splitlines()
    assert len(subjects) == count < len(usable)  # two repeat the ones before them
    assert {subject.split()[4] for subject in subjects} == {policy.site for policy in usable}
    name = "brightcart.example/Privacy Policy.md"
    snapshots = {
        policy.capture.timestamp: policy.markdown for policy in usable if policy.domain == "brightcart.example"
    }
    for line in git_output(
        tmp_path, "log", "--format=%H %ad %b", "--date=format:%Y%m%d%H%M%S", "--", name
    ).splitlines():
        if "This version was recorded after extracting from snapshot" in line:
            commit, time, *_ = line.split()
            assert git_output(tmp_path, "show", f"{commit}:{name}") == snapshots[time]
            assert line.split()[-1].startswith(f"{time}/")


def test_write_repository_sorts_revisions_by_time(tmp_path):
    revisions = [
        Revision(f"20{year}0101000000", "a b/ü.md", str(year).encode(), "m", str(year)) for year in (12, 10, 11)
    ]
    assert write_repository(revisions, tmp_path) == 3
    assert git_output(tmp_path, "log", "--format=%ad", "--date=format:%Y").split() == ["2012", "2011", "2010"]
    assert (tmp_path / "a b/ü.md").read_bytes() == b"12"


def test_write_ota_ignores_git_settings_of_user(tmp_path, usable, monkeypatch):
    monkeypatch.setenv("GIT_DIR", "/nowhere")
    monkeypatch.setenv("GIT_AUTHOR_DATE", "2001-01-01")
    (tmp_path / "home").mkdir()
    (tmp_path / "home/.gitconfig").write_text("[core]\n\tautocrlf = true\n[commit]\n\tgpgsign = true\n")
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    (tmp_path / "ota").mkdir()
    write_ota(usable, tmp_path / "ota")
    assert b"\r\n" not in (tmp_path / "ota/brightcart.example/Privacy Policy.md").read_bytes()


def test_write_repository_that_fails_raises_with_message_of_git(tmp_path):
    with pytest.raises(ArchivedPolicyError, match="git could not write"):
        write_repository([Revision("20100101000000", "a/../b", b"x", "m", "1")], tmp_path)
    with pytest.raises(DiskFullError, match="disk is full"):
        git.require_success(128, b"fatal: unable to write: No space left on device")


@pytest.mark.parametrize("write", [write_princeton_git, write_ota])
def test_read_corpus_of_written_history_gives_each_version(tmp_path, usable, annotator, write):
    count = write(usable, tmp_path)
    written = {policy.id: policy for policy in usable}
    read = list(annotator.pipe(read_corpus(tmp_path)))
    assert len(read) == count
    for policy in read:
        found, expected = as_document(policy), as_document(written[policy.id])
        if write is write_ota:  # whose documents have names of their own
            found, expected = (replace(one, domain="", policy="") for one in (found, expected))
        assert found == expected


# Several policies of one site -----------------------------------------------------------------------------------------
@pytest.fixture
def several(usable):
    """Two captures of one policy and one of another of the same site; one policy of another site."""
    one, two, *_ = sorted(usable, key=lambda policy: policy.capture.timestamp)
    return [
        with_address(one, "20100101000000", "b.example/privacy", "First."),
        with_address(two, "20110101000000", "b.example/privacy", "Second."),
        with_address(two, "20090101000000", "b.example/kids?a=b c", "Other."),
        with_address(one, "20100101000000", "c.example/privacy", "Third."),
    ]


def with_address(policy, timestamp, address, text):
    capture = PolicyCapture(url=f"http://{address}", timestamp=timestamp)
    site = address.split("/")[0]
    names = {"id": f"{timestamp}/http://{address}", "site": site, "policy": address, "domain": site}
    return replace(policy, **names, capture=capture, markdown=text, text=text, segments=())


def files_in(folder, text_of=lambda path: path.read_text().splitlines()[-1]):
    paths = [path for path in folder.rglob("*.md") if ".git" not in path.parts]
    return {path.relative_to(folder).as_posix(): text_of(path) for path in paths}


@pytest.mark.parametrize("write", [write_princeton, write_princeton_git])
def test_princeton_tree_has_a_file_for_each_policy(tmp_path, several, write):
    assert write(several, tmp_path) == (3 if write is write_princeton else 4)
    assert files_in(tmp_path) == {
        "b/b./b.e/b.example_privacy.md": "Second.",
        "b/b./b.e/b.example_kids_a_b c.md": "Other.",
        "c/c./c.e/c.example.md": "Third.",
    }
    assert {path.name for path in tmp_path.iterdir()} <= {"b", "c", ".git"}


def test_write_ota_has_a_document_for_each_policy(tmp_path, several):
    assert write_ota(several, tmp_path) == 4
    assert files_in(tmp_path) == {
        "b.example/Privacy Policy (privacy).md": "Second.",
        "b.example/Privacy Policy (kids_a_b c).md": "Other.",
        "c.example/Privacy Policy.md": "Third.",
    }


def test_write_ota_keeps_names_that_a_corpus_gives(tmp_path, several):
    names = [
        ("Some Shop", "Some Shop/Terms of Sale"),
        ("Some Shop", "Some Shop/Privacy Policy"),
        ("Else", "Else/Terms"),
    ]
    named = [
        replace(one, site=site, policy=policy, domain="", capture=PolicyCapture(timestamp="20100101000000"))
        for one, (site, policy) in zip(several, names, strict=False)
    ]
    assert write_ota(named, tmp_path) == 3
    assert set(files_in(tmp_path)) == {f"{policy}.md" for _, policy in names}


def test_policies_whose_files_would_have_one_name_have_two(tmp_path, several):
    alike = [
        with_address(several[0], "20100101000000", address, address)
        for address in ("b.example/a?b", "b.example/a b", "b.example/A?b", "b.example/" + "x" * 400)
    ]
    assert write_princeton(alike, tmp_path) == 4
    found = files_in(tmp_path)
    assert sorted(found.values()) == sorted(one.policy for one in alike)
    assert len({path.casefold() for path in found}) == 4


@pytest.mark.parametrize("write", [write_princeton, write_princeton_git])
def test_read_corpus_of_written_tree_tells_policies_of_one_site_apart(tmp_path, several, annotator, write):
    write(several, tmp_path)
    read = list(annotator.pipe(read_corpus(tmp_path)))
    assert {one.policy for one in read} == {"b.example/privacy", "b.example/kids?a=b c", "c.example"}
    assert {one.site for one in read} == {"b.example", "c.example"}
