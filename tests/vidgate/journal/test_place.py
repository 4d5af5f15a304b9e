"""Which clients keep a journal, where, and who closes it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.vidgate.journal.submissions import KEY
from vidgate import EvoLink, errors
from vidgate._journal.place import choose, default_path
from vidgate.journal import Journal
from vidgate.simulator import Simulator


@pytest.mark.parametrize(
    ("variable", "given", "base_url", "transport", "kept"),
    [
        pytest.param(None, True, "", None, True, id="by default"),
        pytest.param("none", True, "", None, False, id="none in the environment"),
        pytest.param("here.sqlite3", True, "", None, True, id="a path in the environment"),
        pytest.param(None, False, "", None, False, id="switched off"),
        pytest.param(None, None, "", None, False, id="None"),
        pytest.param(None, True, "http://127.0.0.1:8080/evolink", None, False, id="this machine"),
        pytest.param(None, True, "", httpx.MockTransport(lambda _: httpx.Response(200)), False, id="a mock"),
        pytest.param(None, True, "", Simulator("evolink").transport(), False, id="the simulator"),
        pytest.param(None, True, "", httpx.HTTPTransport(), True, id="a real transport"),
        pytest.param("here.sqlite3", True, "", Simulator("evolink").transport(), True, id="named for the simulator"),
        pytest.param("none", "there.sqlite3", "", None, True, id="an argument beats the environment"),
    ],
)
def test_who_keeps_a_journal(  # noqa: PLR0917 - a row of the table
    monkeypatch: pytest.MonkeyPatch,
    variable: str | None,
    given: Any,
    base_url: str,
    transport: Any,
    kept: bool,  # noqa: FBT001
) -> None:
    """Whatever can cost something, unless somebody says otherwise; choosing touches no file."""
    if variable is None:
        monkeypatch.delenv("VIDGATE_JOURNAL")
    else:
        monkeypatch.setenv("VIDGATE_JOURNAL", variable)
    journal, _ = choose(given, base_url=base_url, transport=transport)
    assert (journal is not None) is kept
    if journal is not None:
        named = given if isinstance(given, str) else variable
        assert isinstance(journal, Journal)
        assert journal.path == (Path(named) if named else default_path())


def test_what_is_no_journal_is_refused() -> None:
    """A number is neither a path nor a journal; a policy that does not exist is said to."""
    with pytest.raises(errors.ConfigurationError, match="journal is int"):
        EvoLink(KEY, journal=5)  # type: ignore[arg-type]
    with pytest.raises(errors.ConfigurationError, match="keep_requests"):
        Journal("x", keep_requests="sometimes")  # type: ignore[arg-type]


def test_a_handed_in_journal_stays_open(path: Path) -> None:
    """It is the caller's, and twins of a client close nothing either."""
    journal = Journal(path)
    journal.fingerprint(b"")
    with EvoLink(KEY, journal=journal):
        pass
    assert journal._database.is_open
    with EvoLink(KEY, journal=path) as client:
        own = client.journal
        assert isinstance(own, Journal)
        own.fingerprint(b"")
        with client.with_options(attempts=1):
            pass
        assert own._database.is_open
    assert not own._database.is_open
