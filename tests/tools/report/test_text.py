"""The report for people: what is the same is said once, every place is named, what is to be pasted can be pasted."""

from __future__ import annotations

import yaml

from tools.errors import ConflictError, Place
from tools.model import Decision, Proposal, Repair
from tools.report import FORMATS, Report

OVERLAY = """\
overlay: 1.1.0
actions:
  - target: $.first
    remove: true
"""
"""The end of an overlay as the checkout has them."""

ACTION = "- target: $.a\n  update:\n    b: '1'\n- target: $.a['x-vidgate-conflict']\n  remove: true\n"


def place(locale: str, line: int, pointer: str | None = "/a") -> Place:
    """A line of one page, in that language."""
    return Place(path=f"pages/{locale}/b/x.md", line=line, pointer=pointer)


def text(form: str = "text", **members: object) -> str:
    """A report about one provider, as text."""
    return FORMATS[form]([Report(subject="example", summary="2 pages", **members)])  # type: ignore[arg-type]


def pasted(report: str, after: str) -> list[dict[str, object]]:
    """The actions of an overlay that got everything below the line that ends like this."""
    rows = report.splitlines()
    start = next(number for number, row in enumerate(rows, start=1) if row.endswith(after))
    block = [row for row in rows[start:] if row.startswith("  ")]
    actions: list[dict[str, object]] = yaml.safe_load(OVERLAY + "\n".join(block))["actions"]
    return actions[1:]


def test_what_precedence_settled_is_told_with_places_and_can_be_pasted() -> None:
    """Without being asked for everything: who says what, where, and all actions in one piece."""
    places = (place("en", 3), place("ja", 4))
    decisions = [Decision(rule="settled-by-precedence", message=m, places=places, action=ACTION) for m in ("p", "q")]
    for form in ("text", "verbose"):
        shown = text(form, decisions=tuple(decisions))
        assert "  settled: p\n    at pages/en/b/x.md:3 (ja:4) #/a\n  settled: q\n" in shown
        assert pasted(shown, "paste into overlay.yaml:") == yaml.safe_load(ACTION) * 2


def test_a_conflict_and_a_proposal_can_be_pasted_as_they_stand() -> None:
    """Their actions are as deep as those of an overlay."""
    conflict = ConflictError("they differ", fix="Decide:", places=[place("en", 1), place("ja", 2)], action=ACTION)
    assert pasted(text(findings=(conflict,)), "Decide:") == yaml.safe_load(ACTION)
    proposal = Proposal(message="enum", places=(place("en", 7),), action=ACTION)
    assert pasted(text("verbose", proposals=(proposal,)), "pages/en/b/x.md:7 #/a") == yaml.safe_load(ACTION)


def test_one_repair_made_often_is_explained_once() -> None:
    """With every line; translations share a row where each has one, and pointers stand where a line is single."""
    often = [Repair(place=place("en", n, f"/{n}"), rule="example", found="one", made="several") for n in (3, 5, 5)]
    everywhere = [Repair(place=place(one, 9), rule="nullable", found="old", made="new") for one in ("en", "ko")]
    once = Repair(place=place("ja", 1), rule="a", found="b", made="c")
    shown = text("verbose", repairs=(*often, *everywhere, once))
    assert shown.splitlines()[1:] == [
        "  mended by example, 3 times: one → several",
        "    at pages/en/b/x.md:3, 5",
        "  mended by nullable, 2 times: old → new",
        "    at pages/en/b/x.md:9 (ko:9) #/a",
        "  mended by a, 1 time: b → c",
        "    at pages/ja/b/x.md:1 #/a",
    ]


def test_every_row_of_a_note_belongs_to_it() -> None:
    """Nothing at the left edge but subjects and findings."""
    shown = text("verbose", notes=("overlay.yaml:3: matches nothing\n  Delete it.",))
    assert shown.splitlines()[1:] == ["  note: overlay.yaml:3: matches nothing", "    Delete it."]
