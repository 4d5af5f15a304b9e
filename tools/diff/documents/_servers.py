"""Servers: the addresses that they stand for. A variable with a list is each of its values, one without is anything."""

from __future__ import annotations

import itertools
import re
from typing import TYPE_CHECKING, Final

from tools.diff.documents._findings import Spot
from tools.schema.shapes import is_array, is_object

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tools.diff.documents._findings import Findings
    from tools.diff.documents._operations import Operation
    from tools.model import Json, JsonObject, Usage

_MOST: Final = 64
"""Addresses of one server that are spelled out; beyond, variables stand for themselves."""

_FREE: Final = re.compile(r"\{=[^}]*\}")
"""How `addresses` spells a variable that takes any value: by its default, for messages."""


def addresses(server: JsonObject) -> Iterator[str]:
    """Every address of a server."""
    url = str(server["url"]).rstrip("/")
    variables: Json = server.get("variables")
    named = {name: row for name, row in variables.items() if is_object(row)} if is_object(variables) else {}
    options = {name: _values(row) for name, row in named.items() if f"{{{name}}}" in url}
    rows = list(itertools.islice(itertools.product(*options.values()), _MOST + 1))
    if len(rows) > _MOST:
        yield url
        return
    for row in rows:
        made = url
        for name, value in zip(options, row, strict=True):
            made = made.replace(f"{{{name}}}", value)
        yield made.rstrip("/")


def _values(variable: JsonObject) -> list[str]:
    listed: Json = variable.get("enum")
    if is_array(listed) and listed:
        return [str(value) for value in listed]
    return [f"{{={variable.get('default', '')}}}"]


def compare_servers(old: Operation, new: Operation, usage: Usage, findings: Findings) -> None:
    """Addresses that nobody answers any more, and new ones."""
    for url, at in old.servers.items():
        if url in new.servers:
            continue
        other = next((one for one in new.servers if _covers(one, url)), None)
        if other is None:
            findings.add(
                "server-removed", Spot(old=at, new=new.servers_at), f"the server {url or '/'} was removed",
                before=url, usages=[usage], member=at,
            )  # fmt: skip
        elif _FREE.sub("", url) == _FREE.sub("", other):
            message = f"the server {url} is {other} unless told otherwise"
            spot = Spot(old=at, new=new.servers[other])
            findings.add("server-default-changed", spot, message, before=url, after=other, usages=[usage])
    for url, at in new.servers.items():
        if url not in old.servers and not any(_covers(one, url) for one in old.servers):
            findings.add(
                "server-added", Spot(old=old.servers_at, new=at), f"the server {url or '/'} was added",
                after=url, usages=[usage], member=at,
            )  # fmt: skip


def _covers(wide: str, narrow: str) -> bool:
    """Whether every address that `narrow` stands for is one of `wide`."""
    pattern = ".+".join(re.escape(piece) for piece in _FREE.split(wide))
    return re.fullmatch(pattern, _FREE.sub("\0", narrow)) is not None
