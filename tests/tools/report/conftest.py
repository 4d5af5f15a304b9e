"""Comparisons that hold everything a format has to cope with."""

from __future__ import annotations

import dataclasses

import pytest

from tools.errors import Place
from tools.model import Change, Usage, Witness
from tools.report import Accepted, Comparison

HOSTILE = (
    "</script><img src=x onerror=alert(1)> `code` | @everyone #12 https://example.org www.example.org "
    "[a](javascript:alert(1)) ]]> <!-- & \u202egnp.exe \x1b[31m \x00 \ud800 \ufffe"
    "\r\n::error::no\n# head\n```\n%0A, line=1"
)
"""Closes scripts, tags, spans, cells and commands; reorders, colours, mentions and links."""

OLD = Place(path="pages/en/create.md", line=12, pointer="/paths/~1v1~1videos/post")
NEW = Place(path="pages/en/create.md", line=14, pointer="/paths/~1v1~1videos/post")
KOREAN = Place(path="pages/ko/create.md", line=14)
NOWHERE = Place(path="")
USAGES = tuple(Usage(operation=f"POST /v1/videos/{number}", role="request") for number in range(7))
DURATION = "/components/schemas/CreateVideo/properties/duration"


def rich() -> tuple[Change, ...]:
    """All levels and axes; with and without witness, usages, languages, sides; and one that is hostile all over."""
    return (
        Change(
            rule="maximum-decreased",
            level="error",
            pointer=DURATION,
            message="the maximum of duration went from 10 to 6",
            old=OLD,
            new=NEW,
            before={"type": "integer", "maximum": 10},
            after={"maximum": 6, "type": "integer"},
            usages=USAGES,
            witness=Witness(payload={"model": "m", "duration": 7}, valid_before=True, valid_after=False),
        ),
        Change(
            rule="pattern-changed",
            level="warning",
            pointer="/components/schemas/CreateVideo/properties/id",
            message="the pattern of id changed",
            old=OLD,
            new=NEW,
            before="^a+$",
            after="^(a|b)+$",
            usages=USAGES[:1],
            copies=tuple(f"/components/schemas/CreateVideo{number}/properties/id" for number in range(2, 40)),
            why="Patterns are not compared.",
        ),
        Change(
            rule="response-property-added",
            level="info",
            pointer="/paths/~1v1~1videos~1{id}/get/responses/200/properties/more",
            message="more was added",
            old=NOWHERE,
            new=NEW,
            after={"type": "object", "properties": {"a": {"type": "string"}}},
            locales=("en", "ko"),
        ),
        Change(
            rule="operation-renamed",
            level="error",
            axis="sdk",
            pointer="/paths/~1v1~1videos/post/operationId",
            message="createVideo is now makeVideo",
            old=OLD,
            new=NEW,
            before="createVideo",
            after="makeVideo",
        ),
        Change(
            rule="prose-fact-changed",
            level="warning",
            axis="prose",
            pointer="/description",
            message="10 became 20",
            old=OLD,
            new=NEW,
            before="Up to 10 seconds,\nnever more.",
            after="Up to 20 seconds,\nnever more.",
        ),
        Change(
            rule="locale-literal-differs",
            level="warning",
            axis="language",
            pointer=DURATION,
            message="2048 stands in en, not in ko",
            old=NEW,
            new=KOREAN,
            before="2048",
        ),
        Change(
            rule="enum-value-removed",
            level="error",
            pointer=f"/components/schemas/{HOSTILE}",
            message=HOSTILE,
            old=Place(path=f"pages/{HOSTILE}", line=1),
            new=Place(path=f"pages/{HOSTILE}", line=2, pointer=HOSTILE),
            before={HOSTILE: [HOSTILE]},
            after=HOSTILE,
            usages=(Usage(operation=HOSTILE, role="response"),),
            witness=Witness(payload={"text": HOSTILE}, valid_before=True, valid_after=False),
            why=HOSTILE,
            locales=(HOSTILE,),
        ),
    )


@pytest.fixture
def comparison() -> Comparison:
    """The rich set, with an acceptance, a stale one, a note and reasons."""
    changes = rich()
    accepted = dataclasses.replace(changes[0], pointer="/components/schemas/Other", message="accepted one")
    return Comparison(
        title="example",
        provider="example",
        roots=({"pages/": "old/pages/"}, {"pages/": "specs/example/pages/"}),
        old="git:HEAD~1",
        new="specs/example",
        changes=changes,
        rules={"maximum-decreased": "Callers that send more are refused.", "enum-value-removed": HOSTILE},
        accepted=(Accepted(change=accepted, reason="nobody sends it", until="2026-12-31"),),
        stale=("maximum-decreased at /x matches nothing any more",),
        notes=("2 pages were left out",),
    )


@pytest.fixture
def hostile() -> str:
    """A text that tries to leave wherever it stands."""
    return HOSTILE


@pytest.fixture
def nothing() -> Comparison:
    """Two equal sides."""
    return Comparison(title="example", old="a.json", new="b.json")
