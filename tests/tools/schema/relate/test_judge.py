"""tools.schema.relate._judge: instances are judged as by one validator of the whole document, compiled in parts."""

from __future__ import annotations

import gc
import weakref
from typing import TYPE_CHECKING, Any

import jsonschema_rs
import pytest

from tools.schema.pointers import resolve
from tools.schema.relate._judge import Judge

if TYPE_CHECKING:
    from tools.model import Json, JsonObject

ROOT: dict[str, Any] = {
    "$defs": {
        "Tree": {"type": "object", "required": ["size"], "properties": {"child": {"$ref": "#/$defs/Tree"}}},
        "Named": {"properties": {"name": {"type": "string"}}},
        "Both": {"allOf": [{"$ref": "#/$defs/Named"}], "properties": {"age": {"type": "integer"}}},
        "Closed": {"$ref": "#/$defs/Both", "unevaluatedProperties": False},
        "Short": {"type": "string", "maxLength": 2},
        "Row": {"prefixItems": [{"$ref": "#/$defs/Short"}]},
        "a/b~c": {"const": 1},
        "Odd": {"properties": {"default": {"$ref": "#/$defs/Short"}, "$ref": {"$ref": "#/$defs/Short"}}},
    }
}
GOOD: Json = {"size": 1, "child": {"size": 2, "child": {"size": 3}}}
BAD: Json = {"size": 1, "child": {"size": 2, "child": {}}}
CASES: dict[str, tuple[Json, list[Json]]] = {
    "recursive": ({"$ref": "#/$defs/Tree"}, [GOOD, BAD, 1]),
    "beside the reference": ({"$ref": "#/$defs/Tree", "required": ["child"]}, [GOOD, BAD, {"size": 1}]),
    "in a list": ({"items": {"$ref": "#/$defs/Short"}}, [["a"], ["abc"], []]),
    "negated": ({"not": {"$ref": "#/$defs/Short"}}, ["a", "abc", 1]),
    "one of": ({"oneOf": [{"$ref": "#/$defs/Short"}, {"type": "string"}]}, ["a", "abc", 1]),
    "dependent": ({"dependentSchemas": {"a": {"$ref": "#/$defs/Tree"}}}, [{"a": 1}, {"a": 1, "size": 1}, {"b": 1}]),
    "condition": ({"if": {"$ref": "#/$defs/Short"}, "then": {"const": "a"}}, ["a", "b", "abc"]),
    "closed behind references": ({"$ref": "#/$defs/Closed"}, [{"name": "x", "age": 1}, {"x": 1}, {"age": "x"}]),
    "closed around references": (
        {"anyOf": [{"$ref": "#/$defs/Both"}, {"$ref": "#/$defs/Tree"}], "unevaluatedProperties": False},
        [{"name": "x"}, {"name": "x", "child": 1}, {"size": 1, "child": {"size": 2}}],
    ),
    "no more items": (
        {"allOf": [{"$ref": "#/$defs/Row"}], "unevaluatedItems": False},
        [["a"], ["abc"], ["a", "b"]],
    ),
    "closed, with a closed child": (
        {"properties": {"c": {"$ref": "#/$defs/Closed"}}, "unevaluatedProperties": False},
        [{"c": {"age": 1}}, {"c": {"x": 1}}, {"d": 1}],
    ),
    "escaped": ({"$ref": "#/$defs/a~1b~0c"}, [1, 2]),
    "names that are keywords": ({"$ref": "#/$defs/Odd"}, [{"default": "abc"}, {"$ref": "abc"}, {"$ref": "a"}]),
    "boolean": (False, [1]),
    "a keyword of no meaning": ({"x-other": {"$ref": "#/nowhere"}, "type": "string"}, ["a", 1]),
}


def judge(root: JsonObject) -> Judge:
    """A judge of the document."""
    return Judge(root, lambda reference: resolve(root, reference))


def verdict(root: JsonObject, schema: Json, instance: Json, *, formats: bool = False) -> bool | None:
    """What the judge says."""
    mine = judge(root)
    validator = mine.compiled((schema,), formats=formats)
    return None if validator is None else mine.valid(validator, instance)


@pytest.mark.parametrize(("schema", "instances"), CASES.values(), ids=CASES.keys())
def test_parts_judge_as_the_whole(schema: Json, instances: list[Json]) -> None:
    """The same verdict as a validator that is compiled of the schema and all its references at once."""
    whole = jsonschema_rs.Draft202012Validator({"allOf": [schema], **ROOT})
    for instance in instances:
        assert verdict(ROOT, schema, instance) is whole.is_valid(instance), instance


def test_all_schemas_of_a_conjunction_count() -> None:
    """None of them accepts everything."""
    mine = judge(ROOT)
    schemas = ({"type": "string"}, {"$ref": "#/$defs/Short"})
    both, none = (mine.compiled(some, formats=False) for some in (schemas, ()))
    assert both is not None
    assert none is not None
    assert [mine.valid(both, value) for value in ("a", "abc", 1)] == [True, False, False]
    assert mine.valid(none, object) is None
    assert mine.valid(none, 1) is True


@pytest.mark.parametrize(
    "broken",
    [
        pytest.param({"pattern": "("}, id="pattern-that-is-none"),
        pytest.param({"type": "nothing"}, id="type-that-is-none"),
        pytest.param({"allOf": [{"$ref": "#/nowhere"}]}, id="dead-reference"),
        pytest.param({"$ref": "#/$defs/Broken"}, id="refers-to-itself"),
        pytest.param({"oneOf": [{"$ref": "#/$defs/Broken"}, {"$ref": "#/$defs/Broken"}]}, id="contains-itself-twice"),
        pytest.param({"$ref": "#/$defs/Broken", "unevaluatedProperties": False}, id="refers-to-itself-and-counts"),
    ],
)
def test_what_cannot_be_judged_is_told_where_it_is_reached(broken: Json) -> None:
    """An instance that does not get there is judged all the same."""
    root: JsonObject = {"$defs": {"Broken": broken}}
    schema: Json = {"properties": {"a": {"$ref": "#/$defs/Broken"}, "b": {"type": "string"}}}
    assert verdict(root, schema, {"b": "x"}) is True
    assert verdict(root, schema, {"b": 1}) is False
    assert verdict(root, schema, {"a": {"x": 1}}) is None


def test_an_instance_may_be_deep() -> None:
    """A hundred levels are judged; so many that no stack holds them are left open."""
    deep: Json = {"size": 1}
    for _ in range(100):
        deep = {"size": 1, "child": deep}
    assert verdict(ROOT, {"$ref": "#/$defs/Tree"}, deep) is True
    for _ in range(400):
        deep = {"size": 1, "child": deep}
    assert verdict(ROOT, {"$ref": "#/$defs/Tree"}, deep) is not False


def test_dynamic_references_and_anchors_are_left_to_the_validator() -> None:
    """Which schema a dynamic reference means depends on the way there, so that nothing is cut."""
    strict = {"$dynamicAnchor": "node", "$ref": "#/$defs/node", "required": ["size"]}
    node = {"$dynamicAnchor": "node", "properties": {"child": {"$dynamicRef": "#node"}}}
    root: JsonObject = {"$defs": {"node": node, "strict": strict}}
    whole = jsonschema_rs.Draft202012Validator({"$ref": "#/$defs/strict", **root})
    for instance in ({"size": 1, "child": {"size": 1}}, {"size": 1, "child": {}}):
        assert verdict(root, {"$ref": "#/$defs/strict"}, instance) is whole.is_valid(instance)
    named: JsonObject = {"$defs": {"A": {"$anchor": "short", "maxLength": 2}}}
    assert [verdict(named, {"items": {"$ref": "#short"}}, value) for value in (["a"], ["abc"])] == [True, False]


def test_formats_are_judged_when_asked() -> None:
    """Also behind references; ranges of numbers count as formats, beside an `allOf` that stands there already."""
    root: JsonObject = {"$defs": {"A": {"format": "date"}, "B": {"format": "int8", "allOf": [{"minimum": 0}]}}}
    dated, counted = {"$ref": "#/$defs/A"}, {"items": {"$ref": "#/$defs/B"}}
    assert [verdict(root, dated, "x", formats=formats) for formats in (False, True)] == [True, False]
    assert [verdict(root, counted, [200], formats=formats) for formats in (False, True)] == [True, False]
    assert verdict(root, counted, [-1], formats=True) is False


def test_a_judge_goes_with_its_documents() -> None:
    """Compiled validators are outside the garbage collector's sight: they must not hold what holds them."""
    mine = judge(ROOT)
    validator = mine.compiled(({"$ref": "#/$defs/Tree"},), formats=False)
    assert validator is not None
    assert mine.valid(validator, GOOD) is True
    gone = weakref.ref(mine)
    del mine, validator
    gc.collect()
    assert gone() is None
