"""The table of exclusions, and what a run of schemathesis must have done to count."""

from __future__ import annotations

import pytest

from conformance._examination import Examination, Finding
from conformance._exclusions import EXCLUSIONS, Exclusion
from conformance._exclusions import judge as weigh


def examination(*findings: Finding) -> Examination:
    """A run in which one check was evaluated."""
    done = Examination(findings={(one.check, one.title, one.operation): one for one in findings})
    done.executed["not_a_server_error"] = 3
    return done


FINDING = Finding(check="not_a_server_error", title="Server error", operation="GET /", message="500")


@pytest.mark.parametrize(
    ("findings", "rows", "expected"),
    [
        pytest.param((), (), [], id="nothing found"),
        pytest.param((FINDING,), (), [str(FINDING)], id="found"),
        pytest.param((FINDING,), (Exclusion(check="not_a_server_error", kind="waived", reason="r"),), [], id="waived"),
        pytest.param(
            (FINDING,),
            (Exclusion(check="not_a_server_error", kind="waived", reason="r", provider="apimart"),),
            [str(FINDING)],
            id="waived for another provider",
        ),
        pytest.param(
            (FINDING,),
            (Exclusion(check="not_a_server_error", kind="waived", reason="r", operation="POST /"),),
            [str(FINDING), "the exclusion of not_a_server_error is no longer needed: remove it (r)"],
            id="waived for another operation",
        ),
        pytest.param(
            (),
            (Exclusion(check="not_a_server_error", kind="waived", reason="r"),),
            ["the exclusion of not_a_server_error is no longer needed: remove it (r)"],
            id="stale waiver",
        ),
        pytest.param(
            (FINDING,),
            (Exclusion(check="not_a_server_error", kind="waived", reason="r", title="Another"),),
            [str(FINDING), "the exclusion of not_a_server_error is no longer needed: remove it (r)"],
            id="waiver of another failure",
        ),
        pytest.param(
            (),
            (Exclusion(check="not_a_server_error", kind="not run", reason="r"),),
            ["the exclusion of not_a_server_error is no longer needed: remove it (r)"],
            id="said not to run, but runs",
        ),
    ],
)
def test_exclusions_are_exact(findings: tuple[Finding, ...], rows: tuple[Exclusion, ...], expected: list[str]) -> None:
    """An exclusion waives what it names, and fails once it is not needed."""
    assert weigh(examination(*findings), "evolink", ["not_a_server_error"], rows) == expected


def test_a_check_that_never_ran_is_noticed() -> None:
    """A run in which a check had no chance proves nothing about it."""
    assert weigh(examination(), "evolink", ["not_a_server_error", "ignored_auth"], ()) == [
        "ignored_auth was never evaluated and no exclusion says why"
    ]


def test_an_idle_phase_is_noticed() -> None:
    """Without links the stateful phase does nothing and says nothing."""
    done = examination()
    done.idle.add("stateful")
    assert weigh(done, "evolink", [], ()) == ["the phase stateful had nothing to do"]


def test_every_exclusion_has_a_reason() -> None:
    """The table is a list of judgements, and a judgement has a reason."""
    assert [row for row in EXCLUSIONS if len(row.reason.split()) < 4] == []


def test_an_operation_without_good_answers_is_noticed() -> None:
    """A server that refuses everything breaks no rule of schemathesis."""
    done = examination()
    done.answered.update({"GET /a": {200, 404}, "GET /b": {404}})
    assert weigh(done, "evolink", [], ()) == ["GET /b never gave a good answer, so nothing of it was judged"]
