"""A SQLite database of policies and segments with full-text search, and the metadata for Datasette beside it.

    policies ◁── segments ◁── segment_practices, segment_categories, segment_data_types, segment_evidence
                     └── segments_fts: the full text (FTS5); dated_segments: each segment with its site and date

Datasette (https://datasette.io) shows the database in a browser, with facets and search:

    datasette corpus.sqlite -m corpus.metadata.json
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import closing
from datetime import date
from pathlib import Path
from typing import Any

from extractor.errors import ConfigurationError, UnwritableError
from extractor.exports.column_descriptions import POLICY_COLUMN_DESCRIPTIONS, SEGMENT_COLUMN_DESCRIPTIONS
from extractor.exports.corpus_counts import CorpusCounts
from extractor.exports.fields import (
    CAPTURE_COLUMN_TYPES,
    DATA_TYPE_SCOPES,
    HEADING_SEPARATOR,
    JsonObject,
    evidence_in,
)
from extractor.exports.policy_table import POLICY_COLUMN_TYPES, policy_row
from extractor.exports.segment_table import SEGMENT_COLUMN_TYPES, segment_rows
from extractor.files import path_atomically, write_json
from extractor.records import Policy, Segment
