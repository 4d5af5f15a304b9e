"""The bytes we write for a value: the same on every machine, whatever its locale."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

import yaml

if TYPE_CHECKING:
    from tools.model import Json, JsonObject


def json_bytes(value: Json) -> bytes:
    """JSON as we write it: the value's own order, two spaces, a final newline."""
    return (json.dumps(value, indent=2, ensure_ascii=False, allow_nan=False) + "\n").encode("utf-8")


# PyYAML's stubs leave these two methods without types.
# pyright: reportUnknownMemberType=false


class _Dumper(yaml.SafeDumper):
    """Block style; quotes whatever YAML 1.1 *or* 1.2 would read as something else than a string."""

    def ignore_aliases(self, data: object) -> bool:  # noqa: ARG002 - the signature is PyYAML's
        return True

    def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:  # noqa: ARG002, FBT001, FBT002 - PyYAML's
        super().increase_indent(flow=flow, indentless=False)


def _represent_text(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style="|" if "\n" in text else None)


_Dumper.add_representer(str, _represent_text)
_Dumper.add_implicit_resolver(
    "tag:yaml.org,2002:float",  # YAML 1.2 core numbers that 1.1 takes for strings: 1e3, 0o17, 12e03
    re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?|0o[0-7]+|0x[0-9a-fA-F]+"),
    list("-+.0123456789"),
)


def yaml_bytes(value: Json) -> bytes:
    """YAML as we write it, readable by `tools.schema.yaml.load` without loss."""
    text: str = yaml.dump(value, Dumper=_Dumper, allow_unicode=True, sort_keys=False, width=2**20, line_break="\n")
    return text.encode("utf-8")


LOCK_MEMBERS = ("version", "pages", "judgements", "templates", "tools")


def lock_bytes(lock: JsonObject) -> bytes:
    """A `lock.json`: its members in their fixed order, everything below sorted."""
    ordered: JsonObject = {"version": 1}
    for member in LOCK_MEMBERS[1:]:
        rows: JsonObject = lock.get(member, {})
        ordered[member] = dict(sorted(rows.items()))
    return json_bytes(ordered)
