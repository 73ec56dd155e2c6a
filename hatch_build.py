"""Stops a build on a Python that is too old.

The pip that comes with Python 3.9 (23.0) looks at requires-python last: it would first build spaCy and pyarrow, and
fail.
"""

import sys

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

if sys.version_info < (3, 10):  # noqa: UP036 - this file runs before requires-python is looked at
    sys.exit(f"archived-policy needs Python 3.10 or later; this is {sys.version_info[0]}.{sys.version_info[1]}.")


class CheckPython(BuildHookInterface):
    """The class that hatchling asks for; the check above is all there is."""
