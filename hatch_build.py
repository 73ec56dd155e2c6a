"""Stops a build on a Python that is too old, and leaves the weights of `accurate` out of the wheels of a release.

The pip that comes with Python 3.9 (23.0) looks at requires-python last: it would first build spaCy and pyarrow, and
fail. The weights are four fifths of a wheel. What is built in a checkout has them, so that the extra `accurate` needs
nothing from elsewhere; `make wheels` sets WITHOUT_ACCURATE and makes a distribution of them
(docs/decisions/0025-installing.md).
"""

import os
import sys
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

if sys.version_info < (3, 10):  # noqa: UP036 - this file runs before requires-python is looked at
    sys.exit(f"archived-policy needs Python 3.10 or later; this is {sys.version_info[0]}.{sys.version_info[1]}.")


_WEIGHTS = ("README.md", "model.json", "encoder.onnx", "tokenizer.json", "fast")


class BundleWeights(BuildHookInterface):
    """Adds the weights of `accurate` to a wheel."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """What hatchling calls before it builds the "standard" or "editable" version."""
        if version == "standard" and not os.environ.get("WITHOUT_ACCURATE"):
            source = Path(self.root) / "models/accurate"
            target = "extractor/_bundled/models/accurate"
            build_data["force_include"] |= {str(source / name): f"{target}/{name}" for name in _WEIGHTS}
