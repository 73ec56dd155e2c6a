"""Segments to labelled segments."""

from extractor.label.load import load_model
from extractor.label.memory import Memory, label_once
from extractor.label.model import Model

__all__ = ["Memory", "Model", "label_once", "load_model"]
