"""Agreement with oasdiff on its own pairs, and every disagreement with a reason that is checked again.

Run as a program, it writes docs/oasdiff-disagreements.md from disagreements.toml.
"""

from __future__ import annotations

import datetime as dt
import gzip
import json
import random
import sys
import tomllib
from pathlib import Path
from typing import TYPE_CHECKING, Any

import jsonschema_rs
import pytest

from tools.diff.documents import compare_documents
from tools.diff.documents._findings import Findings
from tools.diff.documents._life import day
from tools.diff.documents._operations import operations
from tools.diff.documents._text import Made
from tools.diff.documents._views import flagged, view
from tools.diff.documents._wire import Wire
from tools.diff.rules import BY_ID
from tools.diff.severity import read_severity
from tools.schema.lift import resolved
from tools.schema.pointers import resolve
from tools.store import side_of_document

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tools.diff.documents._schemas import Site
    from tools.model import Change, Json, JsonObject, Usage
    from tools.store import Side

HERE = Path(__file__).parent
ROOT = HERE.parents[3]
TABLE = HERE / "disagreements.toml"
PAGE = ROOT / "docs" / "oasdiff-disagreements.md"
TODAY = dt.date(2026, 8, 1)
FLOOR = 0.87
"""What is reached, rounded down: a change that lowers it is looked at."""

WEIGHTS = ROOT / "docs" / "severity-oasdiff.toml"
FLOOR_WITH_WEIGHTS = 0.90
"""The same under oasdiff's own conventions: what is left is about the wire."""

COLUMNS = ("oasdiff", "ours", "reason", "evidence")
GROUNDS = {
    "wire": ("The wire says otherwise", "What is sent and received does not change as oasdiff says."),
    "convention": ("The convention is another", "Both see the change, and weigh it otherwise."),
    "limit": ("We cannot decide", "We warn, and say why."),
}
"""On what ground we stay apart: a heading, and what it means."""

INSTANCES = 1000
"""Generated payloads for each schema of a pair that we call harmless."""


class Recorder:
    """Takes the schemas that operations use, instead of comparing them."""

    def __init__(self) -> None:
        self.sites: list[Site] = []

    def use(self, site: Site, usage: Usage) -> None:
        """Remember it."""
        self.sites.append(site)


def rows(corpus: Path) -> list[dict[str, Any]]:
    """The pairs that say what oasdiff found."""
    packed = (corpus / "oasdiff-pairs" / "pairs.jsonl.gz").read_bytes()
    lines = gzip.decompress(packed).decode("utf-8").splitlines()
    return [row for row in map(json.loads, lines) if row["expected"] is not None]


def sides(row: dict[str, Any]) -> tuple[Side, Side]:
    """Both documents of a pair."""
    return side_of_document(row["base"], name="base"), side_of_document(row["revision"], name="revision")


def breaks_there(row: dict[str, Any]) -> bool:
    """What oasdiff says."""
    return any(found["level"] == "error" for found in row["expected"])


def errors(changes: tuple[Change, ...]) -> list[Change]:
    """What we call breaking."""
    return [change for change in changes if change.level == "error"]


@pytest.fixture(scope="module")
def compared(corpus: Path) -> list[tuple[dict[str, Any], tuple[Change, ...]]]:
    """Every pair with our findings."""
    return [(row, compare_documents(*sides(row), today=TODAY)) for row in rows(corpus)]


def disagreements() -> dict[str, dict[str, str]]:
    """The listed ones, by key."""
    found: list[dict[str, str]] = tomllib.loads(TABLE.read_text(encoding="utf-8"))["pair"]
    assert len({row["key"] for row in found}) == len(found)
    assert len({row["reason"] for row in found}) == len(found), "a reason is about one pair"
    return {row["key"]: row for row in found}


@pytest.mark.corpus
def test_agreement(
    compared: list[tuple[dict[str, Any], tuple[Change, ...]]], capsys: pytest.CaptureFixture[str]
) -> None:
    """The raw agreement on breaking or not is printed and does not fall, by our levels and by oasdiff's weights."""
    weights = read_severity(WEIGHTS.read_text(encoding="utf-8"), path=WEIGHTS.name)
    weighed = [(row, weights.apply(changes).changes) for row, changes in compared]
    ours, theirs = share(compared), share(weighed)
    with capsys.disabled():
        sys.stdout.write(f"\noasdiff: {ours:.1%} of {len(compared)} pairs agree, {theirs:.1%} with {WEIGHTS.name}\n")
    assert ours >= FLOOR
    assert theirs >= FLOOR_WITH_WEIGHTS


def share(compared: list[tuple[dict[str, Any], tuple[Change, ...]]]) -> float:
    """How many pairs both call breaking, or both not."""
    return sum(breaks_there(row) == bool(errors(changes)) for row, changes in compared) / len(compared)


@pytest.mark.corpus
def test_every_disagreement_is_listed_with_evidence_that_holds(
    compared: list[tuple[dict[str, Any], tuple[Change, ...]]],
) -> None:
    """No disagreement without its entry, no entry without its disagreement, and the evidence of each holds."""
    listed = disagreements()
    found = {row["key"]: (row, changes) for row, changes in compared if breaks_there(row) != bool(errors(changes))}
    assert sorted(found.keys() - listed.keys()) == [], "not listed"
    assert sorted(listed.keys() - found.keys()) == [], "stale"
    for key, entry in listed.items():
        row, changes = found[key]
        assert entry["ours"] == ("breaking" if errors(changes) else "not breaking"), key
        assert entry["reason"].strip()
        assert entry["ground"] in GROUNDS
        EVIDENCE[entry["evidence"]](row, changes)


def sites(row: dict[str, Any]) -> tuple[Side, Side, list[Site]]:
    """The schemas that operations of both sides use."""
    old, new = sides(row)
    recorder = Recorder()
    wire: Any = Wire(
        documents=(old.document, new.document),
        findings=Findings(old, new),
        schemas=recorder,  # type: ignore[arg-type] # it records what it is asked, and finds nothing
        today=TODAY,
    )
    for member in ("paths", "webhooks"):
        before, after = operations(old.document, member), operations(new.document, member)
        for operation in [key for key in before if key in after]:
            wire.operation(before[operation], after[operation], turned=member == "webhooks")
    return old, new, recorder.sites


def validator(root: JsonObject, schema: Json) -> jsonschema_rs.Draft202012Validator | None:
    """A judge of its own: the schema stands inside the document, so that its references lead somewhere.

    None for a schema that no judge reads, as one with a pattern that is none.
    """
    try:
        return jsonschema_rs.Draft202012Validator({**root, "allOf": [schema]}, validate_formats=True)
    except (ValueError, jsonschema_rs.ReferencingError):
        return None


def witness_holds(row: dict[str, Any], changes: tuple[Change, ...]) -> None:
    """A payload is valid on one side only, in the direction that breaks, as jsonschema-rs says again."""
    old, new, used = sites(row)
    for change in errors(changes):
        if change.witness is None:
            continue
        payload = change.witness.payload
        for site in used:
            flags = flagged(old.document, site.polarity) | flagged(new.document, site.polarity)
            roots = view(old.document, flags), view(new.document, flags)
            schemas = seen(roots[0], site.old_at, site.old), seen(roots[1], site.new_at, site.new)
            judges = [validator(root, schema) for root, schema in zip(roots, schemas, strict=True)]
            before, after = (judge is not None and judge.is_valid(payload) for judge in judges)
            if None in judges:
                continue
            if (before, after) == ((True, False) if site.polarity == "request" else (False, True)):
                return
    pytest.fail(f"{row['key']}: no witness holds")


def seen(root: JsonObject, pointer: str, own: Json) -> Json:
    """The schema without what does not take part in the direction, unless it was made for the comparison."""
    found = at(root, pointer)
    return own if isinstance(own, Made) or found == "(nothing)" else found


def fact_holds(row: dict[str, Any], changes: tuple[Change, ...]) -> None:
    """What the finding speaks of is no longer what it was."""
    old, new = sides(row)
    for change in errors(changes):
        if not BY_ID[change.rule].structural:
            continue
        here = [at(side.document, place.pointer) for side, place in ((old, change.old), (new, change.new))]
        there = at(new.document, change.old.pointer)
        schemes = [at(side.document, "/components/securitySchemes") for side in (old, new)]
        assert here[0] != here[1] or here[0] != there or schemes[0] != schemes[1], change.rule
        return
    pytest.fail(f"{row['key']}: no fact breaks")


def at(document: JsonObject, pointer: str | None) -> Json:
    """What stands there, or a mark that nothing does."""
    try:
        return resolve(document, pointer or "")
    except KeyError:
        return "(nothing)"


def instances_stay_valid(row: dict[str, Any], changes: tuple[Change, ...]) -> None:
    """What was sent before is taken after, and what comes after was promised before."""
    assert errors(changes) == []
    seen_valid = 0
    for promised, taking in in_order(row):
        judge = validator(taking[0].document, taking[1])
        assert judge is not None, row["key"]
        for payload in generated(promised[0].document, promised[1]):
            assert judge.is_valid(payload), (row["key"], payload)
            seen_valid += 1
    assert seen_valid > 0, f"{row['key']}: no payload was valid, which proves nothing"


def nothing_was_valid(row: dict[str, Any], changes: tuple[Change, ...]) -> None:
    """The schemas contradict themselves: no payload was sent before, or none can come after."""
    assert errors(changes) == []
    contradictory = [side for side, _ in in_order(row)]
    assert contradictory
    for side, schema in contradictory:
        assert generated(side.document, schema) == [], row["key"]


def in_order(row: dict[str, Any]) -> list[tuple[tuple[Side, Json], tuple[Side, Json]]]:
    """Pairs of schemas that differ: first whose payloads there are, then who must take them."""
    old, new, used = sites(row)
    done: set[tuple[str, str, str]] = set()
    found: list[tuple[tuple[Side, Json], tuple[Side, Json]]] = []
    for site in used:
        key = (site.old_at, site.new_at, site.polarity)
        if key in done or (site.old == site.new and old.document.get("components") == new.document.get("components")):
            continue
        done.add(key)
        before, after = (old, site.old), (new, site.new)
        found.append((before, after) if site.polarity == "request" else (after, before))
    return found


def texts_stay_valid(row: dict[str, Any], changes: tuple[Change, ...]) -> None:
    """What was spelled in a parameter before is taken as the text that it is."""
    assert errors(changes) == []
    old, new = sides(row)
    before, after = operations(old.document, "paths"), operations(new.document, "paths")
    spelled = 0
    for key, operation in before.items():
        for name, parameter in operation.parameters.items():
            judge = validator(new.document, after[key].parameters[name].value["schema"])
            assert judge is not None
            for payload in generated(old.document, parameter.value["schema"]):
                assert judge.is_valid(payload if isinstance(payload, str) else json.dumps(payload)), row["key"]
                spelled += not isinstance(payload, str)
    assert spelled > 0, row["key"]


ANNOUNCED: dict[str, Callable[[Json], object]] = {
    "x-sunset": day,
    "x-stability-level": lambda level: level in {None, "draft", "alpha", "beta", "stable"},
}


def announcement_is_mended(row: dict[str, Any], changes: tuple[Change, ...]) -> None:
    """The old document announces something unreadable, and the new one nothing that is."""
    assert errors(changes) == []
    unreadable = [
        [value for name, value in members(document) if name in ANNOUNCED and not ANNOUNCED[name](value)]
        for document in (row["base"], row["revision"])
    ]
    assert unreadable[0] != []
    assert unreadable[1] == []


def members(node: Json) -> Iterator[tuple[str, Json]]:
    """Every member of every object."""
    for name, value in node.items() if isinstance(node, dict) else enumerate(node if isinstance(node, list) else []):
        if isinstance(name, str):
            yield name, value
        yield from members(value)


def generated(root: JsonObject, schema: Json) -> list[Json]:
    """Payloads that jsonschema-rs finds valid, drawn at random but the same on every run."""
    source, judge = random.Random(0), validator(root, schema)
    drawn = [draw(source, root, schema, 0) for _ in range(INSTANCES)]
    return [payload for payload in drawn if judge is not None and judge.is_valid(payload)]


TEXTS = ("", "a", "abc", "A1", "2026-08-01", "https://a.b/c", "00000000-0000-0000-0000-000000000000", "x" * 60)
NUMBERS = (-1, 0, 1, 2, 5, 11, 12, 13, 14, 50, 99, 100, 1000, 0.5, 12.5)
OTHER = 0.05
"""How often a member is of whatever type."""

KINDS = ("null", "boolean", "number", "string", "array", "object")


def draw(source: random.Random, root: JsonObject, schema: Json, depth: int) -> Json:
    """A value the schema may well accept: now and then one of another type, with members nobody described."""
    node, _ = resolved(root, schema, "")
    if not isinstance(node, dict) or depth > 4 or (depth and source.random() < OTHER):
        return source.choice([None, True, 1, "a", [], {}])
    listed = [node["const"]] if "const" in node else node.get("enum", [])
    if listed and source.random() < 0.8:
        return source.choice(listed)
    branches = [*node.get("anyOf", ()), *node.get("oneOf", ()), *node.get("allOf", ())]
    if branches and "properties" not in node and source.random() < 0.9:
        merged: JsonObject = {}
        for branch in node.get("allOf") or [source.choice(branches)]:
            value = draw(source, root, branch, depth + 1)
            if not isinstance(value, dict):
                return value
            merged |= value
        return merged
    types = node.get("type", "object" if "properties" in node else KINDS)
    kind = source.choice([types] if isinstance(types, str) else list(types))
    if kind == "object":
        described: JsonObject = node.get("properties", {})
        must = node.get("required", [])
        names = [name for name in described if name in must or source.random() < 0.6]
        extra = [name for name in (*must, "other") if name not in described and (name in must or source.random() < 0.2)]
        return {name: draw(source, root, described.get(name, True), depth + 1) for name in (*names, *extra)}
    if kind == "array":
        return [draw(source, root, node.get("items", True), depth + 1) for _ in range(source.choice((0, 1, 2, 12)))]
    if kind == "string":
        return source.choice((*TEXTS, "t" * int(node.get("minLength", 0))))
    if kind in {"number", "integer"}:
        drawn = source.choice((*NUMBERS, node.get("minimum", 3), node.get("maximum", 3)))
        return int(drawn) if kind == "integer" else drawn
    return None if kind == "null" else source.random() < 0.5


def undecided(row: dict[str, Any], changes: tuple[Change, ...]) -> None:
    """We warn, and say why it is no error."""
    assert any(change.level == "warning" and change.why for change in changes), row["key"]


EVIDENCE = {
    "witness": witness_holds,
    "fact": fact_holds,
    "instances": instances_stay_valid,
    "undecided": undecided,
    "empty": nothing_was_valid,
    "texts": texts_stay_valid,
    "mended": announcement_is_mended,
}


def page() -> str:
    """The list, as Markdown."""
    found = list(disagreements().values())
    head = (
        "# Where we and oasdiff disagree\n\n"
        "Of the pairs of specifications that oasdiff tests itself with, these we judge otherwise.\n"
        "Every entry's evidence is checked by a test: a payload that jsonschema-rs judges again (witness),\n"
        "a fact about the two documents (fact), generated payloads that stay valid (instances, or texts where all is\n"
        "text), a schema that no payload satisfies (empty), an old page that nobody could read (mended),\n"
        "or our own warning with its reason (undecided).\n"
        "With [its own weights](severity-oasdiff.toml) where all is convention, we agree on nine pairs of ten;\n"
        "what is left is mostly about the wire.\n"
        "This page is written by `tests/tools/diff/documents/test_oasdiff_pairs.py`, run as a program.\n\n"
        f"{len(found)} pairs.\n"
    )
    return head + "".join(section(ground, [row for row in found if row["ground"] == ground]) for ground in GROUNDS)


def section(ground: str, found: list[dict[str, str]]) -> str:
    """The pairs of one ground, as a table."""
    heading, meaning = GROUNDS[ground]
    title = f"\n\n## {heading}: {len(found)}\n\n{meaning}\n\n"
    lines = (
        "| " + " | ".join((f"`{row['key']}`", *(row[name] for name in COLUMNS))) + " |\n" for row in found
    )  # fmt: skip
    return title + "| pair | oasdiff | ours | why | evidence |\n|---|---|---|---|---|\n" + "".join(lines)


def test_the_page_is_what_the_table_says() -> None:
    """docs/oasdiff-disagreements.md is written from the table."""
    assert PAGE.read_text(encoding="utf-8") == page()


if __name__ == "__main__":
    sys.stdout.write(page())
