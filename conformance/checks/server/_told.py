"""What checks say of an answer."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..._json import is_object

if TYPE_CHECKING:
    from ...observe import Exchange


def told(answer: Exchange) -> str:
    """`answered with HTTP 200`, or what happened instead."""
    return f"answered with {str(answer).rpartition(': ')[2]}"


def was_taken(answer: Exchange) -> bool:
    """Whether a request was accepted; what else its answer should hold, other requirements say."""
    return answer.ok and not (is_object(answer.json) and "error" in answer.json)
