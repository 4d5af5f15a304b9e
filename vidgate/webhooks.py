"""Receive the providers' callbacks, with any web framework or none.

A callback is not signed: whoever knows the address can post to it. So an event is a hint that it is time to look, and
two things make it worth something: a nonce in the address (`callback_url`, `verify`), and asking the provider about
the task (`confirm`). Nothing here fetches a URL out of a payload. Needs no web framework.

    address = callback_url("https://example.com/hooks", new_nonce())
    task = client.videos.create(model="…", prompt="…", callback_url=address)

    outcome = handle(request.body, request.headers, url=request.path, journal=client.journal)
    if outcome.event and not outcome.duplicate:
        later(confirm, client, outcome.event)
    return outcome.body, outcome.status, outcome.headers

With the journal of the clients that submit, a callback also settles a submission whose own answer was lost.
"""

from __future__ import annotations

from vidgate._webhooks.address import callback_url, new_nonce, nonce_of, verify
from vidgate._webhooks.app import App
from vidgate._webhooks.event import Event, parse
from vidgate._webhooks.judge import LARGEST_BODY, Outcome, aconfirm, confirm, handle
from vidgate._webhooks.store import MemoryStore, Store

__all__ = [
    "LARGEST_BODY",
    "App",
    "Event",
    "MemoryStore",
    "Outcome",
    "Store",
    "aconfirm",
    "callback_url",
    "confirm",
    "handle",
    "new_nonce",
    "nonce_of",
    "parse",
    "verify",
]
