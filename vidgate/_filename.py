"""File names from a template and from what servers say, which is never trusted with a path. No I/O here."""

from __future__ import annotations

import hashlib
import re
import string
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from vidgate.errors import ConfigurationError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from vidgate._state import Result, TaskState

FIELDS: tuple[str, ...] = ("ext", "id", "index", "kind", "model", "provider")
BATCH_FIELDS: tuple[str, ...] = (*FIELDS, "item")
LONGEST_VALUE = 80
LONGEST_NAME = 200
"""Characters; file systems allow 255 bytes, and a partial file's name is longer."""

EXTENSIONS = {"video": "mp4", "image": "png", "audio": "mp3"}

_ODD = re.compile(r"[^A-Za-z0-9._-]+")
_EXTENSION = re.compile(r"\.[A-Za-z0-9]{1,5}")
_RESERVED = re.compile(r"(con|prn|aux|nul|com[0-9]|lpt[0-9])(\..*)?", re.IGNORECASE)


def check_template(template: str, fields: tuple[str, ...] = FIELDS) -> None:
    """Raise ConfigurationError for a template that is not one or leads out of its folder."""
    try:
        parts = list(string.Formatter().parse(template))
    except (ValueError, TypeError):
        raise _refused(template, "is no template", fields) from None
    for _, name, form, conversion in parts:
        if name is not None and (name not in fields or form or conversion):
            raise _refused(template, f"has {{{name}}} in it, which is no plain field", fields)
    literal = "".join(text for text, *_ in parts)
    if "\\" in literal or ":" in literal or any(character < " " or character == "\x7f" for character in literal):
        raise _refused(template, "has a backslash, a colon or a control character in it", fields)
    sample = _filled(template, dict.fromkeys(fields, "x"))
    if any(part in {"", ".", ".."} or part.endswith((" ", ".")) for part in sample.split("/")):
        raise _refused(template, "leads out of the folder or names no file", fields)


def file_name(template: str, state: TaskState, index: int, *, item: str = "") -> Path:
    """The relative path of a result; `index` counts from 0 here and from 1 in the name. `item`: its name in a batch."""
    result = state.results[index]
    values = {
        "ext": _extension(result),
        "id": _safe(state.id),
        "index": str(index + 1),
        "item": _safe(item),
        "kind": _safe(result.kind),
        "model": _safe(state.model or "unknown"),
        "provider": _safe(state.provider),
    }
    *folders, name = (_portable(part) for part in _filled(template, values).split("/"))
    if len(state.results) > 1 and "{index}" not in template:
        stem, dot, suffix = name.rpartition(".")
        name = f"{stem}-{index + 1}{dot}{suffix}" if stem else f"{name}-{index + 1}"
    return Path(*folders, name)


def _filled(template: str, values: Mapping[str, str]) -> str:
    return template.format_map(values)


def _safe(value: str) -> str:
    """`value` if it can stand in a name; else what is left of it, and a digest that tells it from others."""
    plain = _ODD.sub("_", value).strip(".")[:LONGEST_VALUE]
    if plain and plain == value:
        return value
    return f"{plain or 'x'}-{_digest(value)}"


def _portable(part: str) -> str:
    """One part of a path that every system takes, and that is not hidden unless the template says so."""
    if len(part) > LONGEST_NAME:
        stem, dot, suffix = part.rpartition(".")
        suffix = dot + suffix if stem and len(suffix) <= len(".webm") else ""
        part = f"{part[: LONGEST_NAME - len(suffix) - 9]}-{_digest(part)}{suffix}"
    return f"_{part}" if _RESERVED.fullmatch(part) else part


def _extension(result: Result) -> str:
    try:
        suffix = PurePosixPath(urlsplit(result.url).path).suffix
    except ValueError:
        suffix = ""
    return suffix[1:] if _EXTENSION.fullmatch(suffix) else EXTENSIONS.get(result.kind, "bin")


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode(errors="surrogatepass")).hexdigest()[:8]


def _refused(template: str, fault: str, fields: tuple[str, ...]) -> ConfigurationError:
    names = ", ".join(f"{{{name}}}" for name in fields)
    return ConfigurationError(
        f"The template {template!a} {fault}.",
        hint=f"Write a relative path such as {{model}}-{{id}}.{{ext}}; the fields are {names}.",
    )
