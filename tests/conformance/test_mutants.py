"""Broken simulators: the catalogue is sound, nothing leaks out of a mutant, and the runner tells the truth."""

from __future__ import annotations

import json
from collections import Counter
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from conformance.mutants import CATEGORIES, Mutant, _runner, by_hand, derive, load
from conformance.mutants._model import Change
from conformance.mutants._patches import answered, edited, requested, schema
from conformance.requirements import load as requirements
from vidgate.simulator import ManualClock, Simulator

if TYPE_CHECKING:
    from pathlib import Path

    from conformance._settings import ProviderName
    from conformance.mutants import Category
    from conformance.mutants._runner import Trial

# What a study of 88 faulty servers had in each category; ours has at least as many for EvoLink.
LEAST: dict[Category, int] = {
    "authentication and request validation": 26,
    "error bodies": 9,
    "submit responses": 15,
    "task life cycle and links": 17,
    "callbacks": 10,
    "billing": 2,
    "wire": 9,
}
PROVIDERS: tuple[ProviderName, ...] = ("evolink", "apimart")
BODY = {"model": "gemini-omni-flash-text-to-video", "prompt": "A marble rolls"}
KEY = {"Authorization": "Bearer sim-key"}


def mutant(change: Change, **changes: Any) -> Mutant:
    """A mutant of EvoLink for one test."""
    members: dict[str, Any] = {
        "id": "evo-test",
        "provider": "evolink",
        "category": "wire",
        "breaks": "EVO-WIRE-JSON",
        "text": "is broken",
        "change": change,
        **changes,
    }
    return Mutant(**members)


def submit(simulator: Simulator, **changes: Any) -> httpx.Response:
    """Submit a task."""
    with httpx.Client(transport=simulator.transport(), base_url=simulator.base_urls[0]) as client:
        return client.post("/v1/videos/generations", json=BODY | changes, headers=KEY)


def test_there_are_enough() -> None:
    """At least 80 for EvoLink and 40 for APIMart by hand, and in each category as many as others have tried."""
    counts = Counter((one.provider, one.category) for one in by_hand())
    assert {name: counts["evolink", name] for name in LEAST if counts["evolink", name] < LEAST[name]} == {}
    assert sum(count for (provider, _), count in counts.items() if provider == "evolink") >= 80
    assert sum(count for (provider, _), count in counts.items() if provider == "apimart") >= 40
    assert {one.category for one in by_hand()} == set(CATEGORIES)


def test_ids_are_unique() -> None:
    """A survivor can be named, and found again."""
    assert [name for name, count in Counter(one.id for one in load()).items() if count > 1] == []


def test_each_breaks_a_requirement_that_there_is() -> None:
    """And one that is scored: who breaks what the pages leave open is not broken."""
    known = {**requirements("evolink"), **requirements("apimart")}
    assert [(one.id, one.breaks) for one in load() if one.breaks not in known] == []
    assert [(one.id, one.breaks) for one in load() if known[one.breaks].ambiguous] == []


def members(kind: type) -> dict[str, Any]:
    """What a class holds; the interpreter's own notes left out."""
    return {name: value for name, value in vars(kind).items() if not name.startswith("__")}


def test_all_can_be_built_and_leave_no_trace() -> None:
    """Every patch fits, and touches neither a class nor the contract that honest simulators share."""
    honest = {provider: Simulator(provider, clock=ManualClock()) for provider in PROVIDERS}
    shared = [Simulator, *(type(part) for one in honest.values() for part in (one.behaviour, one.tasks, one.courier))]
    before = [members(kind) for kind in shared]
    documents = {provider: json.dumps(one.contract.document) for provider, one in honest.items()}
    for one in load():
        assert one.build(clock=ManualClock(), egress=lambda *_: 200).provider == one.provider
    assert [members(kind) for kind in shared] == before
    assert {provider: json.dumps(Simulator(provider).contract.document) for provider in PROVIDERS} == documents


def test_a_patch_ends_with_its_simulator() -> None:
    """Two simulators side by side: the one is broken, the other is not."""
    broken = mutant(edited(lambda body: body.pop("id"), of="submit")).build(clock=ManualClock())
    assert "id" not in submit(broken).json()
    assert "id" in submit(Simulator("evolink", clock=ManualClock())).json()


def test_a_contract_is_changed_for_one() -> None:
    """What a mutant's contract allows is still refused by the others."""
    pointer = "/components/schemas/GeminiOmniFlashTextToVideoRequest/properties/duration/oneOf/0"
    broken = mutant(schema(pointer, lambda it: it.update(maximum=11))).build(clock=ManualClock())
    assert submit(broken, duration=11).status_code == 200
    assert submit(broken, duration=12).status_code == 400
    assert submit(Simulator("evolink", clock=ManualClock()), duration=11).status_code == 400


def test_a_request_that_is_not_changed_stays_as_it_was_written() -> None:
    """Otherwise members that stand twice would be mended on the way, and the mutant would have a second fault."""
    simulator = mutant(requested(lambda body: body.pop("nothing", None))).build(clock=ManualClock())
    content = b'{"model": "gemini-omni-flash-text-to-video", "prompt": "a", "prompt": "b"}'
    headers = {**KEY, "Content-Type": "application/json"}
    with httpx.Client(transport=simulator.transport(), base_url=simulator.base_urls[0]) as client:
        assert client.post("/v1/videos/generations", content=content, headers=headers).status_code == 400
        twice = [*headers.items(), ("Authorization", "Bearer sim-key")]
        assert client.post("/v1/videos/generations", json=BODY, headers=twice).status_code == 401


def test_derived_ones_follow_the_requirements() -> None:
    """Most requirements that the contract states have a server without the rule."""
    derived = {one.breaks for one in derive()}
    for provider, prefix in zip(PROVIDERS, ("EVO", "API"), strict=True):
        stated = {
            entry.id
            for entry in requirements(provider).values()
            if entry.derived is not None and entry.ambiguous is None
        }
        assert {one for one in derived if one.startswith(prefix)} <= stated
        assert len(stated & derived) / len(stated) > 0.9


def test_the_runner_judges_and_reports(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A mutant that is caught, an honest server that is clean, and the same for machines."""
    file = tmp_path / "trials.json"
    arguments = ["--only", "evo-wire-trailing-comma", "--honest", "1", "--provider", "evolink", "--json", str(file)]
    assert _runner.main(arguments) == 0
    shown = capsys.readouterr().out
    assert "1/1     1/1" in shown
    assert "honest simulators: 1 runs, 0 with findings" in shown
    trials = json.loads(file.read_text())
    assert [(trial["killed"], trial["named"]) for trial in trials if trial["category"] == "wire"] == [(True, True)]


def test_two_processes_find_what_one_finds() -> None:
    """In whatever order the trials come back."""
    chosen = [one for one in by_hand() if one.category == "wire" and one.provider == "evolink"][:4]
    orders: list[tuple[str, Any]] = [("mutant", (one, 0, False)) for one in chosen]

    def outcome(trials: Any) -> set[tuple[str, bool, tuple[str, ...]]]:
        return {(trial.id, trial.killed, trial.broken) for trial in trials}

    assert outcome(_runner.run(orders, processes=2)) == outcome(_runner.run(orders, processes=1))


def test_a_mutant_without_a_fault_survives() -> None:
    """The runner does not call everything broken."""
    trial = _runner.try_mutant(mutant(Change()))
    assert (trial.killed, trial.named, trial.broken, trial.messages) == (False, False, (), ())


def test_survivors_and_wrong_names_are_listed() -> None:
    """With what they break, what was found instead, and whether there is such a requirement."""

    def trial(**changes: Any) -> Trial:
        members: dict[str, Any] = {
            "id": "evo-x",
            "provider": "evolink",
            "category": "wire",
            "breaks": "EVO-WIRE-JSON",
            "text": "is broken",
            "derived": False,
            "killed": True,
            "named": True,
            "broken": ("EVO-WIRE-JSON",),
            "state": "not conformant",
            "seconds": 0.1,
        }
        return _runner.Trial(**members | changes)

    trials = [
        trial(),
        trial(id="evo-survivor", killed=False, named=False, broken=(), known=False),
        trial(id="evo-misnamed", named=False, broken=("EVO-OTHER",), schemathesis=("found",)),
        trial(id="honest", category="honest", killed=True, broken=("EVO-OTHER",), messages=("EVO-OTHER: so",)),
    ]
    shown = "\n".join(_runner.lines(trials, seconds=3.0))
    assert "wire                      2/3     1/3         1/3" in shown
    assert "evo-survivor: EVO-WIRE-JSON (no such requirement): is broken" in shown
    assert "evo-misnamed: EVO-WIRE-JSON: is broken; found EVO-OTHER" in shown
    assert "1 runs, 1 with findings" in shown
    assert "1 times EVO-OTHER: so" in shown
    assert not _runner.is_good(trials)
    assert _runner.is_good(trials[:1])
    fallen = trial(errors=("EVO-OTHER: KeyError",))
    assert "the suite falls over on evo-x: EVO-OTHER: KeyError" in list(_runner.lines([fallen], seconds=1.0))
    assert not _runner.is_good([fallen])


def test_false_alarms_of_others_are_no_kills() -> None:
    """What schemathesis says of an honest server says nothing about a mutant of the same provider."""
    alarm, other = "acceptance: Rejected (GET /x): got 400", "acceptance: Rejected (GET /x): got 404"
    members: dict[str, Any] = {"breaks": "", "text": "", "derived": False, "killed": False, "named": False}
    members |= {"broken": (), "state": "", "seconds": 0.0}
    honest = _runner.Trial(id="h", provider="apimart", category="honest", schemathesis=(alarm,), **members)
    mutants = [
        _runner.Trial(id="m", provider=provider, category="wire", schemathesis=(other, "crash: 500"), **members)
        for provider in PROVIDERS
    ]
    left = _runner.without_false_alarms([honest, *mutants])
    assert [trial.schemathesis for trial in left] == [(alarm,), (other, "crash: 500"), ("crash: 500",)]


@pytest.mark.parametrize("status", [None, 500])
def test_answers_are_chosen_by_status(status: int | None) -> None:
    """A change of failures leaves good answers alone."""
    change = answered(lambda answer: answer.put({}), of="submit", status=status)
    assert (submit(mutant(change).build(clock=ManualClock())).json() == {}) == (status is None)
