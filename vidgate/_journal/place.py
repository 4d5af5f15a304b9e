"""Where the journal is, and for which clients there is one without asking."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, TypeAlias, cast

from vidgate._options import is_loopback_url
from vidgate.errors import ConfigurationError

if TYPE_CHECKING:
    from pathlib import Path

    from vidgate._journal.base import BaseJournal

    JournalChoice: TypeAlias = BaseJournal | str | os.PathLike[str] | bool | None

VARIABLE = "VIDGATE_JOURNAL"
OFF = "none"
SERVERS = ("postgresql://", "postgres://")


def default_path() -> Path | None:
    """`VIDGATE_JOURNAL`, else the user's data folder; None when the variable says `none` or names a database."""
    named = os.environ.get(VARIABLE, "")
    if named.strip().lower() == OFF or is_server(named):
        return None
    if named:
        from pathlib import Path

        try:
            return Path(named).expanduser()
        except RuntimeError as error:
            problem = str(error)
        raise ConfigurationError(f"{VARIABLE} is {ascii(named)[:80]}: {problem}", hint="Give a whole path, or `none`.")
    import platformdirs

    return platformdirs.user_data_path("vidgate", appauthor=False) / "journal.sqlite3"


def default_journal() -> BaseJournal | None:
    """The journal of `VIDGATE_JOURNAL`, else the one in the user's data folder; None when the variable says `none`."""
    named = os.environ.get(VARIABLE, "")
    place = named if is_server(named) else default_path()
    return None if place is None else open_journal(place)


def is_server(place: object) -> bool:
    """Whether this is the address of a database, and no file."""
    return isinstance(place, str) and place.strip().lower().startswith(SERVERS)


def open_journal(place: object) -> BaseJournal:
    """The journal in a file or at the address of a database. Callers without a type checker hand in anything."""
    if is_server(place):
        try:
            from vidgate.cluster import PostgresJournal
        except ImportError as error:
            missing = str(error)
        else:
            return PostgresJournal(cast("str", place).strip())
        raise ConfigurationError(f"A journal in a database: {missing}", hint="Install it, or name a file.")
    from vidgate._journal.store import Journal

    if not isinstance(place, (str, os.PathLike)):
        raise ConfigurationError(
            f"journal is {type(place).__name__}.",
            hint="Give a Journal, a path, a postgresql:// address, or False to keep none.",
        )
    return Journal(cast("str | os.PathLike[str]", place))


def choose(given: JournalChoice, *, base_url: str, transport: object) -> tuple[BaseJournal | None, bool]:
    """The journal of a client, and whether the client has to close it.

    What cannot cost anything is not kept unless somebody names a journal: a transport that never leaves the process,
    or an address of this machine, is a test or a simulator. So a test suite leaves no trace in anybody's home.
    """
    if given is None or given is False:
        return None, False
    if given is True:
        if not os.environ.get(VARIABLE) and (stays_inside(transport) or is_loopback_url(base_url)):
            return None, False
        journal = default_journal()
        return journal, journal is not None
    from vidgate._journal.base import BaseJournal

    return (given, False) if isinstance(given, BaseJournal) else (open_journal(given), True)


def stays_inside(transport: object) -> bool:
    """Whether nothing sent through this transport reaches a network."""
    if transport is None:
        return False
    import httpx

    inside = (httpx.MockTransport, httpx.ASGITransport, httpx.WSGITransport)
    return isinstance(transport, inside) or getattr(transport, "leaves_process", True) is False
