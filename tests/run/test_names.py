"""The names of sites and policies in files that are checked, resumed and grouped."""

from dataclasses import replace

import pytest

import extractor
from extractor.corpora import CorpusFilter
from extractor.run.corpus import CorpusTally, annotate_into, read_paths
from extractor.run.folder import policy_faults

PAGE = "<h1>Privacy policy</h1><p>We collect your name and your address when you order a lamp.</p>"


@pytest.fixture(scope="module")
def annotator():
    return extractor.load()


@pytest.mark.parametrize(
    ("names", "fault"),
    [
        ({}, ""),
        ({"site": ""}, "its site is empty"),
        ({"policy": ""}, "its policy is empty"),
        ({"policy": "/home/me/a.html"}, "its policy is the path /home/me/a.html"),
    ],
)
def test_policy_faults_names_a_record_without_names(annotator, names, fault):
    policy = replace(annotator(PAGE), **names)
    assert [fault in found for found in policy_faults(policy)] == [True] * bool(fault)


def test_annotate_into_makes_records_again_whose_names_changed(annotator, tmp_path):
    """The names count from the folder that all paths have in common, so that another path may change them."""
    for folder in ("acme", "zeta"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "privacy.html").write_text(PAGE)
    output = tmp_path / "out.jsonl"

    def pages(*folders):
        yield from read_paths([tmp_path / folder for folder in folders], CorpusTally(), CorpusFilter())
        if len(folders) == 1:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        annotate_into(output, annotator, pages("acme"), lambda _: None, workers=1)
    annotate_into(output, annotator, pages("acme", "zeta"), lambda _: None, workers=1)
    assert [policy.policy for policy in extractor.read_jsonl(output)] == ["acme/privacy", "zeta/privacy"]
