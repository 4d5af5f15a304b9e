"""Where the journal is, and for which clients there is one without asking."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, TypeAlias, cast

from vidgate._options import is_loopback_url
from vidgate.errors import ConfigurationError

if TYPE_CHECKING:
    from pathlib import Path

    from vidgate._journal.store import Journal

    JournalChoice: TypeAlias = Journal | str | os.PathLike[str] | bool | None

VARIABLE = "VIDGATE_JOURNAL"
OFF = "none"


def default_path() -> Path | None:
    """`VIDGATE_JOURNAL`, else the user's data folder; None when the variable says `none`."""
    named = os.environ.get(VARIABLE, "")
    if named.strip().lower() == OFF:
        return None
    if named:
        from pathlib import Path

        return Path(named).expanduser()
    import platformdirs

    return platformdirs.user_data_path("vidgate", appauthor=False) / "journal.sqlite3"


def choose(given: JournalChoice, *, base_url: str, transport: object) -> tuple[Journal | None, bool]:
    """The journal of a client, and whether the client has to close it.

    What cannot cost anything is not kept unless somebody names a journal: a transport that never leaves the process,
    or an address of this machine, is a test or a simulator. So a test suite leaves no trace in anybody's home.
    """
    if given is None or given is False:
        return None, False
    if given is True:
        if not os.environ.get(VARIABLE) and (_stays_inside(transport) or is_loopback_url(base_url)):
            return None, False
        path = default_path()
        return (None, False) if path is None else (_journal(path), True)
    from vidgate._journal.store import Journal

    return (given, False) if isinstance(given, Journal) else (_journal(given), True)


def _journal(path: object) -> Journal:
    """Callers without a type checker hand in anything."""
    from vidgate._journal.store import Journal

    if not isinstance(path, (str, os.PathLike)):
        raise ConfigurationError(
            f"journal is {type(path).__name__}.", hint="Give a Journal, a path, or False to keep none."
        )
    return Journal(cast("str | os.PathLike[str]", path))


def _stays_inside(transport: object) -> bool:
    """Whether nothing sent through this transport reaches a network."""
    if transport is None:
        return False
    import httpx

    inside = (httpx.MockTransport, httpx.ASGITransport, httpx.WSGITransport)
    return isinstance(transport, inside) or getattr(transport, "leaves_process", True) is False
