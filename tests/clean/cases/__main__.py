"""Writes the actual results of cases as their expectations, for review."""

import json
import sys

from cases import CASES, NAMES, document_of, expected, observed

if unknown := [name for name in sys.argv[1:] if name not in NAMES]:
    sys.exit(f"No such case: {', '.join(unknown)}. A case is a folder in {CASES} with a page.* in it.")
for case in sys.argv[1:]:
    wanted = expected(case)
    actual = observed(document_of(case), wanted) | {"absent": wanted.get("absent", [])}
    kept = {key: value for key, value in actual.items() if key in wanted or not wanted}
    path = CASES / case / "expected.json"
    path.write_text(json.dumps({**wanted, **kept}, indent=1, ensure_ascii=False) + "\n", "utf-8")
    print(f"{path} written: review it with git diff, for it has the actual results")
