"""DocBin, opened by spaCy, and held against what the component says."""

import pytest
import spacy
from spacy.tokens import DocBin
from spacy.training import Corpus

from extractor.errors import UsageError
from extractor.exports import docbin
from extractor.exports.docbin import write_docbin

KEY = "policy_practices"


def marks(doc):
    group = doc.spans[KEY]
    return [
        (span.start_char, span.end_char, span.label_, score)
        for span, score in zip(group, group.attrs["scores"], strict=True)
    ]


def read(path, nlp):
    return list(DocBin().from_disk(path).get_docs(nlp.vocab))


def test_spacy_reads_texts_spans_and_scores(tmp_path, labelled, hard):
    nlp = spacy.blank("en")
    assert write_docbin([*labelled, hard], tmp_path / "p.spacy") == len(labelled) + 1
    docs = read(tmp_path / "p.spacy", nlp)
    for doc, policy in zip(docs, [*labelled, hard], strict=True):
        assert doc.text == policy.text
        expected = [(s.start, s.end, name, s.scores[name]) for s in policy.segments for name in s.practices]
        found = marks(doc)
        assert [mark[2:] for mark in found] == [mark[2:] for mark in expected]
        # tokens may reach over a border: "p.example.Next"
        assert all(a[0] <= b[0] and b[1] <= a[1] for a, b in zip(found, expected, strict=True))
        assert [span.text for span in doc.spans["passages"]] == [
            doc.text[s.start_char : s.end_char] for s in doc.spans["passages"]
        ]
        assert doc.user_data["id"] == policy.id
        carried = [(a, b, name) for s in policy.segments for name in s.practices for a, b in s.evidence[name]]
        assert [span.label_ for span in doc.spans["evidence"]] == [name for *_, name in carried]
        for span, (start, end, _) in zip(doc.spans["evidence"], carried, strict=True):
            assert span.start_char <= start < end <= span.end_char


def test_the_component_makes_the_same_of_the_same_passages(tmp_path, annotator, labelled):
    plain = [
        annotator("<p>We use cookies and beacons on each of our pages.</p><p>We sell your address to others.</p>" * 9)
    ]
    assert plain[0].labelled
    write_docbin(plain, tmp_path / "p.spacy")
    nlp = spacy.blank("en")
    (doc,) = read(tmp_path / "p.spacy", nlp)
    nlp.add_pipe("policy_practices", config={"passages_key": "passages"})
    again = nlp.make_doc(doc.text)
    again.spans["passages"] = [again[span.start : span.end] for span in doc.spans["passages"]]
    assert marks(nlp(again)) == marks(doc) != []


def test_spacys_trainer_reads_a_folder_of_them(tmp_path, labelled):
    for number, policy in enumerate(labelled[:3]):
        write_docbin([policy], tmp_path / f"policies-{number:05}.spacy")
    assert len(list(Corpus(tmp_path)(spacy.blank("en")))) == 3


def test_too_many_for_one_are_refused_and_nothing_is_left(tmp_path, labelled, monkeypatch):
    monkeypatch.setattr(docbin, "_MAX_TOKENS", 1_000)
    with pytest.raises(UsageError, match="--per-file"):
        write_docbin(labelled, tmp_path / "p.spacy")
    assert not list(tmp_path.iterdir())
