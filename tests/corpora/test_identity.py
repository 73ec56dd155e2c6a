"""Which policy each page of a corpus is a capture of, and which site's."""

import json
import os
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet
import pytest
from gitcorpus import commit, repository

import extractor
from extractor.corpora import CorpusFilter
from extractor.run.corpus import CorpusTally, read_corpus, read_paths

PAGE = "<h1>Privacy policy</h1><p>We collect your name and your address when you order a lamp.</p>"


@pytest.fixture(scope="module")
def annotator():
    return extractor.load()


@pytest.fixture
def names_of(annotator):
    """The (site, policy) of each page at a path, or at several."""

    def find(*paths, **options):
        snapshots = read_corpus(paths[0], **options) if len(paths) == 1 else read_paths(paths, CorpusTally(), CorpusFilter())  # fmt: skip
        policies = list(annotator.pipe(snapshots))
        assert all(policy.site and policy.policy for policy in policies)
        assert not any(Path(name).is_absolute() for policy in policies for name in (policy.site, policy.policy))
        return [(policy.site, policy.policy) for policy in policies]

    return find


def write(folder, *names, page=PAGE):
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(page)
    return folder


FOLDERS = {
    "three strangers": (["bulbs.html", "lamps.html", "wicks.html"], [("bulbs", "bulbs"), ("lamps", "lamps"), ("wicks", "wicks")]),
    "three short names": (["a.html", "b.html", "us.html"], [("a", "a"), ("b", "b"), ("us", "us")]),
    "a folder of captures": (["2019-01-01.html", "2020-01-01.html", "2021.html"], [("lamps", "lamps")] * 3),
    "dates after the name": (["acme_2019.html", "acme_2020.html", "zeta_2020.html"], [("acme", "acme")] * 2 + [("zeta", "zeta")]),
    "folders named by dates": (["2019/acme.example.html", "2020/acme.example.html"], [("acme.example", "acme.example")] * 2),
    "times of captures": (["acme/20190301120000.html", "acme/20190401120000.html"], [("acme", "acme")] * 2),
    "documents of sites": (["acme/cookies.html", "acme/privacy-policy.html", "zeta/privacy_2019.html"], [("acme", "acme/cookies"), ("acme", "acme/privacy-policy"), ("zeta", "zeta/privacy")]),
    "numbers that look like years": (["page-1.html", "page-2001.html", "page-2002.html"], [(f"page-{n}", f"page-{n}") for n in (1, 2001, 2002)]),
    "an index": (["acme/2019-06/index.html", "acme/2020-06/index.html"], [("acme", "acme")] * 2),
    "the month in words": (["acme 12 March 2019.txt", "acme May 2020.txt"], [("acme", "acme")] * 2),
    "no date": (["march-of-lamps.html", "studio2000.html"], [(name, name) for name in ("march-of-lamps", "studio2000")]),
}  # fmt: skip


@pytest.mark.parametrize(("files", "expected"), FOLDERS.values(), ids=FOLDERS)
def test_read_corpus_of_folder_names_policies_by_paths_without_dates(tmp_path, monkeypatch, names_of, files, expected):
    folder = write(tmp_path / "lamps", *files)
    assert names_of(folder) == expected
    monkeypatch.chdir(tmp_path)
    assert names_of("lamps") == names_of(os.path.join("..", tmp_path.name, "lamps")) == expected  # noqa: PTH118
    monkeypatch.chdir(folder)
    assert names_of(".") == expected


def test_read_corpus_of_one_file_names_it_as_in_its_folder(tmp_path, names_of):
    folder = write(tmp_path / "acme", "2019-01-01.html", "privacy_2020.html")
    assert names_of(folder / "2019-01-01.html") == [("acme", "acme")]
    assert names_of(folder / "privacy_2020.html") == [("acme", "privacy")]


def test_read_paths_of_folders_with_the_same_file_names_tells_them_apart(tmp_path, names_of):
    write(tmp_path, "acme/privacy.html", "zeta/privacy.html")
    expected = [("acme", "acme/privacy"), ("zeta", "zeta/privacy")]
    assert names_of(tmp_path / "acme", tmp_path / "zeta") == expected
    assert names_of(tmp_path / "acme/privacy.html", tmp_path / "zeta/privacy.html") == expected


def test_read_corpus_dates_captures_by_the_names_of_their_files(tmp_path):
    write(tmp_path, "acme_2019-03-04.html", "acme_2020-H2.html", "acme_05-06-2021.html", "acme.html")
    (tmp_path / "metadata.csv").write_text("path,date\nacme_2020-H2.html,2020-08-09\n")
    found = {Path(s.source.path).stem: (s.capture.timestamp, s.source.date_from) for s in read_corpus(tmp_path)}
    assert found == {
        "acme": ("", ""),
        "acme_2019-03-04": ("20190304000000", "name"),
        "acme_2020-H2": ("20200809000000", ""),
        "acme_05-06-2021": ("20210101000000", "name"),
    }


SIDECARS = {
    "strangers with dates": ("date\n{0},2019-01-01\n{1},2020-01-01\n{2},2021-01-01\n", [("a", "a"), ("b", "b"), ("c", "c")]),
    "names": ("name\n{0},Acme Lamps\n{1},Acme Lamps\n{2},Zeta\n", [("Acme Lamps", "Acme Lamps")] * 2 + [("Zeta", "Zeta")]),
    "names of documents": ("name\n{0},Privacy Policy\n{1},Privacy Policy\n{2},Terms\n", [("a", "a"), ("b", "b"), ("c", "c")]),
    "services": ("service,document\n{0},Acme,Privacy Policy\n{1},Acme,Privacy Policy\n{2},Acme,Cookies\n", [("Acme", "Acme/Privacy Policy")] * 2 + [("Acme", "Acme/Cookies")]),
    "policies": ("policy,url\n{0},acme,http://acme.example/1\n{1},acme,http://acme.example/2\n{2},zeta,\n", [("acme.example", "acme")] * 2 + [("zeta", "zeta")]),
    "URLs": ("url\n{0},http://www.acme.example/privacy\n{1},https://acme.example/privacy/\n{2},http://acme.example:80/privacy#top\n", [("acme.example", "acme.example/privacy")] * 3),
    "services with URLs": ("service,url\n{0},Acme,http://acme.example/privacy\n{1},Acme,http://acme.example/cookies\n{2},,http://www.zeta.example/p?a=1\n", [("Acme", "acme.example/privacy"), ("Acme", "acme.example/cookies"), ("zeta.example", "zeta.example/p?a=1")]),
    "sites": ("site\n{0},acme.example\n{1},https://www.acme.example/\n{2},zeta.example\n", [("acme.example", "acme.example")] * 2 + [("zeta.example", "zeta.example")]),
}  # fmt: skip


@pytest.mark.parametrize(("rows", "expected"), SIDECARS.values(), ids=SIDECARS)
def test_read_corpus_with_sidecar_names_policies_by_its_columns(tmp_path, names_of, rows, expected):
    folder = write(tmp_path / "pages", "a.html", "b.html", "c.html")
    (folder / "metadata.csv").write_text("path," + rows.format("a.html", "b.html", "c.html"))
    assert names_of(folder) == expected


def test_read_corpus_keeps_the_other_columns_of_a_sidecar(tmp_path):
    write(tmp_path, "a.html")
    (tmp_path / "metadata.csv").write_text("path,url,service,Case No,note\na.html,http://a.example/p,Acme,007,\n")
    (snapshot,) = read_corpus(tmp_path)
    assert snapshot.source.fields == {"service": "Acme", "Case No": "007"}


ROWS = [
    *({"service": f"Lamp {n}", "name": "Privacy Policy.md", "text": PAGE, "rank": n, "good": True} for n in range(5)),
    {"service": "Lamp 1", "name": "Privacy Policy.md", "text": PAGE, "rank": 9, "good": None},
    {"service": "Lamp 1", "name": "Cookie Policy.md", "text": PAGE},
]
EXPECTED = [(f"Lamp {n}", f"Lamp {n}/Privacy Policy") for n in (0, 1, 2, 3, 4, 1)] + [
    ("Lamp 1", "Lamp 1/Cookie Policy")
]


def write_rows(folder, form):
    path = folder / f"lamps.{form}"
    if form == "jsonl":
        path.write_text("".join(json.dumps(row) + "\n" for row in ROWS))
    elif form == "json":
        path.write_text(json.dumps({"versions": ROWS}))
    elif form == "csv":
        lines = [f'{row["service"]},{row["name"]},"{row["text"]}",{row.get("rank", "")}' for row in ROWS]
        path.write_text("\n".join(["service,name,text,rank", *lines]))
    else:
        pa.parquet.write_table(pa.Table.from_pylist(ROWS), path)
    return path


@pytest.mark.parametrize("form", ["jsonl", "json", "csv", "parquet"])
def test_read_corpus_of_rows_names_policies_by_their_columns(tmp_path, names_of, form):
    path = write_rows(tmp_path, form)
    assert names_of(path) == EXPECTED
    fields = [snapshot.source.fields for snapshot in read_corpus(path)]
    assert fields[1].items() >= {"service": "Lamp 1", "name": "Privacy Policy.md", "rank": "1"}.items()
    assert all("text" not in found for found in fields)


def test_read_corpus_of_rows_without_names_takes_none_for_another(tmp_path, names_of):
    path = tmp_path / "pages.jsonl"
    path.write_text("".join(json.dumps({"text": PAGE, **more}) + "\n" for more in ({}, {"id": "x7"}, {"date": "2019"})))
    assert names_of(path) == [(name, name) for name in ("pages#1", "pages#x7", "pages#3")]


def test_read_corpus_of_own_records_keeps_their_names(tmp_path, annotator, names_of):
    folder = write(tmp_path / "pages", "a.html")
    (folder / "metadata.csv").write_text("path,service,document,shelf\na.html,Acme,Privacy Policy,B\n")
    records = list(annotator.pipe(read_corpus(folder)))
    extractor.write_jsonl(records, tmp_path / "policies.jsonl")
    assert names_of(tmp_path / "policies.jsonl") == [("Acme", "Acme/Privacy Policy")]
    (again,) = read_corpus(tmp_path / "policies.jsonl")
    assert again.source.fields == {"service": "Acme", "document": "Privacy Policy", "shelf": "B"}


SHOP = "# Privacy policy\n\nWe collect your name and your address when you order a lamp from us.\n"


def test_read_corpus_of_terms_archive_names_services_and_documents(tmp_path, names_of):
    folder = repository(tmp_path / "versions")
    for day, document, text in (
        (1, "Privacy Policy", SHOP),
        (2, "Terms", SHOP),
        (3, "Privacy Policy", SHOP + "More.\n"),
    ):
        date = f"2021-03-0{day}T00:00:00+00:00"
        sha = commit(folder, f"Lamp Works/{document}.md", text, f"First record of Lamp Works {document}", date=date)
    privacy = ("Lamp Works", "Lamp Works/Privacy Policy")
    assert names_of(folder, documents="*") == [privacy, ("Lamp Works", "Lamp Works/Terms"), privacy]
    *_, last = read_corpus(folder)
    assert last.source.fields == {"service": "Lamp Works", "document": "Privacy Policy", "commit": sha}


def test_read_corpus_of_terms_archive_dataset_names_services_and_documents(tmp_path, names_of):
    write(tmp_path, "data/Lamp Works/Privacy Policy/2021-08-01T01-03-12Z.md", page=SHOP)
    write(tmp_path, "data/Lamp Works/Privacy Policy/2022-08-01T01-03-12Z.md", page=SHOP)
    expected = [("Lamp Works", "Lamp Works/Privacy Policy")] * 2
    assert names_of(tmp_path / "data") == names_of(tmp_path / "data/Lamp Works/Privacy Policy") == expected


def test_read_corpus_of_princeton_files_names_policies_by_their_domains(tmp_path, names_of):
    line = "> *The following text is extracted and transformed from the {0} privacy policy that was archived on 2015-12-29. Please check the [original snapshot on the Wayback Machine](https://web.archive.org/web/20151229060258id_/http%3A//{1}) for the most accurate reproduction.*\n\n"
    (tmp_path / "lamps.example.md").write_text(line.format("lamps.example", "www.lamps.example/company/privacy") + SHOP)
    (tmp_path / "bulbs.example.md").write_text(line.format("bulbs.example", "owner.example/privacy") + SHOP)
    assert names_of(tmp_path) == [("bulbs.example", "bulbs.example"), ("lamps.example", "lamps.example")]


URL = "http://www.acme.example/privacy?a=1&b=2"
TOLD = {
    "comment": (f"<!-- saved from url=({len(URL):04}){URL} -->", URL, "saved-from"),
    "comment in UTF-16": (f"<!-- saved from url=({len(URL):04}){URL} -->".encode("utf-16").decode("latin-1"), URL, "saved-from"),
    "comment of SingleFile": (f"<!--\n Page saved with SingleFile \n url: {URL} \n saved date: today -->", URL, "saved-from"),
    "canonical": ('<link href="http://www.acme.example/privacy?a=1&amp;b=2" rel="canonical">', URL, "canonical"),
    "canonical without quotes": ("<link rel=canonical href=http://acme.example/p>", "http://acme.example/p", "canonical"),
    "og:url": (f"<meta property='og:url' content='{URL}'>", URL, "og:url"),
    "og:url and canonical": (f"<meta property='og:url' content='http://x.example/y'><link rel=canonical href='{URL}'>", URL, "canonical"),
    "comment and canonical": (f"<!-- saved from url=(0026)http://a.example/p --><link rel=canonical href='{URL}'>", "http://a.example/p", "saved-from"),
    "mark of the web": ("<!-- saved from url=(0014)about:internet -->", "", ""),
    "a file": ("<!-- saved from url=(0020)file:///C:/privacy.htm -->", "", ""),
    "a home page": ("<link rel=canonical href='https://www.acme.example/'>", "", ""),
    "a part of a URL": ("<link rel=canonical href='/privacy'>", "", ""),
    "a comment with a link": (f"<!-- <link rel=canonical href='{URL}'> -->", "", ""),
    "too far down": (" " * 30_000 + f"<link rel=canonical href='{URL}'>", "", ""),
    "no address": ("<link rel=canonical href='http://[acme'>", "", ""),
}  # fmt: skip


@pytest.mark.parametrize(("head", "url", "told_by"), TOLD.values(), ids=TOLD)
def test_read_corpus_takes_the_url_that_a_page_tells(tmp_path, head, url, told_by):
    (tmp_path / "acme.html").write_bytes((head + PAGE).encode("latin-1"))
    (snapshot,) = read_corpus(tmp_path)
    assert (snapshot.capture.original, snapshot.source.url_from) == (url, told_by)


def test_read_corpus_takes_time_and_url_from_an_archived_page_that_was_saved(tmp_path, names_of):
    archived = "https://web.archive.org/web/20050304050607/http://www.acme.example/privacy"
    write(tmp_path, "acme.html", page=f"<!-- saved from url=(0074){archived} -->{PAGE}")
    (snapshot,) = read_corpus(tmp_path)
    assert snapshot.id == "20050304050607/http://www.acme.example/privacy"
    assert (snapshot.archive_url, snapshot.source.url_from, snapshot.source.date_from) == (archived, "saved-from", "saved-from")  # fmt: skip
    assert names_of(tmp_path) == [("acme.example", "acme.example/privacy")]


def test_read_corpus_prefers_the_url_of_a_sidecar(tmp_path):
    write(tmp_path, "a.html", page=f"<link rel=canonical href='{URL}'>{PAGE}")
    (tmp_path / "metadata.csv").write_text("path,url\na.html,http://b.example/p\n")
    (snapshot,) = read_corpus(tmp_path)
    assert (snapshot.capture.original, snapshot.source.url_from) == ("http://b.example/p", "")


def test_read_corpus_selects_by_the_url_that_a_page_tells(tmp_path):
    write(tmp_path, "a.html", page=f"<link rel=canonical href='{URL}'>{PAGE}")
    write(tmp_path, "b.html")
    assert [Path(s.source.path).name for s in read_corpus(tmp_path, url_pattern="*acme.example*")] == ["a.html"]


def test_annotator_names_policies_of_bytes_and_failed_pages(annotator, tmp_path):
    told, first, second = map(annotator, (f"<link rel=canonical href='{URL}'>{PAGE}", PAGE, PAGE + "<p>And cookies."))
    assert (told.site, told.policy, told.source.url_from) == (
        "acme.example",
        "acme.example/privacy?a=1&b=2",
        "canonical",
    )
    assert first.policy != second.policy
    assert first.policy.startswith("page ")
    (tmp_path / "zeta_2019.pdf").write_bytes(b"%PDF-1.4 broken")
    failed = annotator(tmp_path / "zeta_2019.pdf")
    assert (failed.verdict.usable, failed.site, failed.policy) == (False, "zeta", "zeta")


FOLLOWED = {
    "by a target": (extractor.Snapshot(PAGE.encode(), extractor.Capture("", "20200301120000", "http://host.example/7", target="https://www.acme.example/privacy")), ("acme.example", "acme.example/privacy")),
    "by a domain": (extractor.Snapshot(PAGE.encode(), extractor.Capture("", "20200301120000", "http://www.acme.example/legal/privacy", target="acme.example")), ("acme.example", "acme.example")),
    "by the first page": (extractor.Snapshot(PAGE.encode(), extractor.Capture("", "20200301120000", "http://host.example/7"), followed_from=("20200301120000/http://www.acme.example/privacy",)), ("acme.example", "acme.example/privacy")),
}  # fmt: skip


@pytest.mark.parametrize(("snapshot", "expected"), FOLLOWED.values(), ids=FOLLOWED)
def test_annotator_names_a_followed_page_as_the_one_asked_for(annotator, snapshot, expected):
    policy = annotator(snapshot)
    assert (policy.site, policy.policy) == expected


OLDER = {
    "fetched": ({"id": "20200301120000/http://www.acme.example/privacy", "domain": "acme.example"}, {"url": "http://www.acme.example/privacy", "requested": "acme.example"}, {}, ("acme.example", "acme.example")),
    "without target": ({"id": "x", "domain": "acme.example"}, {"url": "http://www.acme.example/privacy/"}, {}, ("acme.example", "acme.example/privacy")),
    "a version": ({"id": "x", "domain": ""}, {"requested": "Acme/Privacy Policy"}, {"path": "/v.bundle/Acme/Privacy Policy.md", "record": "1"}, ("Acme", "Acme/Privacy Policy")),
    "a file": ({"id": "x", "domain": ""}, {}, {"path": "/home/me/acme_2019.html"}, ("acme", "home/me/acme")),
    "a row": ({"id": "x", "domain": ""}, {}, {"path": "../pages.jsonl", "record": "7"}, ("pages#7", "pages#7")),
}  # fmt: skip


@pytest.mark.parametrize(("fields", "capture", "source", "expected"), OLDER.values(), ids=OLDER)
def test_read_jsonl_names_the_policies_of_older_files(annotator, tmp_path, fields, capture, source, expected):
    record = annotator(PAGE).to_dict()
    older = {key: value for key, value in record.items() if key not in ("site", "policy", "summary")} | fields
    older |= {"schema_version": "1.1", "capture": record["capture"] | capture}
    older["source"] = {"path": "", "record": ""} | source
    (tmp_path / "policies.jsonl").write_text(json.dumps(older) + "\n")
    (policy,) = extractor.read_jsonl(tmp_path / "policies.jsonl")
    assert (policy.site, policy.policy) == expected
    assert policy.source.fields == {}
