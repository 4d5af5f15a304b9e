"""A local stand-in for the providers: same requests, same answers, no cost.

Everything it accepts, refuses and answers comes from the contract that ships with vidgate.
Needs the extra: `pip install "vidgate[simulator]"`.
"""

from __future__ import annotations

try:
    from vidgate.simulator._simulator import (
        DEFAULT_KEY,
        FAILING_MARKER,
        Simulator,
        combine,
        serve,
        transport_for,
    )
except ModuleNotFoundError as error:
    if error.name not in {"anyio", "starlette"}:
        raise
    message = 'the simulator needs more packages: pip install "vidgate[simulator]"'
    raise ImportError(message, name=error.name) from error

from vidgate.simulator._accounts import SPECIAL_ACCOUNTS, Account
from vidgate.simulator._clock import ManualClock, SystemTime, Timekeeper
from vidgate.simulator._delivery import Attempt, Callback, Delivery, relay
from vidgate.simulator._tasks import Charge

__all__ = [
    "DEFAULT_KEY",
    "FAILING_MARKER",
    "SPECIAL_ACCOUNTS",
    "Account",
    "Attempt",
    "Callback",
    "Charge",
    "Delivery",
    "ManualClock",
    "Simulator",
    "SystemTime",
    "Timekeeper",
    "combine",
    "relay",
    "serve",
    "transport_for",
]
