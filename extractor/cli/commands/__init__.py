"""One file a command: its options and what it does."""

# Name and help of each command, in the order of `archived-policy --help`. The file of a command is loaded only when it
# is called, and imports what is heavy only when it runs, so that light commands and every `--help` answer at once.
COMMANDS = {
    "run": "find captures, fetch, clean, segment and label them; run again to go on",
    "captures": "list the captures that run would fetch and why, as JSONL; fetch no policy",
    "annotate": "label pages from files, folders and corpora (docs/formats.md lists them); no network; run again to go "
    "on",
    "merge": "put the shards of annotate together, in the order of the pages, with a manifest.json beside them",
    "extract": "write the clean policy of one page",
    "label": "add labels and scores to lines of JSON with a text each (and headings, context)",
    "status": "say how far a run is, what became of its captures and what it waits for",
    "verify": "check that every planned capture has an outcome and every record its bytes; or that every shard is "
    "there and whole, and its records in the merged corpus",
    "export": "write what a run holds in another format",
    "report": "write the records with their histories as one HTML page, or as a page a site",
    "history": "write what changed in each policy between its captures, and how practices spread over sites",
    "diff": "show where two captures of a policy differ, word by word",
    "terms": "count which laws, bodies, technologies, rights and companies policies name, by period",
    "drift": "show for each year how far its wording is from the training data, and how right labels of its era were",
    "sample": "draw segments by years, practice and score for raters who do not see the labels: a CSV, and tasks for "
    "Label Studio",
    "audit": "measure by raters' answers how right the labels are: precision, recall, agreement, corrected shares",
    "train": "train a model on OPP-115",
    "evaluate": "measure models: on policy-level folds, the benchmark's validation set, and policies of 2023",
}
