"""Batches on an engine that is there already: Procrastinate on PostgreSQL, with the journal in the same database.

The engine dispatches, schedules, limits and takes up what a lost worker leaves behind; a job that it runs again finds
in the journal what the first run has sent, so nothing is submitted twice. API keys are in the workers' environment
only, never in the database. Needs the extra: `pip install "vidgate[cluster]"`.
"""

from __future__ import annotations

try:
    from vidgate.cluster._dispatch import Cluster, Progress
    from vidgate.cluster._journal import PostgresJournal
    from vidgate.cluster._worker import run_worker
except ModuleNotFoundError as error:
    if error.name not in {"procrastinate", "psycopg", "psycopg_pool", "sqlalchemy"}:
        raise
    message = 'a database needs more packages: pip install "vidgate[cluster]"'
    raise ImportError(message, name=error.name) from error

__all__ = ["Cluster", "PostgresJournal", "Progress", "run_worker"]
