"""The commands, one file each: its options and what it does."""

# Name and help of each command by what it is for, in the order of `archived-policy --help`. The file of a command is
# loaded only when it is called, and imports what is heavy only when it runs, so that light commands and every `--help`
# answer at once.
COMMAND_GROUPS = {
    "collect": {
        "demo": "do the main job on the bundled sample archive, without a network",
        "run": "find, fetch, clean, segment and label captures",
        "captures": "list the captures that run would fetch, and why",
        "status": "say how far a run is and what it waits for",
        "verify": "check that captures, records and shards are there and whole",
    },
    "annotate": {
        "annotate": "label files, folders, WARCs and corpora that you have",
        "merge": "put the shards of annotate together",
        "extract": "write the clean policy of one page",
        "label": "label texts of your own, one a line",
    },
    "study": {
        "history": "write what changed in each policy and how practices spread",
        "diff": "show where two captures differ, word by word",
        "terms": "count the laws, bodies, technologies and companies named",
        "drift": "show how far each year is from the training data",
        "sample": "draw segments for raters, who do not see the labels",
        "audit": "measure by raters' answers how right the labels are",
    },
    "share": {
        "report": "write the records and their histories as HTML",
        "export": "write the records in another format",
    },
    "models": {
        "train": "train a model on OPP-115",
        "evaluate": "measure models on OPP-115 and on policies of 2023",
    },
    "shell": {
        "completion": "print the script that completes commands and options",
    },
}
COMMANDS = {name: help_text for group in COMMAND_GROUPS.values() for name, help_text in group.items()}
