"""Segments to labelled segments."""

from extractor.label.load import load_model
from extractor.label.model import Model

__all__ = ["Model", "load_model"]
