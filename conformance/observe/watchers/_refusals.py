"""Every refusal of a documented operation: that it says something, in the documented way."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..._json import is_object
from .._watch import is_documented, watches

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ..._json import Json, JsonObject
    from ..._run import Run
    from .._exchange import Exchange

LOWEST = 400


def error_of(exchange: Exchange) -> JsonObject | None:
    """The error object of a refusal, None where there is none."""
    body: Json = exchange.json
    found: Json = body.get("error") if is_object(body) else None
    return found if is_documented(exchange) and exchange.status >= LOWEST and is_object(found) else None


@watches("ERR-MESSAGE")
def message_says_something(_: Run, exchange: Exchange) -> Iterable[str] | None:
    """The message is not empty."""
    error = error_of(exchange)
    message: Json = error.get("message") if error is not None else None
    if not isinstance(message, str):
        return None  # that it has to be there is another requirement
    return [] if message.strip() else ["the message of the error is empty"]


@watches("ERR-CODE-NUMBER")
def code_is_the_status(_: Run, exchange: Exchange) -> Iterable[str] | None:
    """The code is the HTTP status."""
    error = error_of(exchange)
    if error is None or "code" not in error:
        return None
    code: Json = error["code"]
    return [] if code == exchange.status and type(code) is int else [f"code is {code!r} in an HTTP {exchange.status}"]
