"""What the contract and the generated classes know of a model: limits, words, pages, and a request to start from."""

from __future__ import annotations

import importlib
import inspect
import json
import re
import shlex
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Final

from vidgate._contract import Contract, ModelInfo, Schema, any_of, load
from vidgate._filename import EXTENSIONS
from vidgate._json import is_list
from vidgate._providers import Provider
from vidgate._validate import validate

DOCS: Mapping[str, str] = MappingProxyType({"evolink": "https://docs.evolink.ai", "apimart": "https://docs.apimart.ai"})
"""Where the pages are read that the contract names."""

PROMPT: Final = "A paper boat drifts down a rainy street"
LIMITS: Final = ("minimum", "maximum", "minLength", "maxLength", "minItems", "maxItems", "pattern", "format")
SAFE_IN_QUOTES: Final = re.compile(r"[\w .,:;/?&=%#@+-]*")

# "    name (type): words", as the generator writes it under "Attributes:".
ATTRIBUTE: Final = re.compile(r" {4}(\w+) \(.*?\): (.*)")
SENTENCE: Final = re.compile(r".+?(?:(?<!e\.g)(?<!i\.e)(?<!etc)[.!?](?= )|[。！？]|$)", flags=re.DOTALL)


@dataclass(frozen=True, kw_only=True, slots=True)
class Parameter:
    """One parameter; `accepts` has one JSON Schema per kind of value, `rules` says what a schema's keywords cannot."""

    name: str
    required: bool
    type: str
    accepts: tuple[Mapping[str, Any], ...]
    values: tuple[Any, ...]
    default: Any
    summary: str
    description: str
    rules: tuple[str, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Page:
    """What states it: a page with its line, or an entry of the provider's supplement to the pages."""

    name: str
    url: str | None = None
    line: int | None = None

    def __str__(self) -> str:
        if self.url is None:
            return f"no page; the supplement says why: {self.name}"
        return self.url if self.line is None else f"{self.url}, line {self.line}"


@dataclass(frozen=True, kw_only=True, slots=True)
class Card:
    """A model, explained."""

    provider: Provider
    model: str
    kind: str
    request_class: str
    summary: str
    description: str
    parameters: tuple[Parameter, ...]
    rules: tuple[str, ...]
    advice: tuple[str, ...]
    pages: tuple[Page, ...]
    example: Mapping[str, Any]

    def python(self) -> str:
        """A program that has this model make something."""
        keywords = "".join(f"        {name}={_literal(value)},\n" for name, value in self.example.items())
        kind = self.provider.title
        return (
            f"from vidgate import {kind}\n\nwith {kind}() as client:\n"
            f"    task = client.{self.kind}s.create(\n{keywords}    )\n"
            f'    print(task.wait().download("{self.file}"))\n'
        )

    def words(self) -> list[str]:
        """The arguments of the `vidgate run` that does the same."""
        given = {name: value for name, value in self.example.items() if name != "model"}
        pairs = [_pair(name, one) for name, value in given.items() for one in (value if is_list(value) else [value])]
        return [self.model, *pairs, "--output", self.file]

    @property
    def file(self) -> str:
        """A name for the result."""
        return f"{self.kind}.{EXTENSIONS[self.kind]}"


def card_of(provider: Provider, info: ModelInfo) -> Card:
    """Read a model's card."""
    contract = load(provider.package)
    variant = contract.variant(info.id)
    schemas = contract.fields(info.id)
    about, words = _docstring(provider, info)
    description = _preferred(info.description, about)
    parameters = tuple(
        Parameter(
            name=field.name,
            required=field.required,
            type=_type(field.type, schemas[field.name]),
            accepts=tuple(_accepts(contract, schemas[field.name])),
            values=field.values,
            default=field.default,
            summary=first_sentence(text),
            description=text,
            rules=tuple(_rules(contract, schemas[field.name])),
        )
        for field in info.fields
        for text in [_preferred(field.description, words.get(field.name, ""))]
    )
    return Card(
        provider=provider,
        model=info.id,
        kind=info.kind,
        request_class=info.request_class,
        summary=first_sentence(description),
        description=description,
        parameters=parameters,
        rules=tuple(part["x-vidgate-message"] for part in variant.get("allOf", ()) if "x-vidgate-message" in part),
        advice=tuple(one["message"] for one in variant.get("x-vidgate-advice", ())),
        pages=tuple(_page(provider, source) for source in variant.get("x-vidgate-source", ())),
        example=_example(provider, info, schemas),
    )


def first_sentence(text: str) -> str:
    """The first sentence, without line breaks and Markdown; the first item where a list begins the text."""
    head = re.split(r"\n\s*\n|\n(?=[-*] )", text.strip().removeprefix("- "), maxsplit=1)[0]
    head = " ".join(head.split()).replace("**", "").replace("`", "")
    found = SENTENCE.match(head)
    return found[0] if found else head


def _docstring(provider: Provider, info: ModelInfo) -> tuple[str, dict[str, str]]:
    """What the request class says of itself and of each parameter, in the language it was generated in.

    Empty where Python runs without docstrings.
    """
    kind = getattr(importlib.import_module(f"vidgate.{provider.name}"), info.request_class)
    about, _, attributes = (inspect.getdoc(kind) or "").partition("\nAttributes:\n")
    found: dict[str, list[str]] = {}
    name = ""
    for line in attributes.splitlines():
        begin = ATTRIBUTE.fullmatch(line)
        if begin:
            name = begin[1]
            found[name] = [begin[2]]
        elif name:
            found[name].append(line.strip())
    return about.strip(), {name: "\n".join(lines).strip() for name, lines in found.items()}


def _preferred(contract: str, docstring: str) -> str:
    """The contract's words, unless the classes were generated in another language.

    In the contract's own language a docstring is the same text, wrapped, with limits added that stand elsewhere here.
    """
    if " ".join(docstring.split()).startswith(" ".join(contract.split())):
        return contract
    return docstring or contract


def _accepts(contract: Contract, schema: Schema) -> Iterator[dict[str, Any]]:
    schema = contract.resolve(schema)
    branches = [branch for key in ("oneOf", "anyOf") for branch in schema.get(key, ())]
    if branches:
        for branch in branches:
            yield from _accepts(contract, branch)
        return
    stated = schema.get("type")
    for kind in stated if is_list(stated) else [stated]:
        found: dict[str, Any] = {} if kind is None else {"type": kind}
        if "const" in schema or "enum" in schema:
            found["enum"] = [schema["const"]] if "const" in schema else list(schema["enum"])
        named = schema.get("x-vidgate-values")
        if named is not None:
            found["examples" if named.get("open", True) else "enum"] = list(named["values"])
        found |= {name: schema[name] for name in LIMITS if name in schema}
        if "items" in schema:
            (found["items"],) = list(_accepts(contract, schema["items"]))[:1] or [{}]
        yield found


def _type(words: str, schema: Schema) -> str:
    """The words for a type, and the values that are common where others pass, too."""
    named = schema.get("x-vidgate-values")
    if named is None or not named.get("open", True):
        return words
    return f"{words}, such as {any_of([str(value) for value in named['values']])}"


def _rules(contract: Contract, schema: Schema) -> Iterator[str]:
    """Limits that stand in no number: patterns, and what is ruled out."""
    items = contract.resolve(schema.get("items", {}))
    for part in (schema, items):
        reading = part.get("x-vidgate-reading")
        if "pattern" in part and "x-vidgate-values" not in part and isinstance(reading, str):
            yield reading
        elif isinstance(message := part.get("not", {}).get("x-vidgate-message"), str):
            yield message


def _page(provider: Provider, source: Mapping[str, Any]) -> Page:
    if "page" not in source:
        return Page(name=str(source.get("supplement", "")))
    return Page(name=source["page"], url=f"{DOCS[provider.name]}/{source['page']}", line=source.get("line"))


def _example(provider: Provider, info: ModelInfo, schemas: Mapping[str, Schema]) -> dict[str, Any]:
    """A request with what is required and what has a default; without the latter where they exclude each other."""
    needed = {"model": info.id}
    needed |= {field.name: _value(field.name, schemas[field.name]) for field in info.fields if field.required}
    whole = needed | {field.name: field.default for field in info.fields if field.default is not None}
    return next((body for body in (whole, needed) if not validate(body, provider).errors), needed)


def _value(name: str, schema: Schema) -> Any:
    """A value for a parameter that must be given."""
    if name == "prompt":
        return PROMPT
    for value in (schema.get("default"), schema.get("const"), *schema.get("enum", ())):
        if value is not None:
            return value
    branches = schema.get("oneOf") or schema.get("anyOf")
    if branches:
        return _value(name, branches[0])
    kind = schema.get("type")
    if kind == "object":
        inner: Mapping[str, Schema] = schema.get("properties", {})
        return {one: _value(one, inner.get(one, {})) for one in schema.get("required", ())}
    if kind == "array":
        return [_value(name, schema.get("items", {})) for _ in range(max(1, schema.get("minItems", 0)))]
    if kind in {"integer", "number"}:
        return schema.get("minimum", 1)
    if kind == "boolean":
        return True
    if "format" in schema and schema["format"] != "uri" and schema.get("examples"):
        return schema["examples"][0]  # nothing of ours would fit
    what = name.partition("_")[0]
    return f"https://example.com/{what}.{EXTENSIONS.get(what, 'png')}" if "url" in name else "…"


def _literal(value: Any) -> str:
    if is_list(value):
        return f"[{', '.join(_literal(one) for one in value)}]"
    # Python reads a JSON string as it is; its own way of writing one has the wrong quotes.
    return json.dumps(value, ensure_ascii=False) if isinstance(value, str) else repr(value)


def _pair(name: str, value: Any) -> str:
    text = value if isinstance(value, str) else json.dumps(value)
    if " " in text and SAFE_IN_QUOTES.fullmatch(text):
        return f'{name}="{text}"'
    return shlex.quote(f"{name}={text}")
