"""The wheel has all it needs: built, installed elsewhere, and used on a page."""

import json
import os
import subprocess
import sys
import venv
import zipfile
from collections.abc import Sequence
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PAGE = (
    "<h1>Privacy policy</h1><p>We use cookies to remember you, and you can refuse cookies in your browser settings. "
    "Our shop works without them, but it forgets what is in your basket as soon as you close the browser.</p>"
)


MAX_RELEASED_BYTES = 5_000_000  # of the wheel of a release, which is without the weights of `accurate`


def build_wheel(source, folder, **environment):
    build = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(folder), str(source)]
    subprocess.run(build, check=True, capture_output=True, env={**os.environ, **environment})
    return next(folder.glob("*.whl"))


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    """What a checkout builds."""
    return build_wheel(ROOT, tmp_path_factory.mktemp("wheel"))


@pytest.fixture(scope="module")
def released_wheels(tmp_path_factory):
    """What `make wheels` builds: the package, and the weights of `accurate`."""
    package = build_wheel(ROOT, tmp_path_factory.mktemp("package"), WITHOUT_ACCURATE="1")
    return [package, build_wheel(ROOT / "models/accurate", tmp_path_factory.mktemp("weights"))]


def test_wheel_contains_the_package_models_sample_and_scheme(wheel):
    names = set(zipfile.ZipFile(wheel).namelist())
    assert names >= {
        "extractor/py.typed",
        "extractor/report/page.css",
        "extractor/training/evaluation/page.css",
        "extractor/training/evaluation/page.html.j2",
        "extractor/_bundled/models/drift/reference.json",
        "extractor/_bundled/models/content/model.json",
        "extractor/_bundled/models/fast/weights.npz",
        "extractor/_bundled/models/verdict/model.json",
        "extractor/_bundled/models/accurate/encoder.onnx",
        "extractor/_bundled/models/accurate/fast/weights.npz",
        "extractor/_bundled/annotations/cues.toml",
        "extractor/_bundled/corpus/sample/sample.warc.gz",
        "extractor/_bundled/annotations/scheme.toml",
        "extractor/_bundled/annotations/terms.toml",
    }
    assert not any(name.startswith(("tests/", "corpus/", "docs/")) for name in names)


def run_installed(wheels: Sequence[Path], tmp_path: Path, words: list[str]) -> subprocess.CompletedProcess[str]:
    """Runs a command of wheels in an environment of their own. Their dependencies come from this one."""
    venv.create(tmp_path / "env")
    target = next((tmp_path / "env").glob("lib/python*/site-packages"))
    for wheel in wheels:
        zipfile.ZipFile(wheel).extractall(target)
    dependencies = next(path for path in sys.path if path.endswith("site-packages"))
    # -S keeps out the .pth files, and with them the editable install of this checkout
    code = (
        f"import sys; sys.path[:0] = [{str(target)!r}, {dependencies!r}]; import extractor; assert 'env' in extractor.__file__; "
        f"from extractor.cli import main; sys.exit(main({words!r}))"
    )
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    return subprocess.run(
        [sys.executable, "-S", "-c", code], cwd=tmp_path, env=environment, capture_output=True, text=True, check=False
    )


def assert_found_cookies(done):
    assert done.returncode == 0, done.stderr
    assert "cookies" in json.loads(done.stdout)["segments"][0]["practices"]


def annotate_elsewhere(wheels, tmp_path, model):
    (tmp_path / "page.html").write_text(PAGE)
    return run_installed(wheels, tmp_path, ["annotate", "page.html", "--model", model])


@pytest.mark.parametrize("model", ["fast", "accurate"])
def test_wheel_installed_elsewhere_annotates_a_page(wheel, tmp_path, model):
    assert_found_cookies(annotate_elsewhere([wheel], tmp_path, model))


def test_released_wheel_is_small_and_has_no_weights_of_accurate(wheel, released_wheels):
    package = released_wheels[0]
    assert package.name == wheel.name and package.stat().st_size < MAX_RELEASED_BYTES < wheel.stat().st_size
    weights = {name for name in zipfile.ZipFile(wheel).namelist() if "/models/accurate/" in name}
    of_package = set(zipfile.ZipFile(package).namelist())
    assert of_package == set(zipfile.ZipFile(wheel).namelist()) - weights
    of_weights = {
        name.partition("/")[2] for name in zipfile.ZipFile(released_wheels[1]).namelist() if ".dist" not in name
    }
    assert of_weights == {name.partition("/models/accurate/")[2] for name in weights}


@pytest.mark.parametrize(("model", "wheels"), [("fast", 1), ("accurate", 2)])
def test_released_wheels_installed_elsewhere_annotate_a_page(released_wheels, tmp_path, model, wheels):
    assert_found_cookies(annotate_elsewhere(released_wheels[:wheels], tmp_path, model))


def test_released_wheel_without_the_weights_names_their_wheel(released_wheels, tmp_path):
    done = annotate_elsewhere(released_wheels[:1], tmp_path, "accurate")
    assert done.returncode == 4
    assert done.stderr.rstrip().endswith(f"install {released_wheels[1].name}")


def test_demo_of_wheel_installed_elsewhere_makes_the_sample_run(wheel, tmp_path):
    done = run_installed([wheel], tmp_path, ["demo"])
    assert done.returncode == 0, done.stderr
    assert "21 captures: 21 fetched, 0 failed." in done.stderr
    assert len((tmp_path / "demo-output" / "policies.jsonl").read_text(encoding="utf-8").splitlines()) == 21
    assert (tmp_path / "demo-output" / "report.html").is_file()
