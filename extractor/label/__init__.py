"""Segments to labelled segments."""

from extractor.label.load import EvidenceFrom, load_model
from extractor.label.model import Model

__all__ = ["EvidenceFrom", "Model", "load_model"]
