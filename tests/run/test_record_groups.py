"""Records read site by site and policy by policy, and the names by which one of them is chosen."""

import json
import re

import pytest

from extractor.compression import compressed_writer
from extractor.errors import UnreadableError, UsageError
from extractor.exports import encode_line, write_jsonl
from extractor.records import SCHEMA_VERSION, Policy, PolicyCapture, Provenance, Source, Verdict
from extractor.run.folder import read_by_policy, read_by_site


def record(number: int, site: str, policy: str, **changes) -> Policy:
    fields = {
        "schema_version": SCHEMA_VERSION, "id": str(number), "site": site, "policy": policy, "domain": "",
        "title": "", "language": "en", "source": Source(), "capture": PolicyCapture(), "verdict": Verdict(True, 0.9),
        "markdown": "", "text": "", "labelled": False, "segments": (), "provenance": Provenance(),
    }  # fmt: skip
    return Policy(**{**fields, **changes})


def at_url(number: int, url: str) -> Policy:
    return record(number, "shop.example", url, domain="shop.example", capture=PolicyCapture(url=f"http://{url}"))


RECORDS = [
    record(0, "GitHub", "GitHub/Privacy Policy"),
    record(1, "Buffer", "Buffer/Privacy Policy"),
    at_url(2, "shop.example/privacy"),
    record(3, "GitHub", "GitHub/Terms of Service"),
    record(4, "GitHub", "GitHub/Privacy Policy"),
    at_url(5, "shop.example/legal"),
]


def ids(groups):
    return [[int(one.id) for one in group] for group in groups]


@pytest.mark.parametrize("name", ["policies.jsonl", "policies.jsonl.gz", "policies.jsonl.zst"])
def test_records_are_grouped_in_order_of_the_file(tmp_path, name):
    write_jsonl(RECORDS, tmp_path / name)
    assert ids(read_by_site(tmp_path)) == [[0, 3, 4], [1], [2, 5]]
    assert ids(read_by_policy(tmp_path)) == [[0, 4], [1], [2, 5], [3]]  # a policy may have moved within its site
    assert [one for group in read_by_site(tmp_path) for one in group if one.id == "4"] == [RECORDS[4]]


def test_progress_is_told_of_each_site_after_its_records_were_used(tmp_path):
    write_jsonl(RECORDS, tmp_path / "policies.jsonl")
    told = []
    for group in read_by_site(tmp_path, progress=lambda done, of: told.append((done, of))):
        told.append(group[0].site)
    assert told == ["GitHub", (1, 3), "Buffer", (2, 3), "shop.example", (3, 3)]


def test_records_in_several_files_keep_their_order(tmp_path):
    for number, part in enumerate((RECORDS[3:], RECORDS[:3])):
        write_jsonl(part, tmp_path / f"policies-0000{number}.jsonl.gz")
    assert ids(read_by_policy(tmp_path)) == [[3], [4, 0], [5, 2], [1]]


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        ("GitHub", [[0, 4], [3]]),
        ("github", [[0, 4], [3]]),
        ("GitHub/Privacy Policy", [[0, 4]]),
        ("terms of service", [[3]]),
        ("https://www.shop.example/privacy/", [[2]]),
        ("shop.example", [[2, 5]]),
    ],
)
def test_a_name_of_a_site_or_policy_narrows_the_records(tmp_path, wanted, found):
    write_jsonl(RECORDS, tmp_path / "policies.jsonl")
    assert ids(read_by_policy(tmp_path, wanted)) == found


@pytest.mark.parametrize(
    ("wanted", "reason"),
    [
        ("Privacy Policy", "'Privacy Policy' may be Buffer/Privacy Policy or GitHub/Privacy Policy: name one of them"),
        ("GitHub/Privacy", "has no site or policy 'GitHub/Privacy'. Did you mean GitHub/Privacy Policy"),
        ("Githob", "Did you mean GitHub?"),
        (
            "zzz",
            "has no site or policy 'zzz'. There is GitHub, GitHub/Privacy Policy, Buffer, Buffer/Privacy Policy or",
        ),
    ],
)
def test_an_ambiguous_or_unknown_name_is_refused_with_the_nearest(tmp_path, wanted, reason):
    write_jsonl(RECORDS, tmp_path / "policies.jsonl")
    with pytest.raises(UsageError, match=re.escape(reason)):
        list(read_by_policy(tmp_path, wanted))


@pytest.mark.parametrize("suffix", ["", ".gz"])
@pytest.mark.parametrize("damage", [b'{"site": 3}\n', b"{\n", b"\n", b"\xff\n"])
def test_damaged_records_are_named_by_their_line(tmp_path, suffix, damage):
    path = tmp_path / f"policies.jsonl{suffix}"
    with path.open("wb") as raw, compressed_writer(raw, path) as stream:
        stream.write(encode_line(RECORDS[0]) + damage)
    with pytest.raises(UnreadableError, match=r"policies\.jsonl.* is damaged at or after line"):
        list(read_by_policy(tmp_path))


def test_a_record_that_lacks_a_field_is_damaged(tmp_path):
    (tmp_path / "policies.jsonl").write_text(json.dumps({"site": "A", "policy": "A/B"}) + "\n")
    with pytest.raises(UnreadableError, match=r"policies.jsonl is damaged: .*missing required field"):
        list(read_by_site(tmp_path))


def test_records_of_older_schemas_are_grouped_by_what_they_are_captures_of(tmp_path):
    lines = []
    for one in RECORDS[:3]:
        fields = {**one.to_dict(), "schema_version": "1.1"}
        lines.append(json.dumps({key: fields[key] for key in fields if key not in ("site", "policy", "summary")}))
    (tmp_path / "policies.jsonl").write_text("\n".join(lines) + "\n")
    assert len(list(read_by_policy(tmp_path, "shop.example/privacy"))) == 1
