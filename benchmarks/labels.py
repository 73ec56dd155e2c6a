"""Compares the models with a common alternative: TF-IDF with balanced logistic regression, from scikit-learn.

    .venv/bin/python -m benchmarks.labels DATA/opp115

Quality is that of builds not trained on the benchmark's validation set, on that set. Speed is measured in the same run,
in milliseconds a passage on one core and as a ratio.
"""

import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.multiclass import OneVsRestClassifier
from sklearn.pipeline import make_pipeline
from threadpoolctl import threadpool_limits

from extractor.errors import ModelError
from extractor.label import load_model
from extractor.records import CATEGORIES
from extractor.training import label_metrics, train_fast_model
from extractor.training.data import LabelledText, read_opp115, text_segment
from extractor.training.evaluation import label_matrix

TEACHER = Path("models/teacher")


def plain_labels(train: list[LabelledText], test: list[LabelledText]):
    """The labels of scikit-learn's model, and the seconds that they took."""
    rules = OneVsRestClassifier(LogisticRegression(C=10, class_weight="balanced", max_iter=1000))
    pipeline = make_pipeline(TfidfVectorizer(ngram_range=(1, 2), sublinear_tf=True, min_df=2), rules)
    pipeline.fit([row.text for row in train], label_matrix([row.labels for row in train], CATEGORIES))
    start = time.process_time()
    return pipeline.predict([row.text for row in test]), time.process_time() - start


def our_labels(name: str | Path, test: list[LabelledText]):
    """The labels of one of our models, and the seconds that they took."""
    model = load_model(name)
    segments = [text_segment(row.text) for row in test]
    model.label(segments[:20])
    start = time.process_time()
    labelled = model.label(segments)
    return label_matrix([one.categories for one in labelled], CATEGORIES), time.process_time() - start


def main(data: Path) -> None:
    corpus = read_opp115(data)
    test = corpus.validation
    truth = label_matrix([row.labels for row in test], CATEGORIES)
    with TemporaryDirectory() as folder:
        train_fast_model(data, Path(folder), exclude="validation", teacher=TEACHER if TEACHER.exists() else None)
        found = {"TF-IDF, scikit-learn": plain_labels(corpus.train, test), "fast": our_labels(folder, test)}
    try:
        found["accurate"] = our_labels("accurate", test)
    except ModelError as error:
        print(error)
    base = found["TF-IDF, scikit-learn"][1]
    print("| model | macro F1 | micro F1 | ms a passage | time against scikit-learn |\n|---|---:|---:|---:|---:|")
    for name, (given, seconds) in found.items():
        figures = label_metrics(CATEGORIES, truth, np.asarray(given, dtype=np.int8))
        speed = f"{1000 * seconds / len(test):.2f} | {seconds / base:.1f}"
        print(f"| {name} | {figures['macro']:.3f} | {figures['micro']:.3f} | {speed} |")


if __name__ == "__main__":
    with threadpool_limits(1):
        main(Path(sys.argv[1]))
