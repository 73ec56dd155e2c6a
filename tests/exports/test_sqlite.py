"""The SQLite database, read by SQL, and shown by Datasette."""

import asyncio
import json
import sqlite3
from contextlib import closing

import pytest
from datasette.app import Datasette

from extractor.cli import main
from extractor.exports.sqlite_database import write_sqlite
from extractor.records import PRACTICES


@pytest.fixture(scope="module")
def database(corpus, tmp_path_factory):
    path = tmp_path_factory.mktemp("sqlite") / "study.sqlite"
    assert main(["export", str(corpus), "--format", "sqlite", "-o", str(path), "-q"]) == 0
    return path


def query(path, sql, *values):
    with closing(sqlite3.connect(path)) as db:
        return db.execute(sql, values).fetchall()


def test_write_sqlite_keeps_every_policy_segment_and_label(database, policies):
    assert query(database, "SELECT id, text, sharing FROM policies ORDER BY record") == [
        (policy.id, policy.text, policy.summary["sharing"]["polarity"]) for policy in policies
    ]
    segments = [(policy, segment) for policy in policies for segment in policy.segments]
    assert query(database, 'SELECT id, "index", segments.text FROM segments JOIN policies USING (record)') == [
        (policy.id, segment.index, segment.text) for policy, segment in segments
    ]
    assert query(database, "SELECT segment, practice, polarity, score FROM segment_practices") == [
        (number, name, segment.polarity[name], segment.scores[name])
        for number, (_, segment) in enumerate(segments, 1)
        for name in segment.practices
    ]
    for table, labels in (("categories", "categories"), ("data_types", "data_types")):
        (count,) = query(database, f"SELECT count(*) FROM segment_{table}")[0]
        values = (getattr(segment, labels) for _, segment in segments)
        assert count == sum(len(one) if isinstance(one, tuple) else sum(map(len, one.values())) for one in values) > 0


def test_write_sqlite_evidence_stands_in_text_of_policy(database):
    rows = query(
        database,
        'SELECT policies.text, start, "end", segment_evidence.text FROM segment_evidence '
        "JOIN (SELECT segment, record FROM segments) USING (segment) JOIN policies USING (record)",
    )
    assert rows and all(text[start:end] == words for text, start, end, words in rows)


def test_write_sqlite_foreign_keys_hold_and_file_is_sound(database):
    assert query(database, "PRAGMA foreign_key_check") == []
    assert query(database, "PRAGMA integrity_check") == [("ok",)]
    assert (
        query(database, "SELECT count(*) FROM segments_fts")[0] == query(database, "SELECT count(*) FROM segments")[0]
    )
    keys = {(row[2], row[3]) for row in query(database, "PRAGMA foreign_key_list(segment_practices)")}
    assert keys == {("segments", "segment")}


def test_write_sqlite_search_finds_other_forms_of_a_word(database):
    found = query(
        database,
        "SELECT segments.text FROM segments_fts JOIN segments ON segment = segments_fts.rowid WHERE segments_fts MATCH ?",
        "selling",
    )
    assert found and all("sell" in text.lower() for (text,) in found)


def test_write_sqlite_hard_record_and_unknown_date_come_back(tmp_path, hard):
    write_sqlite([hard, hard], tmp_path / "x.sqlite")  # the same record twice is two rows
    text, title, headings = query(
        tmp_path / "x.sqlite", "SELECT policies.text, title, headings FROM policies JOIN segments USING (record)"
    )[0]
    assert (text, title, headings) == (hard.text, hard.title, "=A › B")
    assert query(tmp_path / "x.sqlite", "SELECT count(DISTINCT record), count(*) FROM segments") == [(2, 4)]


def test_write_sqlite_same_policies_give_same_bytes(tmp_path, policies):
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        write_sqlite(policies, tmp_path / name / "x.sqlite")
    assert (tmp_path / "one/x.sqlite").read_bytes() == (tmp_path / "two/x.sqlite").read_bytes()


def test_export_sqlite_replaces_a_database_and_refuses_a_folder(corpus, database, tmp_path, capsys):
    path = tmp_path / "x.sqlite"
    path.write_text("something else")
    assert main(["export", str(corpus), "--format", "sqlite", "-o", str(path), "-q"]) == 0
    assert query(path, "SELECT count(*) FROM policies") == query(database, "SELECT count(*) FROM policies")
    assert main(["export", str(corpus), "--format", "sqlite", "-o", str(tmp_path), "-q"]) == 2
    assert main(["export", str(corpus), "--format", "sqlite", "-o", str(tmp_path / "no/x.sqlite"), "-q"]) == 1
    assert "no/x.sqlite: No such file" in capsys.readouterr().err
    assert {one.name for one in tmp_path.iterdir()} == {"x.sqlite", "x.metadata.json"}


# Datasette ------------------------------------------------------------------------------------------------------------
@pytest.fixture(scope="module")
def answer(database):
    """The answer of Datasette to a request."""
    metadata = json.loads(database.with_suffix(".metadata.json").read_text())
    datasette = Datasette([str(database)], metadata=metadata)

    def ask(path):
        response = asyncio.run(datasette.client.get(path))
        assert response.status_code == 200
        return response.json() if ".json" in path else response.text

    return ask


def test_datasette_shows_database_and_describes_every_column(answer, database):
    assert "21 captures of 5 privacy policies of 4 sites" in answer("/")
    assert "One row for each capture of a policy." in answer("/study/policies")
    tables = json.loads(database.with_suffix(".metadata.json").read_text())["databases"]["study"]["tables"]
    shown = {table["name"]: table["columns"] for table in answer("/study.json")["tables"] if not table["hidden"]}
    shown["dated_segments"] = answer("/study/dated_segments.json")["columns"]
    assert {name: list(table["columns"]) for name, table in tables.items()} == shown
    assert all(text for table in tables.values() for text in table["columns"].values())


def test_datasette_facets_count_practices(answer, policies):
    facets = answer("/study/segment_practices.json?_size=0&_facet=practice")["facet_results"]
    counted = {one["value"]: one["count"] for one in facets["practice"]["results"]}
    segments = [segment for policy in policies for segment in policy.segments]
    assert counted == {name: sum(name in segment.practices for segment in segments) for name in PRACTICES}
    assert set(answer("/study/policies.json")["facet_results"]) == {"site", "year", "language", "sharing"}


@pytest.mark.parametrize("table", ["segments", "dated_segments"])
def test_datasette_searches_text_of_segments(answer, policies, table):
    rows = answer(f"/study/{table}.json?_search=beacons&_shape=objects&_size=max")["rows"]
    texts = [segment for policy in policies for segment in policy.segments]
    held = [one.text for one in texts if "beacon" in f"{one.text} {one.headings}".lower()]
    assert held and sorted(row["text"] for row in rows) == sorted(held)


def test_datasette_links_a_segment_to_its_policy(answer, policies):
    row = answer("/study/segments.json?_labels=on&_shape=objects&_size=1")["rows"][0]
    assert row["record"] == {"value": 1, "label": policies[0].id}
