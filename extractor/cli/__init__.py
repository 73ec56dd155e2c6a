"""The command line: arguments, progress, exit codes; no logic of its own."""

from extractor.cli.main import main

__all__ = ["main"]
