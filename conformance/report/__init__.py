"""A verdict as people and machines read it: table, JSON with a published schema, JUnit XML; all without keys."""

from __future__ import annotations

from ._document import as_document
from ._files import schema, write_reports
from ._junit import as_junit
from ._terminal import Progress, table

__all__ = ["Progress", "as_document", "as_junit", "schema", "table", "write_reports"]
