"""Who may call: keys belong to accounts, and an account's state decides what happens."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from vidgate.simulator._refusal import Refusal

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, kw_only=True, slots=True)
class Account:
    """An account of the provider.

    `requests` limits the calls per `window` seconds; 0 refuses each of them. `credits` is what it may spend, None any
    number. A broken one meets a fault of the server with every call.
    """

    name: str
    credits: float | None = None
    has_quota: bool = True
    has_model_access: bool = True
    requests: int | None = None
    window: float = 1.0
    is_broken: bool = False


# Beside the ordinary key: one key for each answer that depends on the account alone.
SPECIAL_ACCOUNTS: Mapping[str, Account] = {
    "sim-other-account": Account(name="other"),
    "sim-no-quota": Account(name="no-quota", has_quota=False),
    "sim-no-access": Account(name="no-access", has_model_access=False),
    "sim-limited": Account(name="limited", requests=0),
    "sim-broken": Account(name="broken", is_broken=True),
}


def authenticate(authorizations: list[str], accounts: Mapping[str, Account]) -> Account:
    """Find the account of a Bearer key; anything else is refused as the provider documents."""
    # Two Authorization headers are ambiguous, so neither counts.
    scheme, _, key = authorizations[0].partition(" ") if len(authorizations) == 1 else ("", "", "")
    account = accounts.get(key.strip()) if scheme.lower() == "bearer" else None
    if account is None:
        raise Refusal(401, "unauthorized", headers={"WWW-Authenticate": "Bearer"})
    return account
