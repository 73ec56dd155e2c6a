"""Files and corpora to records: pages read, annotated in one file or in shards, merged, verified."""

from extractor.run.corpus.draft import open_draft
from extractor.run.corpus.engines import ShardsSummary, annotate_on_ray, annotate_shards
from extractor.run.corpus.merge import merge
from extractor.run.corpus.pages import CorpusTally, read_corpus, read_paths
from extractor.run.corpus.resume import (
    Origin,
    annotate_into,
    append_records,
    origin_of,
    skip_recorded,
)
from extractor.run.corpus.shard import CorpusSpec
from extractor.run.corpus.verify import corpus_faults

__all__ = [
    "CorpusSpec",
    "CorpusTally",
    "Origin",
    "ShardsSummary",
    "annotate_into",
    "annotate_on_ray",
    "annotate_shards",
    "append_records",
    "corpus_faults",
    "merge",
    "open_draft",
    "origin_of",
    "read_corpus",
    "read_paths",
    "skip_recorded",
]
