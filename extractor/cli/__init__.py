"""The command line: options, progress, exit codes; no logic of its own."""

from extractor.cli.main import main
from extractor.cli.parser import build_parser

__all__ = ["build_parser", "main"]
