"""From words on the command line to a request: `NAME=VALUE`, typed by the contract."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

from vidgate._contract import Contract, ModelInfo, Schema, load
from vidgate._explain import nearest
from vidgate._providers import PROVIDERS, Provider
from vidgate.cli._problems import UsageProblem

JSON_WORDS = {"true": True, "false": False}


@dataclass(frozen=True, kw_only=True, slots=True)
class Request:
    """A request as it would go out; `body` holds the model, too, and `kind` is what it makes."""

    provider: Provider
    model: str
    kind: str
    body: dict[str, Any]


def models(provider: str | None = None) -> list[tuple[Provider, ModelInfo]]:
    """List the models of one provider or of all."""
    rows = PROVIDERS.values() if provider is None else [known_provider(provider)]
    return [(row, model) for row in rows for model in load(row.package).models]


def known_provider(name: str) -> Provider:
    """Find a provider by its name."""
    if name not in PROVIDERS:
        names = ", ".join(PROVIDERS)
        raise UsageProblem(f"there is no provider {name!r}", _nearest(name, PROVIDERS) or f"The providers: {names}.")
    return PROVIDERS[name]


def find_model(model: str, provider: str | None = None) -> tuple[Provider, ModelInfo]:
    """Find a model by its id, in one provider or in all."""
    known = models(provider)
    for row, info in known:
        if info.id == model:
            return row, info
    hint = _nearest(model, [info.id for _, info in known]) or "`vidgate models` lists them."
    elsewhere = [row.name for row, info in models() if info.id == model]
    if elsewhere:
        hint = f"It belongs to {elsewhere[0]}: leave --provider out, or say --provider {elsewhere[0]}."
    raise UsageProblem(f"there is no model {model!r}" + (f" at {provider}" if provider else ""), hint)


def build(words: Sequence[str], *, json_file: str | None, provider: str | None) -> Request:
    """Put a request together: the file first, then the pairs, which win."""
    body = read_json(json_file) if json_file is not None else {}
    pairs = list(words)
    if pairs and "=" not in pairs[0]:
        body["model"] = pairs.pop(0)
    parsed = [_split(pair) for pair in pairs]
    for name, text in parsed:
        if name == "model":
            body["model"] = text
    model = body.get("model")
    if not isinstance(model, str) or not model:
        raise UsageProblem(
            "no model is named", "Name it first: `vidgate run MODEL prompt=...`; `vidgate models` lists them."
        )
    row, info = find_model(model, provider)
    fields = load(row.package).fields(info.id)
    contract = load(row.package)
    for name in dict.fromkeys(name for name, _ in parsed if name != "model"):
        body[name] = typed(contract, fields.get(name), name, [text for known, text in parsed if known == name])
    ordered = {"model": model, **{name: value for name, value in body.items() if name != "model"}}
    return Request(provider=row, model=model, kind=info.kind, body=ordered)


def read_json(source: str) -> dict[str, Any]:
    """Read a request from a file, or from standard input for `-`."""
    try:
        text = sys.stdin.read() if source == "-" else Path(source).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not UTF-8"
        raise UsageProblem(f"cannot read {source}: {reason}") from None
    try:
        value: object = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise UsageProblem(f"{_named(source)} is not valid JSON: {error}") from None
    if not isinstance(value, dict):
        raise UsageProblem(
            f"{_named(source)} holds no JSON object", 'It should look like {"model": "...", "prompt": "..."}.'
        )
    return cast("dict[str, Any]", value)


def typed(contract: Contract, schema: Schema | None, name: str, texts: Sequence[str]) -> Any:
    """Read the text of a parameter as the contract's type for it.

    What fits no type stays text, and validation says what is wrong with it. A name repeated makes a list.
    """
    kinds = kinds_of(contract, schema) if schema is not None else frozenset({"string"})
    if schema is not None and "array" in kinds:
        # No splitting at commas: data URLs and many other addresses have some.
        if len(texts) == 1 and texts[0].lstrip().startswith("["):
            return _parse(name, texts[0])
        items = kinds_of(contract, schema.get("items", {})) or frozenset({"string"})
        return [_scalar(items, text) for text in texts]
    if len(texts) > 1:
        raise UsageProblem(f"{name} is given {len(texts)} times", "Only a list can be given item by item.")
    if "object" in kinds and texts[0].lstrip().startswith("{"):
        return _parse(name, texts[0])
    return _scalar(kinds, texts[0])


def kinds_of(contract: Contract, schema: Schema) -> frozenset[str]:
    """Return the JSON types that a schema takes, branches of a union included."""
    schema = contract.resolve(schema)
    named: object = schema.get("type")
    found: set[str] = {named} if isinstance(named, str) else set(cast("list[str]", named or ()))
    for branch in (*schema.get("oneOf", ()), *schema.get("anyOf", ())):
        found |= kinds_of(contract, branch)
    if not found:
        found = {
            _kind_of(value) for value in (*schema.get("enum", ()), *([schema["const"]] if "const" in schema else ()))
        }
    return frozenset(found)


def _kind_of(value: object) -> str:
    if isinstance(value, bool):
        return "boolean"
    kinds: dict[type, str] = {int: "integer", float: "number", str: "string"}
    return kinds.get(type(value), "null")


def _scalar(kinds: frozenset[str], text: str) -> Any:
    for kind, convert in (("integer", int), ("number", float)):
        if kind in kinds:
            try:
                # Python also reads 1_000 and white space; JSON does not, and neither do people here.
                return convert(text) if "_" not in text and text == text.strip() else text
            except ValueError:
                continue
    if "boolean" in kinds and text.lower() in JSON_WORDS:
        return JSON_WORDS[text.lower()]
    return text


def _parse(name: str, text: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError) as error:
        raise UsageProblem(f"the value of {name} begins like JSON but is none: {error}") from None


def _split(pair: str) -> tuple[str, str]:
    name, equals, text = pair.partition("=")
    if not equals or not name:
        raise UsageProblem(f"{pair!r} is no NAME=VALUE", 'Parameters are given as in prompt="A paper boat" duration=6.')
    return name, text


def _named(source: str) -> str:
    return "standard input" if source == "-" else source


def _nearest(word: str, known: Iterable[str]) -> str:
    near = nearest(word, known)
    return f"Did you mean {near}?" if near else ""
