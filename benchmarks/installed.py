"""What an installation weighs, and which dependency brings what. Run it with the Python of the environment.

python benchmarks/installed.py [NAME ...]     the whole, each dependency, and what stays if only NAME ... are wanted

Sizes are those of the files that pip and uv list as installed, in MB of a million bytes, compiled modules included.
"Alone" is what would go if the dependency did.
"""

import sys
from collections.abc import Iterable, Iterator
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

PACKAGE = "archived-policy"
EXTRAS = ("pdf", "zstd", "brotli", "parquet", "pandas", "accurate")


def files_of(name: str) -> Iterator[Path]:
    found = (Path(str(path.locate())) for path in distribution(name).files or ())
    return (path for path in found if path.is_file())


def megabytes(names: Iterable[str], suffix: str = "") -> float:
    paths = (path for name in names for path in files_of(name) if path.name.endswith(suffix))
    return sum(path.stat().st_size for path in paths) / 1e6


def requirements(name: str, extras: Iterable[str] = ()) -> Iterator[Requirement]:
    """What an installed distribution requires here, with some of its extras."""
    for line in distribution(name).requires or ():
        required = Requirement(line)
        if required.marker is None or any(required.marker.evaluate({"extra": extra}) for extra in ("", *extras)):
            yield required


def closure(roots: Iterable[str]) -> set[str]:
    """The names of some distributions and of all that they require and that is installed."""
    found: dict[tuple[str, frozenset[str]], None] = {}
    waiting = [(canonicalize_name(root), frozenset[str]()) for root in roots]
    while waiting:
        name, extras = waiting.pop()
        if (name, extras) in found or not is_installed(name):
            continue
        found[name, extras] = None
        waiting += [(canonicalize_name(one.name), frozenset(one.extras)) for one in requirements(name, extras)]
    return {name for name, _ in found}


def is_installed(name: str) -> bool:
    try:
        distribution(name)
    except PackageNotFoundError:
        return False
    return True


def print_row(label: str, names: set[str], alone: set[str] | None = None) -> None:
    columns = [f"{len(names)}", f"{megabytes(names):.1f}"]
    columns += [] if alone is None else [f"{len(alone)}", f"{megabytes(alone):.1f}"]
    print(f"| {label} | {' | '.join(columns)} |")


def main(wanted: list[str]) -> None:
    direct = sorted({canonicalize_name(one.name) for one in requirements(PACKAGE)})
    whole = closure(direct)
    everything = whole | {PACKAGE}
    print(
        f"Python {sys.version.split()[0]}: {len(everything)} packages, {megabytes(everything):.0f} MB, of which "
        f"compiled modules {megabytes(everything, '.pyc'):.0f} MB; {PACKAGE} itself {megabytes([PACKAGE]):.1f} MB"
    )
    print("\n| dependency | with all it brings: packages | MB | alone: packages | MB |\n|---|---:|---:|---:|---:|")
    for name in sorted(direct, key=lambda one: -megabytes(closure([one]))):
        print_row(name, closure([name]), whole - closure(other for other in direct if other != name))
    if wanted:
        print_row(f"only {', '.join(wanted)}", closure(wanted))
    print("\n| package | MB |\n|---|---:|")
    for name in sorted(whole, key=lambda one: -megabytes([one]))[:25]:
        print(f"| {name} | {megabytes([name]):.1f} |")
    for extra in EXTRAS:
        added = closure(one.name for one in requirements(PACKAGE, [extra])) - whole
        if added:
            print(f"extra {extra}: {len(added)} more packages ({', '.join(sorted(added))}), {megabytes(added):.1f} MB")


if __name__ == "__main__":
    main(sys.argv[1:])
