"""The models in scikit-learn and spaCy pipelines."""

import pickle

import numpy as np
import pytest
import spacy
from sklearn.base import clone
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer
from spacy.tokens import DocBin

from extractor.errors import ModelError, UsageError
from extractor.label import load_model
from extractor.label.estimator import PolicyClassifier
from extractor.records import CATEGORIES, PRACTICES, Segment

KEY = "policy_practices"
COOKIES, CHILDREN = (
    "We use cookies and web beacons on our site.",
    "We do not knowingly collect data of children under 13.",
)
TEXT = f"Privacy\n\n{COOKIES}\n\n{CHILDREN}\nTheir parents may write to us.\n"


# scikit-learn --------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(("scheme", "labels"), [("practices", PRACTICES), ("opp115", CATEGORIES)])
def test_estimator_predicts_what_the_model_labels(scheme, labels):
    estimator = PolicyClassifier(scheme=scheme).fit()
    labelled = load_model("fast").label([Segment(0, 0, len(text), text) for text in (COOKIES, CHILDREN)])
    assert tuple(estimator.classes_) == labels
    field, scores = ("practices", "scores") if scheme == "practices" else ("categories", "category_scores")
    expected = [[int(label in getattr(one, field)) for label in labels] for one in labelled]
    assert estimator.predict([COOKIES, CHILDREN]).tolist() == expected
    given = [list(getattr(one, scores).values()) for one in labelled]
    assert estimator.predict_proba([COOKIES, CHILDREN]).tolist() == given


def test_estimator_in_pipeline_predicts_the_same_when_cloned_or_pickled():
    pipeline = make_pipeline(FunctionTransformer(lambda texts: [text.strip() for text in texts]), PolicyClassifier())
    expected = pipeline.fit([COOKIES]).predict([f" {COOKIES}", CHILDREN])
    assert np.array_equal(clone(pipeline).predict([COOKIES, CHILDREN]), expected)
    pickled = pickle.dumps(pipeline[-1])
    assert len(pickled) < 2_000 and np.array_equal(pickle.loads(pickled).predict([COOKIES, CHILDREN]), expected)
    assert PolicyClassifier().predict([]).shape == (0, 5)


def test_unpickled_estimator_with_another_model_raises_model_error():
    estimator = PolicyClassifier().fit()
    estimator.sha256_ = "0" * 64
    with pytest.raises(ModelError, match="fast"):
        pickle.loads(pickle.dumps(estimator))


def test_fit_with_unknown_scheme_names_the_schemes():
    with pytest.raises(UsageError, match="practices or opp115"):
        PolicyClassifier(scheme="nine").fit()


@pytest.mark.parametrize("method", ["predict", "predict_proba"])
@pytest.mark.parametrize(
    ("passages", "says"),
    [
        (COOKIES, r"give a list, \[passage\]"),
        (COOKIES.encode(), r"give a list, \[passage\]"),
        (Segment(0, 0, 1, "a"), r"give a list, \[passage\]"),
        ([COOKIES, None], "Passage 1 is a NoneType"),
        (np.array([[COOKIES], [CHILDREN]]), "Passage 0 is a ndarray"),
    ],
)
def test_predict_on_what_is_no_list_of_passages_raises_type_error(method, passages, says):
    with pytest.raises(TypeError, match=says):
        getattr(PolicyClassifier(), method)(passages)


# spaCy ---------------------------------------------------------------------------------------------------------------
@pytest.fixture(scope="module")
def nlp():
    nlp = spacy.blank("en")
    nlp.add_pipe("policy_practices")
    return nlp


def marks(doc) -> list[tuple[str, str, float]]:
    group = doc.spans[KEY]
    return [(span.text.strip(), span.label_, score) for span, score in zip(group, group.attrs["scores"], strict=True)]


def test_component_adds_spans_with_practices_and_scores(nlp):
    found = marks(nlp(TEXT))
    assert (COOKIES, "cookies") in [mark[:2] for mark in found]
    assert any(label == "children" and text.startswith(CHILDREN) and text.endswith("us.") for text, label, _ in found)
    assert all(0 < score <= 1 for *_, score in found)


def test_pipe_equals_single_calls(nlp):
    texts = [TEXT, "", COOKIES, "\n\n", CHILDREN] * 3
    assert [marks(doc) for doc in nlp.pipe(texts, batch_size=4)] == [marks(nlp(text)) for text in texts]


def test_component_with_passages_key_uses_those_spans():
    nlp = spacy.blank("en")
    component = nlp.add_pipe("policy_practices", config={"passages_key": "mine"})
    doc = nlp.make_doc(f"{COOKIES} {CHILDREN}")
    with pytest.raises(UsageError, match="mine"):
        component(doc)
    doc.spans["mine"] = [doc.char_span(0, len(COOKIES))]
    assert {text for text, *_ in marks(component(doc))} == {COOKIES}


def test_component_from_disk_and_bytes_gives_the_same_spans(nlp, tmp_path):
    nlp.to_disk(tmp_path / "pipeline")
    assert marks(spacy.load(tmp_path / "pipeline")(TEXT)) == marks(nlp(TEXT))
    other = spacy.blank("en")
    other.add_pipe("policy_practices")
    assert marks(other.from_bytes(nlp.to_bytes())(TEXT)) == marks(nlp(TEXT))


def test_docbin_keeps_spans_and_scores(nlp):
    packed = DocBin(docs=[nlp(TEXT)]).to_bytes()
    assert marks(next(DocBin().from_bytes(packed).get_docs(nlp.vocab))) == marks(nlp(TEXT))


def test_component_from_damaged_folder_raises_model_error(nlp, tmp_path):
    nlp.to_disk(tmp_path / "pipeline")
    (tmp_path / "pipeline/policy_practices/terms.txt").write_text("clock")
    with pytest.raises(ModelError, match=r"terms\.txt"):
        spacy.load(tmp_path / "pipeline")
