"""`vidgate doctor`: everything that is set up, nothing that is secret."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from vidgate import EvoLink
from vidgate.cli import _doctor, main
from vidgate.simulator import Simulator

if TYPE_CHECKING:
    from pathlib import Path

KEY = "sk-0123456789abcdefSECRET"


@pytest.fixture(autouse=True)
def nothing_set(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """An environment without settings, and a journal of its own."""
    for provider in ("EVOLINK", "APIMART"):
        for name in ("API_KEY", "BASE_URL"):
            monkeypatch.delenv(f"{provider}_{name}", raising=False)
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY", "SSL_CERT_FILE", "SSL_CERT_DIR"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.lower(), raising=False)
    monkeypatch.setenv("VIDGATE_JOURNAL", str(tmp_path / "journal.sqlite3"))


def examined(capsys: pytest.CaptureFixture[str]) -> tuple[int, dict[tuple[str, str], dict[str, Any]]]:
    """The exit code, and the lines by area and name."""
    code = main(["doctor", "--json"])
    rows = json.loads(capsys.readouterr().out)
    return code, {(row["area"], row["name"]): row for row in rows}


def test_nothing_set_is_no_fault(capsys: pytest.CaptureFixture[str]) -> None:
    """It says what is not set and where keys come from."""
    code, rows = examined(capsys)
    assert code == 0
    assert "not set; keys are made at https://" in rows["EvoLink", "EVOLINK_API_KEY"]["value"]
    assert rows["EvoLink", "address"]["value"] == "https://api.evolink.ai (the documented one)"
    assert int(rows["EvoLink", "models"]["value"]) == 4
    assert rows["journal", "submissions"]["value"].startswith("none yet")


def test_no_secret_is_shown(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """Neither a key, good or bad, nor a proxy's password."""
    monkeypatch.setenv("EVOLINK_API_KEY", KEY)
    monkeypatch.setenv("APIMART_API_KEY", f" {KEY}")
    monkeypatch.setenv("HTTPS_PROXY", f"http://me:{KEY}@proxy.example.com:3128")
    for arguments in (["doctor"], ["doctor", "--json"]):
        assert main(arguments) == 1
        out, err = capsys.readouterr()
        assert KEY not in out + err
        assert "white space around it" in out
        assert "@proxy.example.com:3128" in out


FAULTS = (
    pytest.param("APIMART_BASE_URL", "http://api.example.com", "travel in the clear", id="plain-http"),
    pytest.param("SSL_CERT_FILE", "/does/not/exist.pem", "does not exist", id="no-certificates"),
    pytest.param("HTTPS_PROXY", "ftp://me:word@proxy.example", "httpx cannot be set up", id="odd-proxy"),
    pytest.param("EVOLINK_API_KEY", "sk 1", "a character that no key has", id="broken-key"),
)


@pytest.mark.parametrize(("name", "value", "text"), FAULTS)
def test_a_wrong_setting_is_a_fault_with_its_remedy(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], name: str, value: str, text: str
) -> None:
    """Exit code 1, and what to do."""
    monkeypatch.setenv(name, value)
    code, rows = examined(capsys)
    (fault,) = [row for row in rows.values() if row["fault"]]
    assert code == 1
    assert text in fault["fault"]
    assert fault["fix"]
    assert "word" not in json.dumps(list(rows.values()))


def test_a_damaged_journal_is_a_fault(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A file that is no journal is named, and is not touched."""
    file = tmp_path / "journal.sqlite3"
    file.write_bytes(b"no database at all" * 100)
    code, rows = examined(capsys)
    assert code == 1
    assert str(file) in rows["journal", "submissions"]["fault"]
    assert file.read_bytes() == b"no database at all" * 100


def test_the_journal_is_counted(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A task that was submitted and not waited for is pending."""
    simulator = Simulator("evolink")
    with EvoLink("sim-key", transport=simulator.transport(), journal=tmp_path / "journal.sqlite3") as client:
        client.videos.create(model="gemini-omni-flash-text-to-video", prompt="A paper boat")
    code, rows = examined(capsys)
    assert code == 0
    assert rows["journal", "submissions"]["value"].startswith("1, of which 1 pending; `vidgate ls")


def test_a_journal_that_is_switched_off(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """It says who switched it off."""
    monkeypatch.setenv("VIDGATE_JOURNAL", "none")
    _, rows = examined(capsys)
    assert rows["journal", "place"]["value"] == "none: VIDGATE_JOURNAL says so"


def test_the_network_and_the_spans_are_told(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Which proxy and certificates hold, what servers are told of this program, and whether there can be spans."""
    _, rows = examined(capsys)
    assert rows["network", "proxy"]["value"].startswith("none")
    assert rows["network", "certificates"]["value"].startswith("certifi's")
    assert rows["vidgate", "User-Agent"]["value"].startswith("vidgate/")
    assert rows["vidgate", "spans"]["value"].startswith("possible: OpenTelemetry ")
    monkeypatch.setenv("ALL_PROXY", "http://me:word@proxy.example:3128")
    code, rows = examined(capsys)
    assert code == 0
    assert rows["network", "ALL_PROXY"]["value"] == "http://…@proxy.example:3128"
    assert ("network", "proxy") not in rows


@pytest.mark.parametrize(
    ("missing", "text"), [("opentelemetry.trace", "vidgate[otel]"), ("opentelemetry.sdk.trace", "without an SDK")]
)
def test_spans_that_cannot_be(
    missing: str, text: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """What is not installed is named, also where other packages share its folder."""
    honest = _doctor._is_there
    monkeypatch.setattr(_doctor, "_is_there", lambda module: module != missing and honest(module))
    _, rows = examined(capsys)
    assert text in rows["vidgate", "spans"]["value"]
    assert not _doctor._is_there("no_such_package.no_such_module")
