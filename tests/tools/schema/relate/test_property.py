"""Random pairs of schemas: no verdict is ever contradicted by an instance, as jsonschema-rs judges it."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING, Any

import hypothesis.strategies as st
import pytest
from hypothesis import HealthCheck, given, settings

from tools.schema.relate import Memo, relate, witness
from tools.schema.relate._around import Around
from tools.schema.relate._model import MIRROR
from tools.schema.relate._side import cell

if TYPE_CHECKING:
    from tools.model import Json

ROOT: dict[str, Any] = {
    "components": {
        "schemas": {
            "Text": {"type": "string", "minLength": 1},
            "Node": {"type": "object", "properties": {"next": {"$ref": "#/components/schemas/Node"}}},
            "Id": {"type": "integer", "minimum": 0},
        }
    }
}
NAMES = st.sampled_from(["a", "b", "c"])
SCALARS = st.sampled_from([None, True, False, 0, 1, 2, 3, 1.5, "", "a", "ab", "text"])


def _keywords(names: dict[str, st.SearchStrategy[Any]]) -> st.SearchStrategy[dict[str, Any]]:
    return st.fixed_dictionaries({}, optional=names)


LEAVES = st.one_of(
    st.sampled_from([True, {}, {"type": "null"}, {"type": "boolean"}, {"$ref": "#/components/schemas/Text"},
                     {"$ref": "#/components/schemas/Id"}, {"$ref": "#/components/schemas/Node"}]),
    st.builds(lambda values: {"enum": values}, st.lists(SCALARS, min_size=1, max_size=3, unique_by=repr)),
    st.builds(lambda value: {"const": value}, SCALARS),
    _keywords({
        "type": st.sampled_from(["integer", "number", ["integer", "string"], ["number", "null"]]),
        "minimum": st.integers(-1, 3), "maximum": st.integers(1, 4), "exclusiveMinimum": st.integers(-1, 3),
        "exclusiveMaximum": st.integers(1, 4), "multipleOf": st.sampled_from([1, 2, 3, 0.5]),
    }),
    _keywords({
        "type": st.just("string"), "minLength": st.integers(0, 3), "maxLength": st.integers(1, 4),
        "pattern": st.sampled_from(["^a", "b$", "^[a-z]*$", "^[0-9]+$"]),
    }),
)  # fmt: skip


def _composed(inner: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    branches = st.lists(inner, min_size=1, max_size=3)
    return st.one_of(
        _keywords({
            "type": st.sampled_from(["object", ["object", "null"]]),
            "properties": st.dictionaries(NAMES, inner, max_size=2),
            "required": st.lists(NAMES, max_size=2, unique=True),
            "additionalProperties": st.one_of(st.booleans(), inner),
            "patternProperties": st.dictionaries(st.sampled_from(["^a", "b$"]), inner, max_size=2),
            "propertyNames": st.sampled_from([{"maxLength": 1}, {"enum": ["a", "b"]}, {"pattern": "^a"}]),
            "minProperties": st.integers(0, 2), "maxProperties": st.integers(0, 2),
            "dependentRequired": st.dictionaries(NAMES, st.lists(NAMES, max_size=1), max_size=1),
            "dependentSchemas": st.dictionaries(NAMES, inner, max_size=1),
            "unevaluatedProperties": st.one_of(st.booleans(), inner),
        }),
        _keywords({
            "type": st.just("array"), "items": inner, "prefixItems": st.lists(inner, min_size=1, max_size=2),
            "minItems": st.integers(0, 2), "maxItems": st.integers(0, 2), "uniqueItems": st.booleans(),
            "contains": inner, "minContains": st.integers(0, 2), "maxContains": st.integers(0, 2),
            "unevaluatedItems": st.booleans(),
        }),
        st.builds(lambda keyword, members, rest: {**(rest if isinstance(rest, dict) else {}), keyword: members},
                  st.sampled_from(["anyOf", "oneOf", "allOf"]), branches, inner),
        st.builds(lambda member, rest: {**(rest if isinstance(rest, dict) else {}), "not": member}, inner, inner),
        st.builds(lambda one, two, three: {"if": one, "then": two, "else": three}, inner, inner, inner),
    )  # fmt: skip


SCHEMAS = st.recursive(LEAVES, _composed, max_leaves=6)


@st.composite
def edited(draw: st.DrawFn, base: st.SearchStrategy[Any]) -> tuple[Any, Any]:
    """A schema and one like it: a keyword dropped, added or replaced somewhere."""
    old = draw(base)
    return old, _edit(draw, old)


def _edit(draw: st.DrawFn, node: Any) -> Any:
    if not isinstance(node, dict) or not node or draw(st.integers(0, 5)) == 0:
        return draw(SCHEMAS)
    name = draw(st.sampled_from(sorted(node)))
    value = node[name]
    if draw(st.integers(0, 4)) == 0:
        return {key: item for key, item in node.items() if key != name}
    if name in {"items", "not", "additionalProperties", "contains", "if", "then", "else", "unevaluatedProperties"}:
        return {**node, name: _edit(draw, value)}
    if name in {"properties", "patternProperties", "dependentSchemas"} and value:
        member = draw(st.sampled_from(sorted(value)))
        return {**node, name: {**value, member: _edit(draw, value[member])}}
    if name in {"anyOf", "oneOf", "allOf", "prefixItems"}:
        index = draw(st.integers(0, len(value) - 1))
        return {**node, name: [*value[:index], _edit(draw, value[index]), *value[index + 1 :]]}
    other = draw(SCHEMAS)
    return {**node, **other} if isinstance(other, dict) else other


def contradictions(old: Json, new: Json) -> list[str]:
    """What an instance says against the verdict."""
    memo = Memo(ROOT, ROOT)
    relation = relate(old, new, old_root=ROOT, new_root=ROOT, memo=memo)
    mine, other = (cell("", old),), (cell("", new),)
    lost: list[Json] = []
    won: list[Json] = []
    for instance in islice(Around(memo).candidates(mine, other, None), 800):
        before, after = memo.old.valid(mine, instance), memo.new.valid(other, instance)
        if before is True and after is False:
            lost.append(instance)
        if before is False and after is True:
            won.append(instance)
    found: list[str] = []
    if relation.verdict in {"equal", "wider"} and lost:
        found.append(f"{relation.verdict}, but {lost[0]!r} was valid and is not")
    if relation.verdict in {"equal", "narrower"} and won:
        found.append(f"{relation.verdict}, but {won[0]!r} was not valid and is")
    return found


QUIET = (HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much)
BOUNDED = settings(derandomize=True, max_examples=150, deadline=None, database=None, suppress_health_check=QUIET)


@BOUNDED
@given(edited(SCHEMAS))
def test_no_verdict_is_contradicted_after_an_edit(pair: tuple[Any, Any]) -> None:
    """A schema and its edited copy: an instance never says otherwise."""
    assert contradictions(*pair) == []


@BOUNDED
@given(SCHEMAS, SCHEMAS)
def test_no_verdict_is_contradicted_between_strangers(old: Any, new: Any) -> None:
    """Two unrelated schemas: an instance never says otherwise."""
    assert contradictions(old, new) == []


@BOUNDED
@given(SCHEMAS)
def test_a_schema_equals_itself(schema: Any) -> None:
    """Identity gives nothing, also when no text is shared between the two sides."""
    relation = relate(schema, _copy(schema), old_root=ROOT, new_root=_renamed(ROOT))
    assert relation.verdict in {"equal", "unknown"}
    assert relate(schema, _copy(schema), old_root=ROOT, new_root=ROOT).differences == ()


@BOUNDED
@given(edited(SCHEMAS))
def test_reversal_turns_the_verdict_round(pair: tuple[Any, Any]) -> None:
    """What narrows one way widens the other way."""
    old, new = pair
    forth = relate(old, new, old_root=ROOT, new_root=ROOT).verdict
    back = relate(new, old, old_root=ROOT, new_root=ROOT).verdict
    assert back == MIRROR[forth]


def _copy(node: Any) -> Any:
    if isinstance(node, dict):
        return {name: _copy(item) for name, item in reversed(node.items())}
    return [_copy(item) for item in node] if isinstance(node, list) else node


def _renamed(root: dict[str, Any]) -> dict[str, Any]:
    """The same document with a word of prose, so that no component is the same text."""
    schemas = root["components"]["schemas"]
    return {"components": {"schemas": {name: {**item, "description": "changed"} for name, item in schemas.items()}}}


def test_most_decided_breaks_have_a_witness() -> None:
    """Of random pairs decided as narrower or incomparable, the great majority shows an instance."""
    decided = shown = 0

    @settings(derandomize=True, max_examples=200, deadline=None, database=None,
              suppress_health_check=QUIET)  # fmt: skip
    @given(edited(SCHEMAS))
    def count(pair: tuple[Any, Any]) -> None:
        nonlocal decided, shown
        memo = Memo(ROOT, ROOT)
        verdict = relate(*pair, old_root=ROOT, new_root=ROOT, memo=memo).verdict
        if verdict in {"narrower", "incomparable"}:
            decided += 1
            found = witness(*pair, old_root=ROOT, new_root=ROOT, want="valid-before-invalid-after", memo=memo)
            shown += found is not None

    count()
    assert decided > 40
    assert shown / decided > 0.85, f"{shown} of {decided}"


COUNTEREXAMPLES: dict[str, tuple[Any, Any]] = {
    "a value that a second overlapping branch takes": (
        {"const": True, "oneOf": [{"pattern": "b$"}, {"const": "ab"}, {"minLength": 1, "type": "string"}]},
        {"const": True, "oneOf": [{"pattern": "b$"}, {"const": "ab"}, {"maxLength": 1, "minLength": 1}]},
    ),
    "null that its own constraint empties, excluded": (
        {"not": {"type": "null", "not": {}}},
        {"not": {"anyOf": [{"type": "null"}]}},
    ),
    "a step of a type list beside a union": (
        {},
        {"multipleOf": 2, "type": ["integer", "string"], "oneOf": [{"multipleOf": 2, "type": "integer"}, {}]},
    ),
    "a required name that a condition excludes": ({"not": {"required": ["a"]}}, {"not": {"required": ["a", "b"]}}),
}  # fmt: skip


@pytest.mark.parametrize(("old", "new"), COUNTEREXAMPLES.values(), ids=COUNTEREXAMPLES)
def test_counterexamples_stay_refuted(old: Any, new: Any) -> None:
    """Pairs on which an earlier law was contradicted by an instance, or fell over."""
    assert contradictions(old, new) == []
    assert contradictions(new, old) == []
