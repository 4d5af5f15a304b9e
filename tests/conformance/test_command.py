"""The command line: exit codes, refusals, reports, and no key anywhere."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import xml.etree.ElementTree as ET
from typing import TYPE_CHECKING, Any, cast

import httpx
import pytest

from conformance import _command, _suite, requirements
from conformance._collector import Collector, Outcome
from conformance._settings import PROFILES
from conformance._subject import ROWS, Subject
from evolink_api.api.videos import create_video
from vidgate.simulator import Account, Simulator

if TYPE_CHECKING:
    from pathlib import Path

    from conformance._contract import Operation

KEY = "sk-very-secret-0123456789"
QUICK = ("run", "--profile", "mock", "--check", "client-response-examples")


@pytest.fixture(autouse=True)
def no_keys(monkeypatch: pytest.MonkeyPatch) -> None:
    """The keys of whoever runs the tests play no part."""
    for row in ROWS.values():
        monkeypatch.delenv(row.key_variable, raising=False)


@pytest.fixture
def nothing_sent(monkeypatch: pytest.MonkeyPatch) -> None:
    """Any request is a failure of the test."""

    def refuse(*_: Any) -> httpx.Response:
        pytest.fail("something was sent")

    monkeypatch.setattr(httpx.HTTPTransport, "handle_request", refuse)


def break_client(monkeypatch: pytest.MonkeyPatch, message: str = "mutant") -> None:
    """A generated client that cannot parse the answer to a submission."""

    def parse_response(**_: Any) -> Any:
        raise ValueError(message)

    monkeypatch.setattr(create_video, "parse_response", parse_response)


def break_suite(monkeypatch: pytest.MonkeyPatch) -> None:
    """A suite that falls over inside a check."""

    def connection(_: Subject, operation: Operation) -> Any:
        raise KeyError(operation.id)

    monkeypatch.setattr(Subject, "connection", connection)


def test_good_is_0(capsys: pytest.CaptureFixture[str]) -> None:
    """A conformant subject: a table with a line for each check and provider, and a summary."""
    assert _command.main([*QUICK]) == 0
    shown = capsys.readouterr()
    lines = shown.out.splitlines()
    assert lines[0].split() == ["check", "provider", "covers", "cases", "result"]
    assert [line.split()[:2] + line.split()[-1:] for line in lines[2:4]] == [
        ["client-response-examples", "evolink", "pass"],
        ["client-response-examples", "apimart", "pass"],
    ]
    assert lines[-1].startswith("mock: conformant: 2 passed")
    assert shown.err == ""


def test_non_conformance_is_1(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """A wrong subject: the case and what it did stand below the table."""
    break_client(monkeypatch)
    assert _command.main([*QUICK, "--provider", "evolink"]) == 1
    shown = capsys.readouterr().out
    assert "FAIL" in shown
    assert "fail: client-response-examples, check_generated_client_keeps_answers[evolink:createVideo." in shown
    assert "parse_response raised ValueError: mutant" in shown
    assert "mock: not conformant: 1 failed" in shown


@pytest.mark.usefixtures("nothing_sent")
@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        pytest.param((), "required", id="nothing"),
        pytest.param(("run",), "--profile", id="no profile"),
        pytest.param(("run", "--profile", "fast"), "invalid choice", id="unknown profile"),
        pytest.param(("run", "--profile", "mock", "--provider", "x"), "invalid choice", id="unknown provider"),
        pytest.param(
            ("run", "--profile", "mock", "--check", "client-request-example"),
            "did you mean client-request-examples?",
            id="misspelled check",
        ),
        pytest.param(
            ("run", "--profile", "mock", "--check", "server-contract"), "has no check", id="another profile's check"
        ),
        pytest.param(("run", "--profile", "mock", "--budget", "1"), "--budget is for --profile live", id="budget"),
        pytest.param(
            ("run", "--profile", "simulator", "--base-url", "http://localhost"),
            "--base-url is for --profile live",
            id="base url",
        ),
        pytest.param(("run", "--profile", "mock", "--json", "no/such/file"), "cannot be written", id="json"),
        pytest.param(("run", "--profile", "mock", "--junit", "."), "cannot be written", id="junit"),
    ],
)
def test_wrong_use_is_2(arguments: tuple[str, ...], told: str, capsys: pytest.CaptureFixture[str]) -> None:
    """Wrong arguments are refused before anything runs, with what is wrong."""
    assert _command.main(arguments) == 2
    shown = capsys.readouterr()
    assert told in shown.err
    assert shown.out == ""


LIVE = ("run", "--profile", "live", "--provider", "evolink")


@pytest.mark.usefixtures("nothing_sent")
@pytest.mark.parametrize(
    ("arguments", "keys", "told"),
    [
        pytest.param((*LIVE, "--budget", "1"), {}, "needs the API key in EVOLINK_API_KEY", id="no key"),
        pytest.param((*LIVE, "--budget", "1"), {"EVOLINK_API_KEY": " "}, "needs the API key", id="blank key"),
        pytest.param((*LIVE, "--budget", "1"), {"APIMART_API_KEY": KEY}, "needs the API key", id="the other's key"),
        pytest.param(
            ("run", "--profile", "live", "--budget", "1"),
            {"EVOLINK_API_KEY": KEY},
            "needs the API key in APIMART_API_KEY",
            id="all providers, one key",
        ),
        pytest.param(LIVE, {"EVOLINK_API_KEY": KEY}, "needs --budget CREDITS", id="no budget"),
        pytest.param((*LIVE, "--budget", "0"), {"EVOLINK_API_KEY": KEY}, "needs --budget CREDITS", id="budget 0"),
        pytest.param((*LIVE, "--budget", "-1"), {"EVOLINK_API_KEY": KEY}, "needs --budget CREDITS", id="negative"),
        pytest.param((*LIVE, "--budget", "nan"), {"EVOLINK_API_KEY": KEY}, "needs --budget CREDITS", id="nan"),
        pytest.param((*LIVE, "--budget", "inf"), {"EVOLINK_API_KEY": KEY}, "needs --budget CREDITS", id="infinite"),
        pytest.param(
            (*LIVE, "--budget", "1", "--base-url", "http://example.com"),
            {"EVOLINK_API_KEY": KEY},
            "--base-url must be https",
            id="key in clear text",
        ),
        pytest.param(
            ("run", "--profile", "live", "--budget", "1", "--base-url", "https://example.com"),
            {"EVOLINK_API_KEY": KEY, "APIMART_API_KEY": KEY},
            "choose it with --provider",
            id="one address, two providers",
        ),
    ],
)
def test_live_is_refused(
    arguments: tuple[str, ...],
    keys: dict[str, str],
    told: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Without key and budget nothing is sent, and the message says what is missing."""
    for name, key in keys.items():
        monkeypatch.setenv(name, key)
    assert _command.main(arguments) == 2
    shown = capsys.readouterr()
    assert told in shown.err
    assert shown.err.rstrip().endswith("Nothing was sent")
    assert KEY not in shown.out + shown.err


def live(base_url: str, *more: str) -> int:
    """Run the live profile against an address."""
    return _command.main([*LIVE, "--base-url", base_url, "--budget", "1", *more])


def test_live_checks_pass_on_an_honest_server(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The live checks work, cost nothing, and never show the key."""
    monkeypatch.setenv("EVOLINK_API_KEY", KEY)
    simulator = Simulator("evolink", api_keys=(KEY,))
    with simulator.running() as base_url:
        assert live(base_url) == 0
    shown = capsys.readouterr()
    assert "live: conformant: 2 passed" in shown.out
    assert simulator.ledger == ()
    assert KEY not in shown.out + shown.err


@pytest.mark.parametrize(
    ("accounts", "check"),
    [
        pytest.param({"vidgate-conformance-wrong-key": Account(name="a")}, "live-wrong-key", id="takes the wrong key"),
        pytest.param({KEY: Account(name="a", requests=0)}, "live-unknown-task", id="429 to everything"),
    ],
)
def test_live_checks_fail_on_a_wrong_server(
    accounts: dict[str, Account], check: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Each live check can fail."""
    monkeypatch.setenv("EVOLINK_API_KEY", KEY)
    with Simulator("evolink", api_keys=(), accounts=accounts).running() as base_url:
        assert live(base_url, "--check", check) == 1
    assert KEY not in "".join(capsys.readouterr())


def test_an_unreachable_server_is_a_harness_error(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Nobody listens there: that says nothing about the provider's conformance."""
    monkeypatch.setenv("EVOLINK_API_KEY", KEY)
    with Simulator("evolink").running() as base_url:
        pass
    assert live(base_url) == 3
    assert "the server cannot be reached" in capsys.readouterr().out


def test_a_live_check_beyond_the_budget_is_skipped(monkeypatch: pytest.MonkeyPatch) -> None:
    """What might cost more than is left is not run, and its reason is kept."""
    seen: list[Outcome] = []
    honest = Collector.pytest_runtest_setup

    def dear(self: Collector, item: pytest.Item) -> None:
        mark = item.get_closest_marker("requirement")
        assert mark is not None
        monkeypatch.setitem(cast("dict[str, Any]", mark.kwargs), "cost", 0.6)
        honest(self, item)

    monkeypatch.setattr(Collector, "pytest_runtest_setup", dear)
    monkeypatch.setenv("EVOLINK_API_KEY", KEY)
    with Simulator("evolink", api_keys=(KEY,)).running() as base_url:
        from conformance._settings import Settings
        from conformance._subject import load

        subject = load("evolink", base_url=base_url, api_key=KEY)
        verdicts = _suite.run(Settings(profile="live", subjects=(subject,), budget=1.0), on_outcome=seen.append)
    assert [(outcome.verdict, outcome.message) for outcome in seen] == [
        ("pass", ""),
        ("skip", "it may cost 0.6 credits; 0.4 of the budget are left"),
    ]
    assert verdicts.state == "conformant"


def test_a_broken_suite_is_3(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """An exception that no subject raised is the suite's, with the place where it was raised."""
    break_suite(monkeypatch)
    assert _command.main([*QUICK]) == 3
    shown = capsys.readouterr().out
    assert re.search(r"KeyError: '(createVideo|getTask)' \(call, test_command\.py:\d+\)", shown)
    assert "mock: harness error" in shown
    assert "FAIL" not in shown


def test_a_broken_check_file_is_3(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """Checks that cannot be collected are the suite's fault."""

    def variants(*_: Any) -> Any:
        message = "mutant"
        raise RuntimeError(message)

    monkeypatch.setattr("conformance._contract.Operation.response_examples", variants)
    assert _command.main([*QUICK]) == 3
    assert "cannot be collected" in capsys.readouterr().out


def test_both_broken_is_3(monkeypatch: pytest.MonkeyPatch) -> None:
    """A suite that is broken is not to be believed when it blames the subject."""
    break_client(monkeypatch)
    assert _command.main([*QUICK, "--provider", "evolink"]) == 1
    monkeypatch.setattr(_suite, "COMPLETED", frozenset[int]())
    assert _command.main([*QUICK, "--provider", "evolink"]) == 3


def test_a_requirement_without_check_is_3(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """A demand that nobody checks is not met by silence."""
    entries = dict(requirements.load())
    extra = requirements.Requirement(id="nobody-checks-this", profile="mock", covers="x", text="x")
    monkeypatch.setattr(requirements, "load", lambda: {**entries, extra.id: extra})
    assert _command.main([*QUICK]) == 3
    assert "no check for the requirement nobody-checks-this" in capsys.readouterr().out


def test_a_check_outside_the_catalogue_is_3(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A check that demands what no entry says is a fault, too."""
    entries = dict(requirements.load())
    del entries["facade-request-examples"]
    monkeypatch.setattr(requirements, "load", lambda: entries)
    assert _command.main([*QUICK]) == 3
    assert "the check for facade-request-examples is not in the catalogue" in capsys.readouterr().out


def test_reports_say_the_same_as_the_table(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """JSON and JUnit carry verdicts, cases and messages; equal runs give equal bytes."""
    break_client(monkeypatch)
    files = tmp_path / "a.json", tmp_path / "a.xml"
    arguments = [*QUICK, "--provider", "evolink", "--json", str(files[0]), "--junit", str(files[1])]
    assert _command.main(arguments) == 1
    first = [file.read_bytes() for file in files]
    assert _command.main(arguments) == 1
    assert [file.read_bytes() for file in files] == first
    document = json.loads(first[0])
    (row,) = document["results"]
    assert (document["state"], row["check"], row["result"]) == ("not conformant", "client-response-examples", "fail")
    assert len(document["subjects"][0]["contract_sha256"]) == 64
    suite = ET.fromstring(first[1])
    failures = suite.findall("testcase/failure")
    assert int(suite.attrib["failures"]) == len(failures) == len(row["problems"]) > 0
    assert "mutant" in str(failures[0].text)
    assert sorted(file.name for file in tmp_path.iterdir()) == ["a.json", "a.xml"]


def test_no_report_shows_a_key(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A subject that puts the key into its messages does not get it into ours."""
    monkeypatch.setenv("EVOLINK_API_KEY", KEY)
    break_client(monkeypatch, f"cannot parse for {KEY}\x00\ud800")
    files = tmp_path / "a.json", tmp_path / "a.xml"
    assert _command.main([*QUICK, "--provider", "evolink", "--json", str(files[0]), "--junit", str(files[1])]) == 1
    shown = capsys.readouterr()
    texts = [shown.out, shown.err, *(file.read_text(encoding="utf-8") for file in files)]
    assert [KEY in text for text in texts] == [False] * 4
    assert all("[key]" in text for text in (texts[0], *texts[2:]))
    ET.parse(files[1])


def test_the_users_pytest_settings_play_no_part(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Options for another suite, in the environment or beside us, change nothing."""
    (tmp_path / "pytest.ini").write_text("[pytest]\naddopts = --no-such-option\n", encoding="utf-8")
    (tmp_path / "conftest.py").write_text("raise SystemExit(9)\n", encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PYTEST_ADDOPTS", "--no-such-option")
    monkeypatch.setenv("PYTEST_PLUGINS", "no_such_plugin")
    assert _command.main([*QUICK]) == 0
    assert "conformant" in capsys.readouterr().out


def test_a_missing_extra_is_named(tmp_path: Path) -> None:
    """Without the extra there is a line that says what to install, and no traceback."""
    script = (
        "import sys\n"
        "sys.modules['starlette'] = None\n"
        "from conformance._command import main\n"
        "sys.exit(main(['run', '--profile', 'simulator']))\n"
    )
    done = subprocess.run(
        (sys.executable, "-c", script),
        capture_output=True,
        text=True,
        check=False,
        env={"PYTHONPATH": ":".join(path for path in sys.path if path)},
    )
    assert done.returncode == 3
    assert "Traceback" not in done.stderr
    assert 'pip install "vidgate[' in done.stderr


@pytest.mark.parametrize("profile", [profile for profile in PROFILES if profile != "live"])
def test_what_ships_is_conformant(profile: str, tmp_path: Path) -> None:
    """Client and simulator as they are: every check passes for both providers."""
    report = tmp_path / "report.json"
    code = _command.main(["run", "--profile", profile, "--json", str(report)])
    results = json.loads(report.read_text(encoding="utf-8"))["results"]
    assert [problem for row in results for problem in row["problems"]] == []
    assert code == 0
