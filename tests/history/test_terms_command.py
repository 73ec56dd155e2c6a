"""The command `terms`, with good and with bad input."""

import csv
import json

import pytest
from pyarrow.parquet import read_table

from extractor.cli import main
from extractor.exports import encode_line, read_jsonl, write_jsonl
from extractor.label import denies_words
from extractor.records import PolicyCapture, Verdict

FILES = ["first_mentions.csv", "mentions.jsonl", "terms.csv", "terms.svg"]


def rows_of(path):
    with path.open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


def lines_of(path):
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def names(folder):
    return sorted(path.name for path in folder.iterdir())


@pytest.fixture(scope="session")
def sample_terms(sample_run, tmp_path_factory):
    out = tmp_path_factory.mktemp("terms") / "out"
    assert main(["terms", str(sample_run), "-o", str(out), "--every", "year", "--parquet", "-q"]) == 0
    return out


def test_terms_of_a_run_folder_writes_mentions_tables_and_chart(sample_run, sample_terms, capsys):
    assert names(sample_terms) == sorted([*FILES, "first_mentions.parquet", "terms.parquet"])
    texts = {policy.id: policy.text for policy in read_jsonl(sample_run / "policies.jsonl")}
    mentions = lines_of(sample_terms / "mentions.jsonl")
    assert list(mentions[0]) == [
        "record", "term", "start", "end", "text", "polarity", "site", "policy", "timestamp",
    ]  # fmt: skip
    assert all(texts[one["record"]][one["start"] : one["end"]] == one["text"] for one in mentions)
    assert {"cookie", "personal_information", "opt_out"} <= {one["term"] for one in mentions}


def test_terms_without_an_output_folder_writes_beside_the_records(sample_run, tmp_path, capsys):
    write_jsonl(read_jsonl(sample_run / "policies.jsonl"), tmp_path / "policies.jsonl.gz")
    assert main(["terms", str(tmp_path / "policies.jsonl.gz")]) == 0
    assert names(tmp_path / "terms") == FILES
    assert "terms found" in capsys.readouterr().err


def test_terms_of_the_sample_stories_appear_when_they_are_told(sample_terms):
    shares = {
        (row["term"], row["period"]): int(row["mentioning"])
        for row in rows_of(sample_terms / "terms.csv")
        if (row["unit"], row["panel"]) == ("sites", "all")
    }
    years = {period for _, period in shares}
    assert not any(shares["gdpr", year] for year in years if year < "2016")
    assert not any(shares["ccpa", year] for year in years if year < "2018")
    assert any(shares["cookie", year] for year in years if year < "2016")
    assert {row["of"] for row in rows_of(sample_terms / "terms.csv")} >= {"0"}  # gaps have rows, without a share


def test_terms_writes_the_same_tables_as_csv_and_parquet(sample_terms):
    for name in ("terms", "first_mentions"):
        table = read_table(sample_terms / f"{name}.parquet").to_pylist()
        assert rows_of(sample_terms / f"{name}.csv") == [
            {key: "" if value is None else str(value) for key, value in row.items()} for row in table
        ]


def test_terms_does_not_depend_on_the_order_of_records(sample_run, sample_terms, tmp_path):
    policies = list(read_jsonl(sample_run / "policies.jsonl"))
    write_jsonl(policies[::2] + policies[1::2], tmp_path / "policies.jsonl")
    assert main(["terms", str(tmp_path), "--every", "year", "-q"]) == 0
    assert (tmp_path / "terms/terms.csv").read_bytes() == (sample_terms / "terms.csv").read_bytes()
    assert (tmp_path / "terms/terms.svg").read_bytes() == (sample_terms / "terms.svg").read_bytes()
    found, expected = (sorted((folder / "mentions.jsonl").open()) for folder in (tmp_path / "terms", sample_terms))
    assert found == expected


def test_first_mentions_are_lines_of_mentions(sample_terms):
    mentions = {(one["record"], one["term"], one["start"]) for one in lines_of(sample_terms / "mentions.jsonl")}
    first = rows_of(sample_terms / "first_mentions.csv")
    assert all((row["record"], row["term"], int(row["start"])) in mentions for row in first)
    assert len({(row["site"], row["term"]) for row in first}) == len(first)


@pytest.fixture
def corpus(make_policy, tmp_path):
    records = [
        make_policy("20150401000000", "We do not use cookies.\n\nHere is COPPA.", id="a"),
        make_policy("20160401000000", "We use cookies.", id="b"),
        make_policy("20160401000000", "Cookies and HIPAA.", id="c", labelled=False),
        make_policy("20160401000000", "Cookies and GDPR.", id="d", verdict=Verdict(False, 0.0)),
        make_policy("", "A web beacon.", id="e", capture=PolicyCapture()),
        make_policy("20150401000000", "No lamp is sold.", id="f", domain="boats.example"),
    ]
    write_jsonl(records, tmp_path / "policies.jsonl")
    return tmp_path


def test_terms_counts_usable_english_records_and_tells_what_has_no_date(corpus, capsys):
    assert main(["terms", str(corpus), "--every", "year"]) == 0
    assert "1 record has no date" in capsys.readouterr().err
    found = [(one["record"], one["term"], one["polarity"]) for one in lines_of(corpus / "terms/mentions.jsonl")]
    assert found == [("a", "cookie", "does_not"), ("a", "coppa", ""), ("b", "cookie", ""), ("e", "web_beacon", "")]
    rows = {
        (row["period"], row["term"]): (row["mentioning"], row["of"], row["denying"])
        for row in rows_of(corpus / "terms/terms.csv")
        if (row["unit"], row["panel"]) == ("sites", "all")
    }
    assert (rows["2015", "cookie"], rows["2016", "cookie"]) == (("1", "2", "1"), ("1", "1", "0"))
    assert (rows["2015", "web_beacon"], rows["2016", "hipaa"]) == (("0", "2", "0"), ("0", "1", "0"))


def test_terms_of_one_policy_and_with_a_list_of_ones_own(corpus, tmp_path):
    path = tmp_path / "own.toml"
    path.write_text(
        'version = 1\n[groups]\nthings = "Things"\n'
        '[[term]]\nid = "lamp"\nlabel = "Lamp"\ngroup = "things"\nnames = ["lamp"]\n',
        encoding="utf-8",
    )
    words = ["terms", str(corpus), "--terms", str(path), "--policy", "boats.example", "-o", str(tmp_path / "out"), "-q"]
    assert main(words) == 0
    assert [(one["term"], one["text"]) for one in lines_of(tmp_path / "out/mentions.jsonl")] == [("lamp", "lamp")]
    assert {row["term"] for row in rows_of(tmp_path / "out/terms.csv")} == {"lamp"}


BAD_CALLS = [
    (["--terms", "nowhere.toml"], 1, "There is no file nowhere.toml"),
    (["--policy", "boat"], 2, "no site or policy 'boat'. Did you mean boats.example"),
    (["--discover", "--spans", "2015", "soon"], 2, "2015 and soon are no spans of years"),
    (["--discover", "--spans", "2016", "2015"], 2, "2016 does not end before 2015 begins"),
    (["--discover", "--spans", "2016-2015", "2019"], 2, "are no spans of years"),
]


@pytest.mark.parametrize(("words", "code", "reason"), BAD_CALLS)
def test_terms_of_bad_options_says_what_is_wrong(corpus, tmp_path, capsys, words, code, reason):
    assert main(["terms", str(corpus), *words, "-o", str(tmp_path / "out")]) == code
    assert reason in capsys.readouterr().err


def test_terms_with_a_mistake_in_the_list_exits_with_4(corpus, tmp_path, capsys):
    (tmp_path / "own.toml").write_text("version = 1\n")
    assert main(["terms", str(corpus), "--terms", str(tmp_path / "own.toml")]) == 4
    assert "own.toml: write a table [groups]" in capsys.readouterr().err
    assert not (corpus / "terms").exists()


def test_terms_of_an_empty_or_damaged_corpus_says_so(sample_run, tmp_path, capsys):
    (tmp_path / "policies.jsonl").touch()
    assert main(["terms", str(tmp_path)]) == 0
    assert "there are no shares" in capsys.readouterr().err
    assert main(["terms", str(tmp_path), "--discover"]) == 2
    assert "too few years to compare" in capsys.readouterr().err
    whole = encode_line(next(read_jsonl(sample_run / "policies.jsonl")))
    (tmp_path / "policies.jsonl").write_bytes(whole + whole[:200])
    assert main(["terms", str(tmp_path)]) == 1
    assert "damaged at or after line" in capsys.readouterr().err


def test_discover_writes_phrases_with_examples_of_both_panels(make_policy, tmp_path, capsys):
    old, new, other = (
        "We send a postal newsletter.",
        "We honor Global Privacy Control.",
        "We stream music.\n\nWe honor Global Privacy Control.",
    )
    captures = [(site, year, new if year > 2015 else old) for site in "abcdef" for year in (2010, 2011, 2020, 2021)]
    captures += [(site, 2021, other) for site in "123456789"]  # before the sites of both spans
    records = [
        make_policy(f"{year}0401000000", f"Site {site} has lamps.", text, id=f"{site}-{year}", domain=f"{site}.example")
        for site, year, text in captures
    ]
    write_jsonl(records, tmp_path / "policies.jsonl")
    assert main(["terms", str(tmp_path), "--discover", "--spans", "2010-2011", "2020-2021", "--parquet"]) == 0
    shown = capsys.readouterr().err
    assert "rose, 2010-2011 to 2020-2021, all (6 and 15 sites): honor global privacy control, stream music" in shown
    assert "rose, 2010-2011 to 2020-2021, fixed (6 and 6 sites): honor global privacy control\n" in shown
    table = rows_of(tmp_path / "terms/discovered.csv")
    rows = {(row["panel"], row["phrase"]): row for row in table}
    assert {key: row["direction"] for key, row in rows.items()} == {
        ("all", "stream music"): "rose",
        ("all", "honor global privacy control"): "rose",
        ("all", "send a postal newsletter"): "fell",
        ("fixed", "honor global privacy control"): "rose",
        ("fixed", "send a postal newsletter"): "fell",
    }
    row = rows["fixed", "honor global privacy control"]
    assert [row[name] for name in ("before", "before_of", "after", "after_of", "both")] == ["0", "6", "6", "6", "0"]
    assert (row["terms"], row["example"], row["record"]) == ("gpc", new, "a-2020")
    texts = {record.id: record.text for record in records}
    assert all(texts[row["record"]][int(row["start"]) : int(row["end"])].lower() == row["phrase"] for row in table)
    assert read_table(tmp_path / "terms/discovered.parquet").num_rows == len(table)


DENIALS = [
    # the sentence with the words marked, and whether it denies them
    ("We do not use [cookies].", True),
    ("We never sell [personal information] to anybody.", True),
    ("Lamps Ltd does not collect [biometric data].", True),
    ("[Cookies] are not used on this site.", True),
    ("Your [credit card number] is never stored.", True),
    ("We do not respond to [Do Not Track] signals.", True),
    ("We are not certified under the [Privacy Shield].", True),
    ("There are no [cookies] here.", True),
    ("We use [cookies].", False),
    ("We do not use [cookies] to identify you.", False),
    ("We do not use your name, but we set [cookies].", False),
    ("If you do not accept [cookies], the shop forgets you.", False),
    ("You may not be able to order without [cookies].", False),
    ("We are not responsible for the [cookies] of others.", False),
    ("You do not have to accept [cookies].", False),
    ("Not only [cookies] are used.", False),
    ("We collect no names through [web beacons].", False),
    ("[Cookies] are not used to identify you.", False),
    ("It is no longer necessary to keep [personal data].", False),
    ("Our [service providers] may not use it for themselves.", False),
    ("[Cookies] will not contain your name.", False),
    ("If you don't use it, look into the [spam] folder.", False),
    ('Press the link "Do not [sell]".', False),
    ("This does not include [aggregated information].", False),
    ("Nothing here restricts our right to share [anonymized] data.", False),
    ("[Cookies] will not be used.", True),
]


@pytest.mark.parametrize(("marked", "denied"), DENIALS)
def test_denies_words_of_a_sentence(marked, denied):
    start, end = marked.index("["), marked.index("]") - 1
    assert denies_words(marked.replace("[", "").replace("]", ""), start, end) is denied
