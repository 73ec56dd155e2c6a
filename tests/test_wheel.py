"""The wheel has all it needs: built, installed elsewhere, and used on a page."""

import json
import os
import subprocess
import sys
import venv
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PAGE = (
    "<h1>Privacy policy</h1><p>We use cookies to remember you, and you can refuse cookies in your browser settings. "
    "Our shop works without them, but it forgets what is in your basket as soon as you close the browser.</p>"
)


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    folder = tmp_path_factory.mktemp("wheel")
    build = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(folder), str(ROOT)]
    subprocess.run(build, check=True, capture_output=True)
    return next(folder.glob("*.whl"))


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


@pytest.mark.parametrize("model", ["fast", "accurate"])
def test_wheel_installed_elsewhere_annotates_a_page(wheel, tmp_path, model):
    (tmp_path / "page.html").write_text(PAGE)
    done = run_installed(wheel, tmp_path, ["annotate", "page.html", "--model", model])
    assert done.returncode == 0, done.stderr
    assert "cookies" in json.loads(done.stdout)["segments"][0]["practices"]


def test_demo_of_wheel_installed_elsewhere_makes_the_sample_run(wheel, tmp_path):
    done = run_installed(wheel, tmp_path, ["demo"])
    assert done.returncode == 0, done.stderr
    assert "21 captures: 21 fetched, 0 failed." in done.stderr
    assert len((tmp_path / "demo-output" / "policies.jsonl").read_text(encoding="utf-8").splitlines()) == 21
    assert (tmp_path / "demo-output" / "report.html").is_file()


def run_installed(wheel: Path, tmp_path: Path, words: list[str]) -> subprocess.CompletedProcess[str]:
    """Runs a command of the wheel; its dependencies come from this environment, it alone is in one of its own."""
    venv.create(tmp_path / "env")
    target = next((tmp_path / "env").glob("lib/python*/site-packages"))
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
