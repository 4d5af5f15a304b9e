"""The checks of the client within a run: bound to all their requirements, with evidence, in the profile mock alone."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from conformance import _command
from conformance._checks import checks_in
from conformance._judge import prepare
from conformance._session import Session
from conformance.checks.client import _rules, check_client
from conformance.checks.client._findings import MOST_KEPT, Findings
from conformance.checks.client._space import THOROUGH, USUAL
from conformance.requirements import load
from conformance.subjects import in_process
from tests.conformance.mutant_clients import facade

if TYPE_CHECKING:
    from conformance._results import Report
    from conformance._settings import ProviderName


def judged(provider: ProviderName, *names: str) -> Report:
    """Judge the client alone."""
    with in_process(provider) as reach:
        session = Session(run=prepare(reach, only=[f"EVO-{name}" for name in names], client=True))
        for check in checks_in(check_client):
            session.perform(check)
        return session.finish()


@pytest.mark.parametrize("provider", ["evolink", "apimart"])
def test_every_rule_is_a_requirement(provider: ProviderName) -> None:
    """Rows and checks are the same set, each row with its place on the pages, and each once."""
    rows = [entry for entry in load(provider).values() if entry.area == "CLIENT"]
    assert [row.id for row in rows if not row.sources] == []
    assert sorted(name for check in checks_in(check_client) for name in check.names) == sorted(row.name for row in rows)


def test_a_broken_client_leaves_evidence(monkeypatch: pytest.MonkeyPatch) -> None:
    """What went over the wire stands in the report, as the client's and without the key; the rest is counted."""
    mutant = next(each for each in facade.MUTANTS if each.id == "facade sends text")
    mutant.patch(monkeypatch)
    report = judged("evolink", "CLIENT-FACADE-REQUEST-HEADERS", "CLIENT-FACADE-REQUEST-KEPT")
    assert report.broken == ("EVO-CLIENT-FACADE-REQUEST-HEADERS",)
    (broken,) = [entry for entry in report.judged if entry.result == "fail"]
    assert len(broken.findings) == MOST_KEPT + 1
    assert broken.findings[-1].message.startswith("… and ")
    exchange = next(one for one in report.run.exchanges if one.number == broken.findings[0].exchanges[0])
    assert exchange.role == "client"
    assert dict(exchange.request_headers)["content-type"] == "text/plain"
    assert dict(exchange.request_headers)["authorization"] == "Bearer [key]"
    assert exchange.request_json["model"]
    assert exchange.status == 200
    assert report.run.paid == ()


@pytest.mark.parametrize(("flags", "effort"), [((), USUAL), (("--thorough",), THOROUGH)])
def test_the_bound_can_be_lifted(
    flags: tuple[str, ...], effort: Any, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """`--thorough` reaches the checks; without it the bound is the usual one."""
    asked: list[Any] = []

    def part(_subject: object, _seed: int, given: Any) -> Findings:
        asked.append(given)
        findings = Findings()
        findings.saw(*(rule for rules in _rules.RULES.values() for rule in rules))
        return findings

    monkeypatch.setattr(check_client, "PARTS", dict.fromkeys(_rules.PARTS, part))
    arguments = ("--profile", "mock", "--provider", "evolink", "--only", "EVO-CLIENT-WAIT-FAILED")
    assert _command.main(["run", *arguments, *flags]) == 0
    assert asked == [effort]
    assert "conformant" in capsys.readouterr().out
