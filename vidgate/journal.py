"""The journal of paid submissions: what was sent, what became of it, and what is left to do.

Every client keeps one in a SQLite file at `default_path()`: written before a paid request leaves and after its outcome
is known, safe with several processes, threads and forks on one file. API keys are never in it. A request's body is
kept only while its outcome is open, because settling it with the provider needs the same bytes.
"""

from __future__ import annotations

from vidgate._journal.base import KeepRequests
from vidgate._journal.place import default_path
from vidgate._journal.records import Entry, State
from vidgate._journal.store import Journal

__all__ = ["Entry", "Journal", "KeepRequests", "State", "default_path"]
