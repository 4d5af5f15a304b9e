"""How a requirement comes to its result, and a run to its verdict; no two results are ever confused."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

import pytest

from conformance._results import CODES, Judged, Outcome, Report, Result, Said, settle
from conformance._run import Finding
from conformance.requirements import Level, Requirement

if TYPE_CHECKING:
    from conformance._run import Run

NO_RUN = cast("Run", None)


def demand(level: Level = "MUST", *, ambiguous: str | None = None) -> Requirement:
    """A requirement."""
    return Requirement(id="EVO-TASK-X", level=level, area="TASK", text="X.", ambiguous=ambiguous)


FOUND = Finding(requirement="EVO-TASK-X", message="it is wrong", exchanges=(1,))
KNOWN = {"EVO-TASK-X": "they know"}


@pytest.mark.parametrize(
    ("entry", "said", "findings", "known", "expected"),
    [
        pytest.param(demand(), ["pass"], [], {}, ("pass", ""), id="pass"),
        pytest.param(demand(), ["pass"], [FOUND], {}, ("fail", "it is wrong"), id="a finding fails"),
        pytest.param(demand("SHOULD"), ["pass"], [FOUND], {}, ("warn", "it is wrong"), id="a SHOULD warns"),
        pytest.param(demand("MAY"), ["pass"], [FOUND], {}, ("warn", "it is wrong"), id="a MAY warns"),
        pytest.param(demand(), ["fail"], [], {}, ("fail", "fail!"), id="a check fails"),
        pytest.param(demand(), ["pass", "fail"], [], {}, ("fail", "fail!"), id="one of two checks fails"),
        pytest.param(demand(), ["skip"], [FOUND], {}, ("fail", "it is wrong"), id="a finding outweighs a skip"),
        pytest.param(demand(), ["skip"], [], {}, ("skip", "skip!"), id="skip"),
        pytest.param(demand(), ["pass", "skip"], [], {}, ("pass", ""), id="partly skipped"),
        pytest.param(demand(), ["unreachable"], [], {}, ("unreachable", "unreachable!"), id="unreachable"),
        pytest.param(demand(), ["unreachable", "skip"], [], {}, ("skip", "skip!"), id="skip before unreachable"),
        pytest.param(
            demand(), [], [], {}, ("unreachable", "nothing that the subject did says anything about it"), id="nothing"
        ),
        pytest.param(demand(), ["error"], [FOUND], {}, ("error", "error!"), id="a broken suite outweighs all"),
        pytest.param(demand(ambiguous="why"), ["fail"], [FOUND], {}, ("ambiguous", "why"), id="ambiguous"),
        pytest.param(demand(ambiguous="why"), ["error"], [], {}, ("error", "error!"), id="ambiguous, suite broken"),
        pytest.param(demand(), ["pass"], [FOUND], KNOWN, ("disabled", "they know"), id="known to fail"),
        pytest.param(
            demand(),
            ["pass"],
            [],
            KNOWN,
            ("pass", "known to fail (they know), but it holds: take it out of [known_failing]"),
            id="holds again",
        ),
        pytest.param(demand(), ["skip"], [], KNOWN, ("skip", "skip!"), id="known to fail, skipped"),
    ],
)
def test_settling(
    entry: Requirement,
    said: list[Said],
    findings: list[Finding],
    known: dict[str, str],
    expected: tuple[Result, str],
) -> None:
    """Every mixture of what checks said and watchers found has one result, with its reason."""
    outcomes = [
        Outcome(requirement=entry.id, check="check_x", said=one, message="" if one == "pass" else f"{one}!")
        for one in said
    ]
    judged = settle(entry, outcomes, findings, 0, known)
    assert (judged.result, judged.message) == expected
    assert judged.stale == (expected[0] == "pass" and bool(known))


@pytest.mark.parametrize(
    ("results", "level", "faults", "state", "code"),
    [
        pytest.param(
            [("MUST", "pass"), ("SHOULD", "warn")], "MUST", (), "conformant", 0, id="a warning breaks nothing"
        ),
        pytest.param([("MUST", "pass"), ("SHOULD", "warn")], "SHOULD", (), "not conformant", 1, id="unless asked for"),
        pytest.param([("MUST", "pass"), ("MAY", "warn")], "SHOULD", (), "conformant", 0, id="a MAY never breaks"),
        pytest.param([("MUST", "skip"), ("MUST", "pass")], "MUST", (), "partial", 0, id="a skipped MUST"),
        pytest.param([("SHOULD", "skip"), ("MUST", "pass")], "MUST", (), "conformant", 0, id="a skipped SHOULD"),
        pytest.param([("MUST", "skip"), ("MUST", "fail")], "MUST", (), "not conformant", 1, id="broken, not partial"),
        pytest.param([("MUST", "disabled")], "MUST", (), "conformant", 0, id="known failures"),
        pytest.param([("MUST", "unreachable"), ("MUST", "ambiguous")], "MUST", (), "conformant", 0, id="not scored"),
        pytest.param([("MUST", "fail"), ("MUST", "error")], "MUST", (), "harness error", 2, id="a broken suite"),
        pytest.param([("MUST", "fail")], "MUST", ("dead",), "harness error", 2, id="a dead subject"),
        pytest.param([], "MUST", (), "harness error", 2, id="nothing judged"),
    ],
)
def test_verdicts(
    results: list[tuple[Level, Result]], level: Level, faults: tuple[str, ...], state: str, code: int
) -> None:
    """The verdict follows from the results, and the exit code from the verdict."""
    judged = tuple(Judged(requirement=demand(at), result=result) for at, result in results)
    report = Report(run=NO_RUN, judged=judged, level=level, faults=faults)
    assert report.state == state
    assert CODES[report.state] == code


def test_drivers_agree(capsys: pytest.CaptureFixture[Any]) -> None:
    """Driven by pytest or called without it, the checks come to the same results, one by one."""
    from conformance import _suite
    from conformance._judge import judge

    alone = judge(None, "apimart", seed=5)
    (driven,) = _suite.run(_suite.Settings(targets=_suite.built_in("mock", ["apimart"]), seed=5)).reports
    server = [entry for entry in driven.judged if entry.requirement.area != "CLIENT"]
    told = [[(one.requirement.id, one.result, one.cases) for one in entries] for entries in (alone.judged, server)]
    assert told[0] == told[1]
    assert capsys.readouterr() == ("", "")
