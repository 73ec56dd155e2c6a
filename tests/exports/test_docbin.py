"""DocBin, read by spaCy and compared with the results of the component."""

import pytest
import spacy
from spacy.tokens import DocBin
from spacy.training import Corpus

from extractor.errors import UsageError
from extractor.exports import docbin
from extractor.exports.docbin import write_docbin

KEY = "policy_practices"


def practice_spans(doc):
    group = doc.spans[KEY]
    return [
        (span.start_char, span.end_char, span.label_, score)
        for span, score in zip(group, group.attrs["scores"], strict=True)
    ]


def read_docs(path, nlp):
    return list(DocBin().from_disk(path).get_docs(nlp.vocab))


def test_write_docbin_gives_texts_spans_and_scores_to_spacy(tmp_path, labelled, hard):
    nlp = spacy.blank("en")
    assert write_docbin([*labelled, hard], tmp_path / "p.spacy") == len(labelled) + 1
    docs = read_docs(tmp_path / "p.spacy", nlp)
    for doc, policy in zip(docs, [*labelled, hard], strict=True):
        assert doc.text == policy.text
        expected = [(s.start, s.end, name, s.scores[name]) for s in policy.segments for name in s.practices]
        found = practice_spans(doc)
        assert [mark[2:] for mark in found] == [mark[2:] for mark in expected]
        # tokens may cross the border of a segment: "p.example.Next"
        assert all(a[0] <= b[0] and b[1] <= a[1] for a, b in zip(found, expected, strict=True))
        assert [span.text for span in doc.spans["passages"]] == [
            doc.text[s.start_char : s.end_char] for s in doc.spans["passages"]
        ]
        assert doc.user_data["id"] == policy.id
        evidence = [(a, b, name) for s in policy.segments for name in s.practices for a, b in s.evidence[name]]
        assert [span.label_ for span in doc.spans["evidence"]] == [name for *_, name in evidence]
        for span, (start, end, _) in zip(doc.spans["evidence"], evidence, strict=True):
            assert span.start_char <= start < end <= span.end_char


def test_component_gives_same_spans_as_write_docbin(tmp_path, annotator, labelled):
    plain = [
        annotator("<p>We use cookies and beacons on each of our pages.</p><p>We sell your address to others.</p>" * 9)
    ]
    assert plain[0].labelled
    write_docbin(plain, tmp_path / "p.spacy")
    nlp = spacy.blank("en")
    (doc,) = read_docs(tmp_path / "p.spacy", nlp)
    nlp.add_pipe("policy_practices", config={"passages_key": "passages"})
    again = nlp.make_doc(doc.text)
    again.spans["passages"] = [again[span.start : span.end] for span in doc.spans["passages"]]
    assert practice_spans(nlp(again)) == practice_spans(doc) != []


def test_spacy_training_corpus_reads_folder_of_docbins(tmp_path, labelled):
    for number, policy in enumerate(labelled[:3]):
        write_docbin([policy], tmp_path / f"policies-{number:05}.spacy")
    assert len(list(Corpus(tmp_path)(spacy.blank("en")))) == 3


def test_write_docbin_with_too_many_tokens_raises_and_leaves_no_file(tmp_path, labelled, monkeypatch):
    monkeypatch.setattr(docbin, "_MAX_TOKENS", 1_000)
    with pytest.raises(UsageError, match="--per-file"):
        write_docbin(labelled, tmp_path / "p.spacy")
    assert not list(tmp_path.iterdir())
