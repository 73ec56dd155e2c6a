"""The examples in README.md and docs/ run in a folder that holds what they read."""

from pathlib import Path

import pytest

import extractor
from extractor.exports import write_records_parquet

SAMPLE = Path(__file__).parent / "corpus/sample/sample.warc.gz"
PAGE = """<title>A shop</title><h1>Our privacy policy</h1>
<p>We collect your name, your address and your e-mail address when you order from our shop, and we share them with the
companies that deliver your order.</p>
<h2>Cookies</h2><p>We use cookies and web beacons. You may refuse cookies in the settings of your browser.</p>
<h2>Children</h2><p>Our shop is not for children under 13, and we do not knowingly collect data from them.</p>"""
TEXT = """Privacy policy

We collect the name and the e-mail address that you give us, and use them to answer you.

We do not sell or rent your personal information to third parties.

We keep your letters for two years, and no longer than the law asks of us.
"""


@pytest.fixture(scope="session")
def records(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The labelled policies of the sample archive."""
    path = tmp_path_factory.mktemp("docs") / "policies.jsonl"
    found = extractor.load().pipe(extractor.read_corpus(SAMPLE))
    extractor.write_jsonl((policy for policy in found if policy.labelled), path)
    return path


@pytest.fixture(autouse=True)
def where_documents_run(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The folder that a page of the documentation speaks of, with the files named there."""
    if request.node.path.suffix != ".md":
        return
    (tmp_path / "pages").mkdir()
    (tmp_path / "demo-output").mkdir()
    (tmp_path / "policy.html").write_text(PAGE, encoding="utf-8")
    (tmp_path / "pages/shop.html").write_text(PAGE, encoding="utf-8")
    (tmp_path / "pages/terms.txt").write_text(TEXT, encoding="utf-8")
    lines = request.getfixturevalue("records").read_bytes()
    for name in ("policies.jsonl", "demo-output/policies.jsonl"):
        (tmp_path / name).write_bytes(lines)
    write_records_parquet(extractor.read_jsonl(tmp_path / "policies.jsonl"), tmp_path / "segments.parquet")
    monkeypatch.chdir(tmp_path)
