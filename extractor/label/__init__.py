"""Segments to labelled segments."""

from extractor.label.model import Model, load_model

__all__ = ["Model", "load_model"]
