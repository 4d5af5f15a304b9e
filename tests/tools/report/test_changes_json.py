"""tools.report: changes as JSON keep to the published schema."""

from __future__ import annotations

import copy
import dataclasses
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import jsonschema_rs
import pytest

from tools.model import Usage
from tools.report import Comparison, render_comparisons

if TYPE_CHECKING:
    from tools.model import JsonObject

ROOT = Path(__file__).parents[3]
SCHEMA: JsonObject = json.loads((ROOT / "tools/report/changes.schema.json").read_text("utf-8"))
VALIDATOR = jsonschema_rs.validator_for(SCHEMA)


def value(*comparisons: Comparison) -> Any:
    """The output, read back; a lone surrogate, which no JSON Schema validator takes, becomes a question mark."""
    read = json.loads(render_comparisons(comparisons, "json"))
    return json.loads(json.dumps(read, ensure_ascii=False).encode("utf-8", "replace"))


def test_output_is_valid(comparison: Comparison, nothing: Comparison) -> None:
    """Everything, nothing, and no comparison at all."""
    for comparisons in ((comparison,), (nothing,), (comparison, nothing), ()):
        assert [error.message for error in VALIDATOR.iter_errors(value(*comparisons))] == []


def walk(node: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """The path of every object that the schema describes, values of the documents apart."""
    found = [path] if isinstance(node, dict) else []
    children = node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ()
    for key, child in children:
        if key not in {"before", "after", "payload", "rules"}:
            found += walk(child, (*path, key))
    return found


def test_the_schema_is_closed(comparison: Comparison) -> None:
    """A member nobody described is refused wherever it stands, so the schema cannot fall behind the output."""
    good = value(comparison)
    for path in walk(good):
        broken = copy.deepcopy(good)
        node = broken
        for key in path:
            node = node[key]
        node["surprise"] = 1
        assert not VALIDATOR.is_valid(broken), path


def test_many_usages_are_counted(comparison: Comparison) -> None:
    """The first are listed in their order, all are counted: the report grows with its changes alone."""
    used = tuple(Usage(operation=f"GET /{number}", role="response") for number in range(1000))
    change = dataclasses.replace(comparison.changes[0], pointer="/a", usages=used)
    fewer = dataclasses.replace(change, pointer="/b", usages=used[:2])
    told = value(dataclasses.replace(comparison, changes=[change, fewer]))
    many, few = told["comparisons"][0]["changes"]
    assert VALIDATOR.is_valid(told)
    assert [one["operation"] for one in many["usages"]] == [f"GET /{number}" for number in range(20)]
    assert (many["usages_total"], few["usages_total"]) == (1000, 2)
    assert len(few["usages"]) == 2


@pytest.mark.parametrize("member", SCHEMA["$defs"]["change"]["required"])
def test_the_schema_demands(member: str, comparison: Comparison) -> None:
    """Each member a change must have."""
    broken = value(comparison)
    del broken["comparisons"][0]["changes"][0][member]
    assert not VALIDATOR.is_valid(broken)


def test_texts_come_back_as_they_were(comparison: Comparison, hostile: str) -> None:
    """Escapes hide nothing from a machine: the hostile text is the same after reading."""
    found = json.loads(render_comparisons([comparison], "json"))["comparisons"][0]["changes"]
    (change,) = [one for one in found if one["rule"] == "enum-value-removed"]
    assert change["message"] == hostile
    assert change["before"] == {hostile: [hostile]}
    assert change["witness"]["payload"] == {"text": hostile}


def test_good_is_the_exit_code(comparison: Comparison, nothing: Comparison) -> None:
    """One bad comparison makes the run bad."""
    assert value(nothing)["good"] is True
    assert value(nothing, comparison)["good"] is False
    assert value(comparison)["comparisons"][0]["summary"] == {"error": 3, "warning": 3, "info": 1, "accepted": 1}
