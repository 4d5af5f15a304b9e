"""Bodies that break one rule: the contract refuses each of them, and every rule that must be kept has some."""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING, Any

import pytest

from conformance._bodies import invalid, shortest
from conformance._judge import prepare
from conformance._rules import refused
from conformance.checks.server.check_requests import REFUSALS
from conformance.requirements import load
from conformance.subjects import in_process

if TYPE_CHECKING:
    from collections.abc import Iterator

    from conformance._run import Run
    from conformance._settings import ProviderName

PROVIDERS: tuple[ProviderName, ...] = ("evolink", "apimart")
LIKELY = {"480p", "1440p", "2160p", "2k", "720"}
RULES = [
    entry.id
    for provider in PROVIDERS
    for entry in load(provider).values()
    if entry.derived is not None
    and entry.derived.kind == "request"
    and entry.derived.rule in REFUSALS
    and entry.ambiguous is None
]


@pytest.fixture(params=PROVIDERS)
def run(request: pytest.FixtureRequest) -> Iterator[Run]:
    """A run on an honest simulator that has not begun."""
    with in_process(request.param) as reach:
        yield prepare(reach)


def cases(identity: str) -> list[tuple[str, dict[str, Any]]]:
    """The bodies of one requirement."""
    provider: ProviderName = "evolink" if identity.startswith("EVO-") else "apimart"
    with in_process(provider) as reach:
        run = prepare(reach)
        return [(name, body) for name, body in refused(run, run.requirements[identity]) if invalid(run, body)]


@pytest.mark.parametrize("identity", RULES)
def test_every_rule_has_a_body_that_breaks_it(identity: str) -> None:
    """Each body has a name of its own, and the contract has something against it."""
    found = cases(identity)
    assert found != []
    names = [name for name, _ in found]
    assert len(set(names)) == len(names)


@pytest.mark.parametrize(
    ("identity", "member", "values"),
    [
        ("EVO-REQ-DURATION-MAX", "duration", {11, 100, 2**31}),
        ("EVO-REQ-DURATION-MIN", "duration", {2, 0, -1}),
        ("API-REQ-DURATION-ENUM", "duration", {3, 5, 7, 9, 11, 12}),
        (
            "API-REQ-RESOLUTION-PATTERN",
            "resolution",
            {"unheard-of", "720px", "x720p", "480p", "1440p", "2160p", "2k", "720"},
        ),
        ("EVO-REQ-PROMPT-TYPE", "prompt", {7, 5.5, True}),
        ("EVO-REQ-ASPECT-RATIO-NULL", "aspect_ratio", {None}),
    ],
)
def test_the_step_over_a_bound_is_the_smallest(identity: str, member: str, values: set[Any]) -> None:
    """Bounds are passed by one, types are confused, words are changed a little."""
    found = {value for _, body in cases(identity) if not isinstance(value := body[member], dict | list)}
    assert found == values


def test_a_long_address_is_one_character_too_long() -> None:
    """The URL is a URL still."""
    ((_, body), *_) = cases("EVO-REQ-CALLBACK-URL-MAX-LENGTH")
    assert len(body["callback_url"]) == 2049
    assert body["callback_url"].startswith("https://")


@pytest.mark.parametrize(
    ("identity", "members"),
    [
        ("API-REQ-DURATION-VIDEO-URLS-CONDITION", {"duration", "video_urls"}),
        ("API-REQ-GENERATION-TYPE-FRAME-CONDITION", {"generation_type", "image_urls"}),
        ("API-REQ-IMAGE-URLS-CONDITION", {"image_urls"}),
    ],
)
def test_a_condition_is_broken_alone(identity: str, members: set[str]) -> None:
    """With no other members than it speaks of, and with no other rule broken."""
    found = cases(identity)
    assert all(body.keys() - {"model", "prompt"} >= members for _, body in found)
    assert all(len({text.partition(":")[0] for text in _problems(body)}) == 1 for _, body in found)


def _problems(body: dict[str, Any]) -> list[str]:
    with in_process("apimart") as reach:
        return invalid(prepare(reach), body)


def test_a_valid_body_is_left_as_it_is(run: Run) -> None:
    """Breaking a rule changes a copy."""
    before = copy.deepcopy(shortest(run))
    for entry in run.requirements.values():
        if entry.derived is not None and entry.derived.kind == "request":
            list(refused(run, entry))
    assert shortest(run) == before
    assert invalid(run, before) == []
