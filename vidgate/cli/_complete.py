"""What a shell offers to complete: models, parameters of the model that is named, their values, providers."""

from __future__ import annotations

from collections.abc import Container, Iterator, Mapping, Sequence
from typing import Any, Final, Protocol

from vidgate._contract import Contract, Schema, load, values_of
from vidgate._json import is_list
from vidgate._providers import PROVIDERS
from vidgate.cli import _request
from vidgate.cli._card import first_sentence

MOST_OFFERED: Final = 20
"""Numbers of a range."""


class Context(Protocol):
    """The words before the one that is completed, as typer hands them over."""

    params: dict[str, Any]


def complete_provider(incomplete: str) -> list[str]:
    """Names of providers."""
    return [name for name in PROVIDERS if name.startswith(incomplete)]


def complete_model(incomplete: str) -> list[tuple[str, str]]:
    """Ids of models, with what they make."""
    return [
        (info.id, first_sentence(info.description)) for _, info in _request.models() if info.id.startswith(incomplete)
    ]


def complete_word(ctx: Context, incomplete: str) -> list[tuple[str, str]]:
    """The model first, then NAME= for what is not given yet, or must or may be repeated, then values."""
    given = [str(word) for word in ctx.params.get("words") or ()]
    found = [(row, info) for row, info in _request.models() if given and info.id == given[0].removeprefix("model=")]
    if not found:
        return complete_model(incomplete)
    row, info = found[0]
    contract = load(row.package)
    schemas = contract.fields(info.id)
    if (name := _begun(given[1:], schemas)) is not None:
        return [(value, "") for value in _values(schemas.get(name, {})) if value.startswith(incomplete)]
    name, equals, text = incomplete.partition("=")
    if equals:
        return [(f"{name}={value}", "") for value in _values(schemas.get(name, {})) if value.startswith(text)]
    before = {word.partition("=")[0] for word in given[1:]}
    return [
        (f"{field.name}=", f"{'* ' if field.required else ''}{first_sentence(field.description)}")
        for field in info.fields
        if field.name.startswith(incomplete) and (field.name not in before or _repeats(contract, schemas[field.name]))
    ]


def _begun(words: Sequence[str], known: Container[str]) -> str | None:
    """The parameter whose value is being written in bash, which takes NAME=VALUE for three words.

    It leaves the second one out where nothing follows it yet.
    """
    name = words[-2] if words[-1:] == ["="] and len(words) > 1 else words[-1] if words else ""
    return name if name in known else None


def _values(schema: Schema) -> Iterator[str]:
    """The values that a parameter names, common ones and short ranges included."""
    for part in (*schema.get("oneOf", ()), *schema.get("anyOf", ())):
        yield from _values(part)
    named = () if "oneOf" in schema or "anyOf" in schema else values_of(schema)
    common: Mapping[str, Any] = schema.get("x-vidgate-values", {})
    yield from (str(value) for value in named or common.get("values", ()))
    least, most = schema.get("minimum"), schema.get("maximum")
    if schema.get("type") == "integer" and not named and least is not None and most is not None:
        yield from (str(value) for value in range(least, min(most, least + MOST_OFFERED) + 1))


def _repeats(contract: Contract, schema: Schema) -> bool:
    kind = contract.resolve(schema).get("type")
    return "array" in (kind if is_list(kind) else [kind])
