"""The requests that the client is proved with: whole within their bound, valid or not as they say, the same by seed."""

from __future__ import annotations

import itertools
import json
import random
from typing import TYPE_CHECKING, Any

import jsonschema_rs
import pytest

from conformance._contract import Contract
from conformance._subject import ROWS, load
from conformance._verdict import HarnessError
from conformance.checks.client._chance import Chance
from conformance.checks.client._space import USUAL, Effort, Variant, outside, values, variants

if TYPE_CHECKING:
    from conformance._settings import ProviderName

SCHEMA = {
    "type": "object",
    "required": ["model", "prompt"],
    "properties": {
        "model": {"const": "m"},
        "prompt": {"type": "string", "minLength": 1, "maxLength": 30},
        "seconds": {"type": "integer", "minimum": 3, "maximum": 10},
        "mode": {"type": "string", "enum": ["a", "b"]},
        "media": {"type": "array", "items": {"type": "string", "format": "uri"}, "minItems": 1, "maxItems": 2},
    },
    "dependentRequired": {"mode": ["media"]},
}


def variant(schema: dict[str, Any] = SCHEMA) -> Variant:
    """The only model of a contract."""
    return Variant(Contract({"paths": {}, "components": {"schemas": {"Request": schema}}}), "m", "Request")


def test_values_lie_on_the_edges() -> None:
    """The edges and the named values, each once, and nothing beyond."""
    tried = variant().values
    assert tried["seconds"] == [3, 10, 6]
    assert tried["mode"] == ["a", "b"]
    assert sorted(map(len, tried["media"])) == [1, 2]
    assert {len(text) for text in tried["prompt"]} >= {1, 30}
    assert len({tuple(links) for links in tried["media"]}) == 2


def test_what_lies_outside_is_forbidden() -> None:
    """One beyond each edge, other kinds and other spellings."""
    contract = Contract({"paths": {}, "components": {"schemas": {}}})
    found = list(outside(contract, {"type": "integer", "minimum": 3, "maximum": 10}))
    assert {2, 3.5, 11, "10"} <= {value for value in found if not isinstance(value, list | dict)}
    assert None in found
    assert not any(isinstance(value, int) and not isinstance(value, bool) and 3 <= value <= 10 for value in found)
    assert {"unheard", "A"} & set(map(str, outside(contract, {"type": "string", "enum": ["a"]}))) == {"A"}


def test_everything_within_the_bound() -> None:
    """All sets of present properties, in each all values one at a time: what the contract forbids alone is missing."""
    one = variant()
    found = {json.dumps(body, sort_keys=True) for body in one.requests(Effort(together=1))}
    optional = ["seconds", "mode", "media"]
    expected = set[str]()
    for present in itertools.chain.from_iterable(itertools.combinations(optional, size) for size in range(4)):
        fields = ["model", "prompt", *present]
        first = {field: one.values[field][0] for field in fields}
        for field in fields:
            for value in one.values[field]:
                body = {**first, field: value}
                if "mode" not in body or "media" in body:
                    expected.add(json.dumps(body, sort_keys=True))
    assert found == expected


def test_without_a_bound_all_combinations() -> None:
    """The product of all values, absent ones included."""
    one = variant()
    prompts, seconds, modes, media = (len(one.values[field]) for field in ("prompt", "seconds", "mode", "media"))
    with_media, without = media * (modes + 1), 1
    assert sum(1 for _ in one.requests(Effort(together=None))) == prompts * (seconds + 1) * (with_media + without)


def test_a_value_that_no_request_can_have_is_told() -> None:
    """A gap of the contract is a fault of the suite, not a pass."""
    with pytest.raises(HarnessError, match="no valid request of Request has mode"):
        list(variant({**SCHEMA, "not": {"required": ["mode"]}}).requests(USUAL))
    with pytest.raises(HarnessError, match="give it an example"):
        values(Contract({"paths": {}, "components": {"schemas": {}}}), {"type": "string", "pattern": "^[a-f]{40}$"})


@pytest.mark.parametrize("provider", sorted(ROWS))
def test_each_is_what_it_says(provider: ProviderName) -> None:
    """By the contract as a whole: requests are valid, refused ones are not, and only one thing is wrong with each."""
    contract = load(provider).contract
    union = contract.one(paid=True).request_schema or {}
    validator = jsonschema_rs.Draft202012Validator(
        {"allOf": [union], "components": contract.document["components"]}, validate_formats=True
    )
    for one in variants(contract):
        bodies = list(one.requests(USUAL))
        assert all(map(validator.is_valid, bodies))
        assert {field for body in bodies for field in body} == set(one.properties)
        for wrong in one.refused():
            assert not validator.is_valid(wrong.body)
            rest = {field: value for field, value in wrong.body.items() if field != wrong.field}
            assert any(rest.items() <= base.items() for base in one.bases())


@pytest.mark.parametrize("provider", sorted(ROWS))
def test_chance_is_repeatable(provider: ProviderName) -> None:
    """Equal seeds give equal values, others give others; requests are valid, and answers too."""
    contract = load(provider).contract
    one = variants(contract)[0]
    schema = contract.one(paid=False).response_schema(200) or {}

    def drawn(seed: int) -> list[Any]:
        chance = Chance(contract, random.Random(seed))
        found = [chance.request(one) for _ in range(50)] + [chance.extended(one) for _ in range(20)]
        assert all(map(one.is_valid, found))
        answers = [chance.answer(schema) for _ in range(50)]
        assert [problem for value in answers for problem in contract.violations(schema, value)] == []
        return [*found, *answers, *(chance.unexpected(value) for value in answers)]

    assert json.dumps(drawn(1)) == json.dumps(drawn(1))
    assert json.dumps(drawn(1)) != json.dumps(drawn(2))


def test_odd_answers_are_odd() -> None:
    """Most of what is changed by chance is not what the contract describes."""
    contract = load("evolink").contract
    schema = contract.one(paid=False).response_schema(200) or {}
    chance = Chance(contract, random.Random(3))
    changed = [chance.unexpected(chance.answer(schema)) for _ in range(200)]
    assert sum(bool(contract.violations(schema, value)) for value in changed) > 100
