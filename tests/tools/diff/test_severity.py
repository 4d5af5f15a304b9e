"""tools.diff.severity: levels by rule and place, and acceptances that end."""

from __future__ import annotations

import datetime as dt

import pytest

from tools.diff.severity import Severity, read_severity
from tools.errors import JudgementError, Place, StaleAction
from tools.model import Change, Usage

DAY = dt.date(2026, 8, 1)


def change(rule: str = "operation-removed", pointer: str = "/paths/~1pets/get") -> Change:
    """One finding."""
    place = Place(path="old.yaml")
    usage = Usage(operation="GET /pets", role="request")
    return Change(
        rule=rule, level="error", pointer=pointer, message="m", old=place, new=place, usages=(usage,)
    )  # fmt: skip


LEVELS = [
    pytest.param('[levels]\n"operation-removed" = "warning"', "warning", id="by-rule"),
    pytest.param('[levels]\n"operation-*" = "info"', "info", id="by-glob"),
    pytest.param('[[override]]\nrule = "*"\npath = "/paths/~1pets*"\nlevel = "info"', "info", id="by-pointer"),
    pytest.param('[[override]]\nrule = "*"\npath = "GET /pets"\nlevel = "info"', "info", id="by-operation"),
    pytest.param('[[override]]\nrule = "*"\npath = "/webhooks*"\nlevel = "info"', "error", id="elsewhere"),
    pytest.param(
        '[levels]\n"operation-removed" = "info"\n[[override]]\nrule = "operation-removed"\nlevel = "warning"',
        "warning",
        id="the-last-decides",
    ),
]


@pytest.mark.parametrize(("text", "level"), LEVELS)
def test_a_level_is_the_projects(text: str, level: str) -> None:
    """Overrides match rule and place by globs."""
    (found,) = read_severity(text, path="c.toml").apply([change()], today=DAY).changes
    assert found.level == level


ACCEPT = '[[accept]]\nrule = "operation-removed"\nuntil = 2026-08-01\nreason = "announced"'


def test_an_acceptance_holds_until_its_day() -> None:
    """On its last day the finding is still accepted; a day later it is back, and the acceptance is reported."""
    severity = read_severity(ACCEPT, path="c.toml")
    held = severity.apply([change()], today=DAY)
    assert (held.changes, [one.rule for one, _ in held.accepted], held.findings) == ((), ["operation-removed"], ())
    over = severity.apply([change()], today=DAY + dt.timedelta(days=1))
    assert (len(over.changes), over.accepted) == (1, ())
    (finding,) = over.findings
    assert isinstance(finding, StaleAction)
    assert "2026-08-01" in str(finding)


def test_an_acceptance_of_nothing_is_stale() -> None:
    """What matches no finding any more is reported with its place in the file."""
    (finding,) = read_severity(ACCEPT, path="c.toml").apply([], today=DAY).findings
    assert finding.places == (Place(path="c.toml", pointer="/accept/0"),)


WRONG = [
    pytest.param("[levels", "is not TOML", id="syntax"),
    pytest.param("[level]", "'level' is none of", id="table"),
    pytest.param('[levels]\n"operation-gone" = "info"', "is no rule", id="rule"),
    pytest.param('[levels]\n"operation-removed" = "fatal"', "'fatal' is none of", id="level"),
    pytest.param('[[accept]]\nrule = "operation-removed"\nreason = "r"', "needs a day", id="day"),
    pytest.param('[[accept]]\nrule = "operation-removed"\nuntil = 2026-01-01', "needs a reason", id="reason"),
    pytest.param('[[accept]]\nrule = "operation-removed"\nuntil = 2026-01-01\nreasno = "r"', "'reasno'", id="member"),
    pytest.param("override = 3", "no list of tables", id="shape"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "part"), WRONG)
def test_a_wrong_configuration_is_explained(text: str, part: str) -> None:
    """Every mistake names the file and what is expected."""
    with pytest.raises(JudgementError, match=r"c\.toml") as caught:
        read_severity(text, path="c.toml")
    assert part in str(caught.value)


def test_without_configuration_nothing_changes() -> None:
    """The rules' own levels stand."""
    assert Severity().apply([change()], today=DAY).changes == (change(),)
