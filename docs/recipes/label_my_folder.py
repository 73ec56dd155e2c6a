"""Labels a folder: each page becomes a record, and a line that says which practices the policy mentions.

    python docs/recipes/label_my_folder.py pages/ -o policies.jsonl.gz

Reads what `extractor.read_corpus` reads: HTML, PDF, Markdown, text, WARC, WACZ, other people's corpora.
"""

import argparse
from pathlib import Path

import extractor


def label(folder: Path, out: Path) -> None:
    """Writes the records of a folder's pages to a file, one by one, so the folder may be large."""
    annotator = extractor.load()
    extractor.write_jsonl(annotator.pipe(extractor.read_corpus(folder)), out)


def summary_line(policy: extractor.Policy) -> str:
    """The practices a policy mentions, or why it was not labelled."""
    name = policy.domain or policy.source.path
    if not policy.labelled:
        return f"{name}\tnot labelled: {'; '.join(policy.verdict.reasons) or policy.language}"
    practices = {practice for segment in policy.segments for practice in segment.practices}
    uncertain = sum(segment.uncertain for segment in policy.segments)
    return f"{name}\t{', '.join(sorted(practices))}\t{uncertain} of {len(policy.segments)} segments uncertain"


def main() -> None:
    """Labels a folder and prints a line per page."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("-o", "--output", type=Path, default=Path("policies.jsonl.gz"))
    arguments = parser.parse_args()
    label(arguments.folder, arguments.output)
    for policy in extractor.read_jsonl(arguments.output):
        print(summary_line(policy))


if __name__ == "__main__":
    main()
