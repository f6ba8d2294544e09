"""Importing CSV files: customers, events, invoices and tickets.

`inspect` looks at a file and suggests a mapping; `run_import` loads it, batch by batch.
"""

from services.imports.cancel import Cancel
from services.imports.errors import ImportInterrupted, ImportRefused
from services.imports.kinds import KINDS, REFERENCES, Field, Kind, fields
from services.imports.mapping import Mapping, guess_kind, problems, suggest
from services.imports.preview import Preview, inspect
from services.imports.progress import ImportResult, Progress
from services.imports.run import run_import

__all__ = [
    "KINDS",
    "REFERENCES",
    "Cancel",
    "Field",
    "ImportInterrupted",
    "ImportRefused",
    "ImportResult",
    "Kind",
    "Mapping",
    "Preview",
    "Progress",
    "fields",
    "guess_kind",
    "inspect",
    "problems",
    "run_import",
    "suggest",
]
