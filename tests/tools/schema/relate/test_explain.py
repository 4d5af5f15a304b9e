"""A witness proves the difference that it is shown with: undo every other one, and it stays a witness."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import hypothesis.strategies as st
import jsonschema_rs
import pytest
from hypothesis import HealthCheck, given, settings

from tools.schema.relate import Memo, relate, too_long, witness

if TYPE_CHECKING:
    from collections.abc import Callable

    from tools.schema.relate import Difference, Want

WANTS: tuple[Want, ...] = ("valid-before-invalid-after", "invalid-before-valid-after")
VERDICTS = {
    "valid-before-invalid-after": {"narrower", "incomparable"},
    "invalid-before-valid-after": {"wider", "incomparable"},
}
ROOT: dict[str, Any] = {}


def unproven(
    old: Any, new: Any, apart: Callable[[Any, Any, Difference], Any], roots: tuple[Any, Any] = (ROOT, ROOT)
) -> tuple[list[str], int]:
    """Witnesses that show something else than their difference, and how many there are in all.

    `apart` gives the first schema with nothing but the difference taken from the second.
    """
    memo = Memo(*roots)
    relation = relate(old, new, old_root=roots[0], new_root=roots[1], memo=memo)
    wrong: list[str] = []
    count = 0
    for want in WANTS:
        accepts, refuses = (old, new) if want == WANTS[0] else (new, old)
        for item in relation.differences:
            if item.verdict not in VERDICTS[want]:
                continue
            found = witness(
                old, new, old_root=roots[0], new_root=roots[1], want=want, hint=item, memo=memo
            )  # fmt: skip
            if found is None:
                continue
            count += 1
            alone = apart(accepts, refuses, item)
            if not valid(accepts, found.payload) or valid(refuses, found.payload) or valid(alone, found.payload):
                wrong.append(f"{want} of {item}: {found.payload!r} in {accepts} and {refuses}")
    return wrong, count


def inlined(slot: Any, document: Any) -> Any:
    """What a reference of the other document leads to, in its place."""
    return document["$defs"]["Text"] if "$ref" in slot else slot


def valid(schema: Any, instance: Any) -> bool:
    """As jsonschema-rs says."""
    return jsonschema_rs.Draft202012Validator(schema).is_valid(instance)


# --- keywords of one schema ---

COUNTS = st.integers(0, 4)
SMALL = st.sampled_from([{"type": "string"}, {"type": "integer"}, {"const": 1}, {"maxLength": 1}, {"minimum": 2}])
NAMES = st.sampled_from(["a", "b", "c"])
KEYWORDS: dict[str, dict[str, st.SearchStrategy[Any]]] = {
    "number": {
        "minimum": COUNTS, "maximum": st.integers(3, 9), "multipleOf": st.sampled_from([0.5, 2, 3]),
    },
    "string": {
        "minLength": COUNTS, "maxLength": st.integers(3, 6), "pattern": st.sampled_from(["^a", "7$", "^[a-z]+$"]),
    },
    "array": {
        "minItems": COUNTS, "maxItems": COUNTS, "uniqueItems": st.just(value=True), "contains": SMALL, "items": SMALL,
    },
    "object": {
        "required": st.lists(NAMES, max_size=2, unique=True), "properties": st.dictionaries(NAMES, SMALL, max_size=3),
        "minProperties": st.integers(0, 2), "maxProperties": st.integers(1, 3),
        "dependentRequired": st.dictionaries(NAMES, st.lists(NAMES, min_size=1, max_size=1), max_size=1),
        "propertyNames": st.sampled_from([{"maxLength": 1}, {"enum": ["a", "b"]}]), "not": st.just({"required": ["a"]}),
    },
}  # fmt: skip


@st.composite
def plain(draw: st.DrawFn) -> tuple[Any, Any]:
    """Two schemas of one type and of the same keywords' making."""
    kind = draw(st.sampled_from(sorted(KEYWORDS)))
    schema = st.fixed_dictionaries({"type": st.just(kind)}, optional=KEYWORDS[kind])
    return draw(schema), draw(schema)


def _keyword_apart(accepts: Any, refuses: Any, item: Difference) -> Any:
    """One keyword, or one member of one, as the other side has it."""
    inner = f"{item.old} {item.new}"
    keyword = item.keyword
    for name in ("a", "b", "c"):
        if f"/properties/{name}" in inner:
            keyword, item_member = "properties", name
            break
    else:
        item_member = item.member or ""
        if "/items" in inner:
            keyword = "items"
        if "/contains" in inner:
            keyword = "contains"
        if "/propertyNames" in inner:
            keyword = "propertyNames"
    if keyword == "properties":
        own, other = accepts.get(keyword, {}), refuses.get(keyword, {})
        kept = {name: schema for name, schema in own.items() if name != item_member}
        return {**accepts, keyword: {**kept, **({item_member: other[item_member]} if item_member in other else {})}}
    if keyword == "type":  # what a whole step implies, or bounds that leave nothing
        return refuses if isinstance(item.before, list) else {**accepts, keyword: "integer"}
    if keyword == "required":
        return {**accepts, keyword: [*accepts.get(keyword, []), item_member]}
    kept = {name: value for name, value in accepts.items() if name != keyword}
    return {**kept, **({keyword: refuses[keyword]} if keyword in refuses else {})}


QUIET = (HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much)
BOUNDED = settings(derandomize=True, max_examples=250, deadline=None, database=None, suppress_health_check=QUIET)


def test_each_keyword_has_its_own_witness() -> None:
    """Of two schemas with several keywords, each finding's payload falls for its keyword alone."""
    total = 0

    @BOUNDED
    @given(plain())
    def check(pair: tuple[Any, Any]) -> None:
        nonlocal total
        wrong, count = unproven(*pair, _keyword_apart)
        assert wrong == []
        total += count

    check()
    assert total > 300


# --- places of one document ---


def _places(slots: dict[str, Any], form: str) -> Any:
    """A schema with three others in it."""
    slots = {name: slots[name] for name in "abc"}
    if form == "properties":
        return {"type": "object", "properties": slots, "required": ["a"]}
    if form == "variants":
        variants = [
            {"type": "object", "properties": {"kind": {"const": name}, "of": schema}, "required": ["kind", "of"]}
            for name, schema in slots.items()
        ]
        return {"anyOf": variants}
    if form == "branches":
        return {"anyOf": [{"title": name, "type": "object", "properties": {"of": schema}, "required": ["of", name]}
                          for name, schema in slots.items()]}  # fmt: skip
    if form == "elements":
        return {"type": "array", "prefixItems": list(slots.values())}
    if form == "nested":
        inner = {"type": "object", "properties": {"b": slots["b"]}}
        return {"allOf": [{"properties": {"a": slots["a"], "in": inner}}, {"additionalProperties": True}],
                "patternProperties": {"^c": slots["c"]}}  # fmt: skip
    return {"properties": {"a": slots["a"]}, "if": {"required": ["a"]}, "then": {"properties": {"b": slots["b"]}},
            "else": {"additionalProperties": slots["c"]}}  # fmt: skip


FORMS = {
    "properties": ("/properties/a", "/properties/b", "/properties/c"),
    "variants": ("/anyOf/0/", "/anyOf/1/", "/anyOf/2/"),
    "branches": ("/anyOf/0/", "/anyOf/1/", "/anyOf/2/"),
    "elements": ("/prefixItems/0", "/prefixItems/1", "/prefixItems/2"),
    "nested": ("/allOf/0/properties/a", "/allOf/0/properties/in", "/patternProperties/^c"),
    "conditional": ("/properties/a", "/then", "/else"),
}


LEAF = st.one_of(
    SMALL,
    st.fixed_dictionaries({"type": st.just("integer")}, optional=KEYWORDS["number"]),
    st.fixed_dictionaries({"type": st.just("string")}, optional=KEYWORDS["string"]),
    st.builds(
        lambda values: {"enum": values}, st.lists(st.sampled_from([1, 2, "a", None]), min_size=1, unique_by=repr)
    ),
    st.sampled_from([{}, {"type": ["string", "null"]}, {"type": ["integer", "string"]}, {"$ref": "#/$defs/Text"}]),
)
SLOTS = st.fixed_dictionaries({"a": LEAF, "b": LEAF, "c": LEAF})
TEXTS = st.sampled_from([{"type": "string"}, {"type": "string", "maxLength": 2}, {"enum": ["a", "text"]}])


@pytest.mark.parametrize("form", FORMS)
def test_each_place_has_its_own_witness(form: str) -> None:
    """Several schemas change at once: each finding's payload falls when only its own place has changed."""
    total = 0

    @BOUNDED
    @given(SLOTS, SLOTS, TEXTS, TEXTS)
    def check(old: Any, new: Any, text: Any, other: Any) -> None:
        nonlocal total

        def apart(accepts: Any, refuses: Any, item: Difference) -> Any:
            mine, theirs = (old, new) if accepts is before else (new, old)
            inner = f"{item.old} {item.new} {item.old}/{item.keyword}/{item.member}"
            shared = all(at.startswith("/$defs/Text") for at in (item.old, item.new))
            slots = {
                name: inlined(theirs[name], refuses) if at in inner and not shared else mine[name]
                for name, at in zip("abc", FORMS[form], strict=True)
            }
            defs = refuses["$defs"] if shared else accepts["$defs"]
            return {**_places(slots, form), "$defs": defs}

        before = {**_places(old, form), "$defs": {"Text": text}}
        after = {**_places(new, form), "$defs": {"Text": other}}
        wrong, count = unproven(before, after, apart, (before, after))
        assert wrong == []
        total += count

    check()
    assert total > 100


# --- cases ---


def shown(old: Any, new: Any, roots: tuple[Any, Any] = (ROOT, ROOT)) -> dict[tuple[str, str | None], Any]:
    """The payload of each narrowing difference, None where there is none."""
    relation = relate(old, new, old_root=roots[0], new_root=roots[1])
    found = {
        (item.keyword, item.member): witness(
            old, new, old_root=roots[0], new_root=roots[1], want=WANTS[0], hint=item
        )
        for item in relation.differences
        if item.verdict in VERDICTS[WANTS[0]]
    }  # fmt: skip
    return {key: None if one is None else one.payload for key, one in found.items()}


def test_a_limit_is_not_proved_by_the_one_beside_it() -> None:
    """Too few elements say nothing of too many, and an array that nobody could open is not built."""
    old = {"type": "array", "items": {"type": "integer"}}
    many = shown(old, {**old, "minItems": 1, "maxItems": 100_000})
    assert many == {("minItems", None): [], ("maxItems", None): None}
    few = shown(old, {**old, "minItems": 1, "maxItems": 3})
    assert few[("minItems", None)] == []
    assert len(few[("maxItems", None)]) > 3
    assert too_long("maxItems", None, 100_000).startswith("a payload that shows it has 100,001 elements or more")
    assert (
        too_long("maxItems", 5, 100_000) == too_long("minItems", None, 100_000) == too_long("minimum", 1, 10**9) == ""
    )


def test_a_variant_is_not_proved_by_its_neighbour() -> None:
    """A property refused in two variants is shown in each."""

    def variant(name: str, *, display: Any) -> Any:
        properties = {"type": {"const": name}, **({"display": {"enum": ["all", "some"]}} if display else {})}
        return {"type": "object", "title": name, "required": ["type"], "properties": properties,
                "additionalProperties": False}  # fmt: skip

    def document(*, display: bool) -> Any:
        schemas = {name: variant(name, display=display) for name in ("adaptive", "enabled")}
        union = {"anyOf": [{"$ref": f"#/components/schemas/{name}"} for name in schemas]}
        whole = {"type": "object", "properties": {"thinking": union}}
        return {"components": {"schemas": {**schemas, "Whole": whole}}}

    old, new = document(display=True), document(display=False)
    whole = {"$ref": "#/components/schemas/Whole"}
    memo = Memo(old, new)
    relation = relate(whole, whole, old_root=old, new_root=new, memo=memo)
    payloads = {
        item.old.rpartition("/")[2]: witness(
            whole, whole, old_root=old, new_root=new, want=WANTS[0], hint=item, memo=memo
        )
        for item in relation.differences
    }  # fmt: skip
    assert sorted(payloads) == ["adaptive", "enabled"]
    for name, found in payloads.items():
        assert found is not None
        assert found.payload["thinking"]["type"] == name


def test_a_second_match_is_proved_by_what_matches_twice() -> None:
    """A branch that comes to a `oneOf` refuses what another one took, whatever else has changed."""
    cat, dog = {"required": ["name"], "properties": {"name": {"maxLength": 9}}}, {"required": ["bark"]}
    old = {"type": "object", "properties": {"age": {"type": "integer"}}, "oneOf": [cat, dog]}
    new = {
        **old,
        "properties": {"age": {"type": "integer", "maximum": 3}},
        "oneOf": [cat, dog, {"title": "New", "required": ["name", "age"]}],
    }
    relation = relate(old, new, old_root={}, new_root={})
    (added,) = [item for item in relation.differences if item.member == "New"]
    found = witness(old, new, old_root={}, new_root={}, want=WANTS[0], hint=added)
    assert found is not None
    assert {"name", "age"} <= found.payload.keys()
    assert found.payload["age"] <= 3


@pytest.mark.parametrize("narrowed", [True, False])
def test_what_says_nothing_has_a_place(narrowed: bool) -> None:  # noqa: FBT001 - a case
    """A schema without any keyword is found where it stands, through references too."""

    def document(inner: Any) -> Any:
        far = {"$ref": "#/components/schemas/Far"}
        properties = {"input": inner, "list": {"prefixItems": [inner]}, "far": far}
        return {"components": {"schemas": {"Block": {"properties": properties}, "Far": inner}}}

    sides = document({"type": "object"}), document({})
    old, new = sides if not narrowed else sides[::-1]
    block = {"$ref": "#/components/schemas/Block"}
    found = relate(block, block, old_root=old, new_root=new).differences
    places = {"Block/properties/input", "Block/properties/list", "Far"}  # the list has the prefixItems
    assert {item.new for item in found} == {f"/components/schemas/{place}" for place in places}
    assert all(item.old == item.new for item in found)
