"""The command line: exit codes, refusals, reports, and no key anywhere."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import xml.etree.ElementTree as ET
from typing import TYPE_CHECKING, Any

import httpx
import jsonschema_rs
import pytest

from conformance import _command
from conformance.observe import Channel
from conformance.report import schema
from conformance.requirements import PREFIXES, load
from vidgate.simulator import Simulator

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from conformance.observe import Exchange

QUICK = ("run", "--profile", "mock", "--provider", "evolink", "--only", "EVO-REQ-DURATION-MAX")
KEY = "sk-very-secret-0123456789"


@pytest.fixture
def nothing_sent(monkeypatch: pytest.MonkeyPatch) -> None:
    """Any request is a failure of the test."""

    def refuse(*_: Any) -> httpx.Response:
        pytest.fail("something was sent")

    monkeypatch.setattr(httpx.HTTPTransport, "handle_request", refuse)
    monkeypatch.setattr(Channel, "request", refuse)


@pytest.fixture
def lenient(monkeypatch: pytest.MonkeyPatch) -> None:
    """A simulator that takes any body."""
    monkeypatch.setattr("vidgate.simulator._app.check_body", lambda *_: None)


def break_suite(monkeypatch: pytest.MonkeyPatch) -> None:
    """A suite that falls over inside a check."""

    def submit(_: Channel, body: Any, **options: Any) -> Exchange:
        raise KeyError(str(body["model"]))

    monkeypatch.setattr(Channel, "submit", submit)


def test_good_is_0(capsys: pytest.CaptureFixture[str]) -> None:
    """A conformant subject: a table with a line for each area, and a sentence."""
    assert _command.main([*QUICK]) == 0
    shown = capsys.readouterr()
    lines = shown.out.splitlines()
    assert lines[0].startswith("the simulator of evolink, in process at https://api.evolink.ai")
    assert lines[1].split()[:4] == ["area", "MUST", "SHOULD", "fail"]
    assert lines[3].split()[:3] == ["REQ", "1/1", "0/0"]
    assert lines[-1].startswith("mock: evolink: conformant: MUST 1/1 · SHOULD 0/0 · 0 skipped")
    assert shown.err == ""


@pytest.mark.usefixtures("lenient")
def test_non_conformance_is_1(capsys: pytest.CaptureFixture[str]) -> None:
    """A wrong subject: the requirement, the case, the exchange and the page stand below the table."""
    assert _command.main([*QUICK]) == 1
    shown = capsys.readouterr().out
    assert "FAIL: EVO-REQ-DURATION-MAX (MUST): A request is refused unless `duration` is at most 10" in shown
    assert re.search(r"gemini-omni-flash-[a-z-]+: 11: .*HTTP 200", shown)
    assert re.search(r"exchanges \d+, \d+", shown)
    assert "stated in " in shown
    assert "mock: evolink: not conformant: MUST 0/1" in shown


@pytest.mark.usefixtures("lenient")
@pytest.mark.parametrize(("level", "code"), [("MUST", 0), ("SHOULD", 1)])
def test_a_broken_should_is_a_warning(level: str, code: int, capsys: pytest.CaptureFixture[str]) -> None:
    """It breaks a run only when it is judged at that level."""
    asked = ("--only", "EVO-REQ-ASPECT-RATIO-NULL", "--level", level)
    assert _command.main(["run", "--profile", "mock", "--provider", "evolink", *asked]) == code
    assert "WARN: EVO-REQ-ASPECT-RATIO-NULL (SHOULD)" in capsys.readouterr().out


@pytest.mark.usefixtures("nothing_sent")
@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        pytest.param((), "required", id="nothing"),
        pytest.param(("run",), "--subject", id="no subject"),
        pytest.param(("run", "--profile", "live"), "invalid choice", id="live needs a subject file"),
        pytest.param(("run", "--profile", "mock", "--subject", "x"), "not allowed with", id="both"),
        pytest.param(("run", "--profile", "mock", "--provider", "x"), "invalid choice", id="unknown provider"),
        pytest.param(("run", "--subject", "no-such.toml"), "cannot be read", id="no such file"),
        pytest.param(
            ("run", "--profile", "mock", "--only", "EVO-REQ-DURATION-MAXI"),
            "did you mean EVO-REQ-DURATION-MAX?",
            id="misspelled requirement",
        ),
        pytest.param(
            ("run", "--profile", "mock", "--provider", "apimart", "--only", "EVO-REQ-DURATION-MAX"),
            "there is no requirement",
            id="another provider's requirement",
        ),
        pytest.param(
            ("run", "--profile", "simulator", "--only", "CLIENT-TYPED-REQUEST-KEPT"),
            "is about the client, which --profile mock judges, not simulator",
            id="a requirement on the client",
        ),
        pytest.param(("run", "--profile", "mock", "--seed", "x"), "invalid int", id="seed"),
        pytest.param(("run", "--profile", "mock", "--level", "MAY"), "invalid choice", id="level"),
        pytest.param(("run", "--profile", "mock", "--report", "/dev/null/x"), "cannot be made", id="report"),
        pytest.param(("requirements", "--specs", "/no/such"), "is no directory", id="specs"),
    ],
)
def test_wrong_use_is_2(arguments: tuple[str, ...], told: str, capsys: pytest.CaptureFixture[str]) -> None:
    """Wrong arguments are refused before anything runs, with what is wrong."""
    assert _command.main(arguments) == 2
    shown = capsys.readouterr()
    assert told in shown.err
    assert shown.out == ""
    assert "Traceback" not in shown.err


LIVE = """
provider = "evolink"
base_url = "{base_url}"
profile = "live"
[tokens]
valid = "{key}"
[budget]
max_paid_requests = 1
max_credits = 1
"""


@pytest.mark.usefixtures("nothing_sent")
def test_live_needs_its_flag(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A subject file alone never spends money."""
    file = tmp_path / "live.toml"
    file.write_text(LIVE.format(base_url="https://api.evolink.ai", key=KEY), encoding="utf-8")
    assert _command.main(["run", "--subject", str(file)]) == 2
    shown = capsys.readouterr().err
    assert shown.rstrip().endswith("--live allows it. Nothing was sent")
    assert KEY not in shown


def test_a_broken_suite_is_2(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """An exception that no subject raised is the suite's, with the place where it was raised."""
    from conformance import _session

    monkeypatch.setattr(_session, "preflight", lambda _: None)
    break_suite(monkeypatch)
    assert _command.main([*QUICK]) == 2
    shown = capsys.readouterr().out
    assert "ERROR: EVO-REQ-DURATION-MAX" in shown
    assert "KeyError: 'gemini-omni-flash-image-to-video' (test_command.py:" in shown
    assert "mock: evolink: harness error" in shown
    assert "FAIL" not in shown


def test_a_broken_check_file_is_2(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """Checks that cannot be collected are the suite's fault, whatever the others say."""
    from conformance import _pytest

    def declared(*_: Any) -> Any:
        raise RuntimeError("mutant")

    monkeypatch.setattr(_pytest, "check_of", declared)
    assert _command.main([*QUICK]) == 2
    assert "cannot be collected" in capsys.readouterr().out


def test_a_suite_that_did_not_end_is_2(monkeypatch: pytest.MonkeyPatch) -> None:
    """A run of pytest that broke off says nothing good about anybody."""
    from conformance import _pytest

    monkeypatch.setattr(_pytest, "COMPLETED", frozenset[int]())
    assert _command.main([*QUICK]) == 2


@pytest.mark.usefixtures("lenient")
def test_reports_say_the_same_as_the_table(tmp_path: Path) -> None:
    """JSON keeps its schema, JUnit names requirements; equal runs give equal bytes."""
    arguments = [*QUICK, "EVO-WIRE-JSON", "--report"]
    assert [_command.main([*arguments, str(tmp_path / name)]) for name in "ab"] == [1, 1]
    names = sorted(path.name for path in (tmp_path / "a").iterdir())
    assert {"report.json", "junit.xml"} <= set(names)
    for name in ("report.json", "junit.xml"):
        assert (tmp_path / "a" / name).read_bytes() == (tmp_path / "b" / name).read_bytes()
    document = json.loads((tmp_path / "a" / "report.json").read_bytes())
    assert [error.message for error in jsonschema_rs.Draft202012Validator(schema()).iter_errors(document)] == []
    (run,) = document["runs"]
    results = {row["id"]: row for row in run["requirements"]}
    assert {name: row["result"] for name, row in results.items()} == {
        "EVO-REQ-DURATION-MAX": "fail",
        "EVO-WIRE-JSON": "pass",
    }
    shown = {exchange["number"]: exchange for exchange in run["exchanges"]}
    (first, *_) = results["EVO-REQ-DURATION-MAX"]["findings"]
    assert json.loads(shown[first["exchanges"][0]]["request"]["body"])["duration"] == 11
    assert run["counts"]["MUST"]["fail"] == 1
    suite = ET.fromstring((tmp_path / "a" / "junit.xml").read_bytes()).findall("testsuite")[0]
    assert (suite.attrib["tests"], suite.attrib["failures"]) == ("2", "1")
    case = suite.findall("testcase")[0]
    told = {one.attrib["name"]: one.attrib["value"] for one in case.findall("properties/property")}
    assert (told["requirement"], told["level"], told["result"]) == ("EVO-REQ-DURATION-MAX", "MUST", "fail")


SIMULATED = """
provider = "evolink"
base_url = "{base_url}"
profile = "simulator"
[tokens]
valid = "{key}"
[tasks]
seconds = 0.2
[known_failing]
EVO-REQ-DURATION-MAX = "the server takes 11"
EVO-REQ-DURATION-MIN = "the server takes 2"
"""


def subject_file(tmp_path: Path, base_url: str) -> list[str]:
    """A run of a subject file for an address."""
    file = tmp_path / "subject.toml"
    file.write_text(SIMULATED.format(base_url=base_url, key=KEY), encoding="utf-8")
    return ["run", "--subject", str(file), "--report", str(tmp_path / "report"), "--only"]


def echoing(monkeypatch: pytest.MonkeyPatch) -> None:
    """A server that tells the key that it was given, in text and in bytes that are no text."""
    from starlette.responses import Response

    from vidgate.simulator import _endpoint

    def refuse(self: Any, refusal: Any, operation: Any) -> Response:
        body = f'{{"error": {{"code": "x", "message": "{KEY}", "type": "y"}}}}'.encode()
        return Response(body + b"\xff" * (refusal.status == 400), refusal.status, {"x-echo": KEY})

    monkeypatch.setattr(_endpoint.Endpoint, "refuse", refuse)


def test_no_report_shows_a_key(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A subject that puts the key into its answers does not get it into ours, not even in base64."""
    import base64

    echoing(monkeypatch)
    with Simulator("evolink", api_keys=(KEY,), seconds=0.2).running() as base_url:
        arguments = subject_file(tmp_path, base_url)
        assert _command.main([*arguments, "EVO-WIRE-JSON", "EVO-REQ-PROMPT-TYPE"]) == 1
    shown = capsys.readouterr()
    files = [path.read_text(encoding="utf-8") for path in (tmp_path / "report").iterdir()]
    assert len(files) >= 2
    assert [KEY in text for text in (shown.out, shown.err, *files)] == [False] * (len(files) + 2)
    exchanges = json.loads((tmp_path / "report" / "report.json").read_bytes())["runs"][0]["exchanges"]
    hidden = [base64.b64decode(one["response"]["base64"]) for one in exchanges if one["response"]["base64"]]
    assert hidden
    assert [KEY.encode() in body for body in hidden] == [False] * len(hidden)
    assert all(b"[key]" in body for body in hidden)


def test_known_failures_are_disabled_and_stale_ones_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """What is known to fail breaks nothing; what holds again is told."""
    from vidgate.simulator._validation import check_body as honest

    def taking_eleven(contract: Any, operation: Any, body: Any) -> None:
        if body.get("duration") != 11:
            honest(contract, operation, body)

    monkeypatch.setattr("vidgate.simulator._app.check_body", taking_eleven)
    with Simulator("evolink", api_keys=(KEY,), seconds=0.2).running() as base_url:
        arguments = subject_file(tmp_path, base_url)
        assert _command.main([*arguments, "EVO-REQ-DURATION-MAX", "EVO-REQ-DURATION-MIN"]) == 0
    shown = capsys.readouterr().out
    assert "disabled: EVO-REQ-DURATION-MAX (MUST): the server takes 11" in shown
    assert "holds again: EVO-REQ-DURATION-MIN (MUST): known to fail (the server takes 2), but it holds" in shown


def test_a_missing_role_makes_the_verdict_partial(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """What needs another account is skipped with the reason, and the verdict says that it is not the whole."""
    with Simulator("evolink", api_keys=(KEY,), seconds=0.2).running() as base_url:
        assert _command.main([*subject_file(tmp_path, base_url), "EVO-ERR-402", "EVO-REQ-PROMPT-TYPE"]) == 0
    shown = capsys.readouterr().out
    assert "skip: EVO-ERR-402 (MUST): the subject file names no token for the role no_quota" in shown
    assert "simulator: evolink: partial: MUST 1/1 · SHOULD 0/0 · 1 skipped" in shown


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


def test_a_missing_extra_is_named() -> None:
    """Without the extra there is a line that says what to install, and no traceback."""
    script = (
        "import sys\n"
        "sys.modules['yaml'] = None\n"
        "from conformance._command import main\n"
        "sys.exit(main(['run', '--profile', 'mock']))\n"
    )
    done = subprocess.run(
        (sys.executable, "-c", script),
        capture_output=True,
        text=True,
        check=False,
        env={"PYTHONPATH": ":".join(path for path in sys.path if path)},
    )
    assert done.returncode == 2
    assert "Traceback" not in done.stderr
    assert 'pip install "vidgate[' in done.stderr


@pytest.fixture
def requests_of(tmp_path: Path) -> Callable[[int], list[tuple[str, str, Any]]]:
    """What a run with a seed sends."""
    from conformance._judge import judge

    def send(seed: int) -> list[tuple[str, str, Any]]:
        report = judge(None, "evolink", seed=seed)
        return [(one.method, one.url, one.request_body) for one in report.run.exchanges]

    return send


def test_the_same_seed_sends_the_same(requests_of: Callable[[int], list[tuple[str, str, Any]]]) -> None:
    """Two runs with one seed agree in every byte of every request."""
    first = requests_of(3)
    assert first == requests_of(3)
    assert len(first) > 100


@pytest.mark.parametrize(("profile", "verdict"), [("mock", "conformant"), ("simulator", "partial")])
def test_what_ships_is_conformant(profile: str, verdict: str, tmp_path: Path) -> None:
    """Client and simulators as they are: nothing is broken. Over a socket nobody waits a day for a link to expire."""
    code = _command.main(["run", "--profile", profile, "--level", "SHOULD", "--report", str(tmp_path)])
    document = json.loads((tmp_path / "report.json").read_text(encoding="utf-8"))
    timed = {entry.id for name in PREFIXES for entry in load(name).values() if "time" in entry.needs}
    assert [
        (row["id"], row["result"], row["message"])
        for run in document["runs"]
        for row in run["requirements"]
        if row["result"] not in {"pass", "unreachable", "ambiguous"}
        and not (row["result"] == "skip" and profile == "simulator" and row["id"] in timed)
    ] == []
    assert (code, document["verdict"]) == (0, verdict)
    assert [run["subject"]["provider"] for run in document["runs"]] == [*PREFIXES]
    assert all(run["spending"]["paid_tasks"] <= 40 for run in document["runs"])
    wanted = [sum(entry.area != "CLIENT" or profile == "mock" for entry in load(name).values()) for name in PREFIXES]
    assert [len(run["requirements"]) for run in document["runs"]] == wanted
