"""How every answer comes over the wire: whole, in time, with a documented status, and without the key."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .._watch import is_of_operation, watches

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ..._run import Run
    from .._exchange import Exchange

PATIENCE = 10.0
"""Seconds; no page names a time, so this is custom."""
BROKEN = frozenset({"truncated", "reset", "protocol"})
SHORTEST_KEY = 6
"""A shorter key may stand in an answer by chance."""


@watches("WIRE-LENGTH")
def answer_is_whole(_: Run, exchange: Exchange) -> Iterable[str] | None:
    """No connection that breaks, and as many bytes as announced."""
    if exchange.fault in BROKEN:
        return [f"the answer broke off: {exchange.fault_text or exchange.fault}"]
    if exchange.fault or exchange.method == "HEAD":
        return None
    announced = exchange.header("content-length")
    if announced is None or not announced.isdecimal() or int(announced) == len(exchange.body):
        return []
    return [f"Content-Length is {announced}, and {len(exchange.body)} bytes came"]


@watches("WIRE-STATUS")
def status_is_documented(_: Run, exchange: Exchange) -> Iterable[str] | None:
    """One of the statuses of the operation."""
    operation = exchange.operation
    if operation is None or not is_of_operation(exchange) or exchange.status in operation.statuses:
        return [] if operation is not None and is_of_operation(exchange) else None
    target = exchange.header("location")
    led = f" to {target}" if target is not None else ""
    known = ", ".join(map(str, operation.statuses))
    return [f"answered with HTTP {exchange.status}{led}, which is none of {known}"]


@watches("WIRE-SLOW")
def answer_is_in_time(_: Run, exchange: Exchange) -> Iterable[str] | None:
    """The whole of it within ten seconds; a file may take longer."""
    if exchange.operation is None:
        return None
    took = exchange.ended - exchange.started
    if exchange.fault == "timeout" or took > PATIENCE:
        return [f"no whole answer within {PATIENCE:g} s ({exchange.fault_text or f'{took:.1f} s'})"]
    return None if exchange.fault else []


@watches("WIRE-KEY-SECRET")
def key_is_not_repeated(_: Run, exchange: Exchange) -> Iterable[str] | None:
    """The key that was sent is nowhere in what came back."""
    key = exchange.key
    if len(key) < SHORTEST_KEY or exchange.fault:
        return None
    held = [f"the header {name} repeats the key" for name, value in exchange.headers if key in value]
    return [*held, "the body repeats the key"] if key.encode() in exchange.body else held
