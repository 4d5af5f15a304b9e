"""Requests that schemathesis makes up: wrong beyond doubt, and the same for the same seed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from conformance._bodies import examples, invalid, shortest
from conformance._generated import is_plainly_wrong, wrong_requests
from conformance._judge import judge, prepare
from conformance.subjects import in_process

if TYPE_CHECKING:
    from collections.abc import Iterator

    from conformance._run import Run
    from conformance._settings import ProviderName

PROVIDERS: tuple[ProviderName, ...] = ("evolink", "apimart")
IMAGES = [f"https://example.com/{number}.jpg" for number in range(4)]


@pytest.fixture(params=PROVIDERS)
def run(request: pytest.FixtureRequest) -> Iterator[Run]:
    """A run on an honest simulator that has not begun."""
    with in_process(request.param) as reach:
        yield prepare(reach, seed=5)


def test_each_is_wrong_and_different(run: Run) -> None:
    """The contract has something against each of them; the second call makes nothing new."""
    found = wrong_requests(run)
    assert len(found) > 5
    assert all(invalid(run, body) for body in found)
    assert len({repr(body) for body in found}) == len(found)
    assert wrong_requests(run) is found


def test_what_the_pages_show_is_not_wrong(run: Run) -> None:
    """Neither an example nor the smallest request."""
    for body in (*examples(run).values(), shortest(run)):
        assert not is_plainly_wrong(run, body)


@pytest.mark.parametrize(
    ("provider", "members", "wrong"),
    [
        ("apimart", {"duration": 7}, True),
        ("apimart", {"duration": None}, False),
        ("apimart", {"generation_type": "reference"}, False),
        ("apimart", {"generation_type": "reference", "image_urls": IMAGES}, False),
        ("apimart", {"generation_type": "melody"}, True),
        ("apimart", {"image_urls": IMAGES[:2]}, True),
        ("apimart", {"image_urls": ["https://example.com/a b"]}, False),
        ("apimart", {"prompt": None}, True),
        ("evolink", {"image_urls": None}, False),
        ("evolink", {"model": 7}, True),
        ("evolink", {"aspect_ratio": "1:1", "image_urls": None}, True),
    ],
)
def test_what_the_documents_leave_open_is_not_wrong(
    provider: ProviderName, members: dict[str, Any], *, wrong: bool
) -> None:
    """A null for what may be left out, media that no list requires, a text that is nearly a URI."""
    with in_process(provider) as reach:
        run = prepare(reach)
        body = {name: value for name, value in (shortest(run) | members).items() if name != "image_urls" or value}
        assert is_plainly_wrong(run, body) is wrong


def test_they_are_sent_when_asked_for() -> None:
    """In process only then: they take longer than all the rest."""
    whole, asked = judge(None, "evolink"), judge(None, "evolink", only=["EVO-REQ-GENERATED-REFUSED"])
    results = {one.requirement.id: one for one in whole.judged}
    assert results["EVO-REQ-GENERATED-REFUSED"].result == "unreachable"
    assert [(one.result, one.cases > 5) for one in asked.judged] == [("pass", True)]
