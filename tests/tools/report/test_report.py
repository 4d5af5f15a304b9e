"""tools.report: the same facts for people and for machines."""

from __future__ import annotations

import json

import pytest

from tools import errors
from tools.errors import ConflictError, DriftError, Findings, HostilePage, LeftoverError, Place, ToolError
from tools.model import Change, Decision
from tools.report import FORMATS, KINDS, Report, count, flat

PLACES = (Place(path="pages/en/x.md", line=3, pointer="/a"), Place(path="pages/ko/x.md"))

CONFLICT = ConflictError("they differ", fix="Decide.", places=PLACES, action="- target: $.a\n  remove: true\n")
LEFTOVER = LeftoverError("not understood: '값'", fix="Teach.", places=PLACES[:1])

CHANGE = Change(
    rule="type-differs",
    level="error",
    pointer="/a",
    message="the type is string in ko, integer in en",
    old=PLACES[0],
    new=PLACES[1],
    before="integer",
    after="string",
)


def report(**members: object) -> Report:
    """A report about one provider."""
    return Report(subject="example", summary="2 pages", **members)  # type: ignore[arg-type]


def kinds() -> list[type[ToolError]]:
    """Every kind of error a run can report; a collection is taken apart first."""
    found = [value for value in vars(errors).values() if isinstance(value, type) and issubclass(value, ToolError)]
    return [kind for kind in found if kind not in {ToolError, Findings}]


def test_every_kind_of_finding_has_a_name() -> None:
    """The table of kinds is complete, and no name is used twice."""
    assert set(KINDS) == set(kinds())
    assert len(set(KINDS.values())) == len(KINDS)


@pytest.mark.parametrize("form", FORMATS)
def test_a_good_run_is_short(form: str) -> None:
    """Whatever the format, it names the subject and ends with a line feed."""
    text = FORMATS[form]([report()])
    assert "example" in text
    assert text.endswith("\n")


def test_findings_stand_in_full_in_the_text() -> None:
    """Problem, every place, what to do, and the action to paste."""
    text = FORMATS["text"]([report(findings=(CONFLICT, LEFTOVER))])
    for part in (
        "they differ",
        "pages/en/x.md:3 #/a",
        "pages/ko/x.md",
        "Decide.",
        "  - target: $.a",
        "not understood",
    ):
        assert part in text
    assert text.endswith("example: 2 findings\n")


def test_json_has_every_field() -> None:
    """Places as objects without what is unknown, and the action as text."""
    value = json.loads(FORMATS["json"]([report(findings=(CONFLICT, LEFTOVER), facts={"pages": 2})]))
    (found,) = value["reports"]
    assert (value["version"], value["good"], found["pages"]) == (1, False, 2)
    assert found["findings"][0] == {
        "kind": "conflict",
        "problem": "they differ",
        "fix": "Decide.",
        "places": [{"path": "pages/en/x.md", "line": 3, "pointer": "/a"}, {"path": "pages/ko/x.md"}],
        "action": "- target: $.a\n  remove: true\n",
    }
    assert "action" not in found["findings"][1]


def test_the_same_finding_stands_once() -> None:
    """Collections are taken apart, and what several stages report is one finding."""
    hostile = HostilePage("too deep", fix="Leave it out.", places=PLACES[:1])
    twice = [Findings([hostile, CONFLICT]), hostile, Findings([Findings([CONFLICT])])]
    assert list(flat(twice)) == [hostile, CONFLICT]
    value = json.loads(FORMATS["json"]([report(findings=tuple(twice))]))
    assert [finding["kind"] for finding in value["reports"][0]["findings"]] == ["hostile-page", "conflict"]


@pytest.mark.parametrize(("counts", "good"), [(False, True), (True, False)])
def test_differences_decide_only_where_they_were_asked_for(*, counts: bool, good: bool) -> None:
    """`locales` fails on a difference; `build` leaves it to the merge and only counts it."""
    found = report(changes=(CHANGE,), changes_count=counts)
    text = FORMATS["text"]([found])
    assert found.good is good
    assert ("type-differs: the type is string in ko" in text) is counts
    assert ("1 difference (--verbose" in text) is not counts
    assert "type-differs" in FORMATS["verbose"]([found])


def test_what_was_decided_by_rule_is_counted_or_listed() -> None:
    """Nothing is settled in silence."""
    decision = Decision(rule="wider-type", message="number, not integer", places=PLACES)
    found = report(decisions=(decision,), notes=("a note", "another"))
    assert "1 rule decision, 2 notes" in FORMATS["text"]([found])
    assert "decided by wider-type: number, not integer" in FORMATS["verbose"]([found])
    assert json.loads(FORMATS["json"]([found]))["reports"][0]["decisions"][0]["rule"] == "wider-type"


def test_counts_speak_english() -> None:
    """One page, two pages."""
    assert [count(number, "page") for number in (0, 1, 2)] == ["0 pages", "1 page", "2 pages"]


def test_drift_names_the_file() -> None:
    """A single place comes before the problem, as compilers do."""
    error = DriftError("is missing", fix="Build.", places=[Place(path="generated/x.py")])
    assert "\ngenerated/x.py: is missing\n  Build.\n" in FORMATS["text"]([report(findings=(error,))])
