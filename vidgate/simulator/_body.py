"""Strict reading of a request body: one JSON object in UTF-8, each member once, numbers that JSON knows."""

from __future__ import annotations

import json
import math
import re
from typing import TYPE_CHECKING, Any, NoReturn, cast

from vidgate.simulator._refusal import Refusal

if TYPE_CHECKING:
    from vidgate.simulator._contract import JsonObject


ESCAPED_SURROGATE = re.compile(rb"\\u[dD][89a-fA-F]")


def is_json(content_type: str | None) -> bool:
    """Tell whether a Content-Type header announces JSON in UTF-8."""
    if content_type is None:
        return False
    media, *parameters = (part.strip().lower() for part in content_type.split(";"))
    charsets = {part.partition("=")[2].strip('"') for part in parameters if part.startswith("charset=")}
    return media == "application/json" and charsets <= {"utf-8", "utf8"}


def read_object(content_type: str | None, body: bytes) -> JsonObject:
    """Parse a body.

    Raises Refusal. The pages name no 415, so a wrong media type is a wrong request like any other.
    """
    if not is_json(content_type):
        raise Refusal(400, "malformed", "Content-Type must be application/json")
    try:
        value: object = json.loads(
            body.decode("utf-8"), object_pairs_hook=_unique, parse_constant=_no_constant, parse_float=_finite
        )
    except UnicodeDecodeError:
        raise Refusal(400, "malformed", "The request body is not valid UTF-8") from None
    except RecursionError:
        raise Refusal(400, "malformed", "The request body is nested too deeply") from None
    except ValueError as error:  # also an integer of thousands of digits, which Python refuses to convert
        reason = error.msg if isinstance(error, json.JSONDecodeError) else str(error)
        raise Refusal(400, "malformed", f"The request body is not valid JSON: {reason}") from None
    if ESCAPED_SURROGATE.search(body) and not _is_text(value):
        raise Refusal(400, "malformed", "The request body holds half of a surrogate pair")
    if not isinstance(value, dict):
        raise Refusal(400, "malformed", "The request body must be a JSON object")
    return cast("JsonObject", value)


def _is_text(value: object) -> bool:
    """Tell whether all strings are Unicode text: escapes can also spell half a character."""
    try:
        json.dumps(value, ensure_ascii=False).encode()
    except UnicodeEncodeError:
        return False
    return True


def _unique(pairs: list[tuple[str, Any]]) -> JsonObject:
    members = dict(pairs)
    if len(members) != len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        message = f"the member {twice!r} stands there twice"
        raise ValueError(message)
    return members


def _no_constant(text: str) -> NoReturn:
    message = f"{text} is no JSON number"
    raise ValueError(message)


def _finite(text: str) -> float:
    number = float(text)
    if math.isinf(number):
        message = f"the number {text[:40]} is too large"
        raise ValueError(message)
    return number
