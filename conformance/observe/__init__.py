"""Everything that goes over the wire, seen once: exchanges, the channel that makes them, and what watches them."""

from __future__ import annotations

from ._channel import Channel, Wire
from ._exchange import Exchange, Fault
from ._watch import Watcher, watches

__all__ = ["Channel", "Exchange", "Fault", "Watcher", "Wire", "watches"]
