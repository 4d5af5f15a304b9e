"""An exchange as a curl command that anybody can repeat, with the key in a variable."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ..observe import Exchange

LEFT_OUT = frozenset({"host", "accept-encoding", "content-length", "authorization"})
LONGEST = 8_192


def curl(one: Exchange) -> str:
    """The command; the role's key is taken from a variable such as `$VALID_KEY`."""
    parts = ["curl", "--include"]
    if one.method != "GET":
        parts += ["--request", one.method]
    parts.append(shlex.quote(one.url))
    for name, value in one.request_headers:
        if name == "authorization":
            parts += ["--header", f'"Authorization: Bearer ${one.role.upper()}_KEY"']
        elif name not in LEFT_OUT:
            parts += ["--header", shlex.quote(f"{name}: {value}")]
    before = ""
    if one.request_body:
        try:
            text = one.request_body.decode("utf-8")
        except UnicodeDecodeError:
            text = "\0"
        if "\0" not in text and len(text) <= LONGEST:
            parts += ["--data-raw", shlex.quote(text)]
        else:
            written = "".join(f"\\{byte:03o}" for byte in one.request_body[:LONGEST])
            before = f"printf {shlex.quote(written)} | "
            parts += ["--data-binary", "@-"]
    return before + " ".join(parts)
