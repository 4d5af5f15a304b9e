"""The clients that the commands use."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import TypeAlias

from vidgate import APIMart, EvoLink
from vidgate._providers import PROVIDERS, Provider
from vidgate._providers import provider_of as owner_of
from vidgate.cli._problems import UsageProblem
from vidgate.cli._request import known_provider

Client: TypeAlias = EvoLink | APIMart

CLIENTS: Mapping[str, type[Client]] = {"evolink": EvoLink, "apimart": APIMart}


def offline(provider: Provider) -> Client:
    """Make a client that only checks; it needs no key, because it sends nothing."""
    return CLIENTS[provider.name]("offline")


def connect(provider: Provider, base_url: str | None, *, journal: str | None = None) -> Client:
    """Make a client with the key of the environment; `journal` names another one than the environment does."""
    if not os.environ.get(provider.key_variable):
        raise UsageProblem(
            f"there is no API key for {provider.title}",
            f"Set {provider.key_variable}; keys are made at {provider.dashboard}.\n"
            "To try it without a key or cost, start `vidgate simulate` in another terminal.",
        )
    return CLIENTS[provider.name](base_url=base_url, journal=True if journal is None else journal)


def provider_of(task_id: str, provider: str | None) -> Provider:
    """Tell whose task an id is."""
    if provider is not None:
        return known_provider(provider)
    row = owner_of(task_id)
    if row is not None:
        return row
    raise UsageProblem(
        f"{task_id!r} does not look like a task id of any provider",
        f"Ids begin with {' or '.join(f'{row.task_prefix} ({row.title})' for row in PROVIDERS.values())}; "
        "--provider says which it is.",
    )
