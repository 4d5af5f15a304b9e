"""The API key, and how it is kept out of everything that people read.

The key leaves a `Secret` in one place only: the driver, when it writes the request's header.
Whatever comes back from a server passes `Secret.redact` first, because servers do echo keys.
"""

from __future__ import annotations

import logging
import os
import threading
import weakref
from typing import TYPE_CHECKING, Any

from vidgate._json import is_list, is_object

if TYPE_CHECKING:
    from vidgate._json import Json

MASK = "[redacted]"

SHORTEST_MASKED = 6
"""Shorter keys are made up, and masking them would eat into ordinary words and task ids."""

ENCODINGS = ("utf-8", "utf-16-le", "utf-16-be", "utf-32-le", "utf-32-be")
"""Those of JSON."""

# httpcore's DEBUG records carry the reply's headers and hpack's the request's, so a filter has to stand at the source.
GUARDED_LOGGERS = (
    "vidgate",
    "httpx",
    "httpcore.connection",
    "httpcore.http11",
    "httpcore.http2",
    "httpcore.proxy",
    "httpcore.socks",
    "hpack.hpack",
    "hpack.table",
)


class Secret:
    """An API key that does not show itself."""

    __slots__ = ("__weakref__", "_value")

    def __init__(self, value: str) -> None:
        self._value = value
        with _LOCK:
            _LIVING.add(self)
        _guard_loggers()

    def reveal(self) -> str:
        """The key, for a header and nothing else."""
        return self._value

    def redact(self, text: str) -> str:
        """`text` without the key."""
        return text if len(self._value) < SHORTEST_MASKED else text.replace(self._value, MASK)

    def redact_bytes(self, content: bytes) -> bytes:
        """`content` without the key, in whatever encoding a server has put it there."""
        if len(self._value) >= SHORTEST_MASKED:
            for encoding in ENCODINGS:
                content = content.replace(self._value.encode(encoding), MASK.encode(encoding))
        return content

    def is_absent_from(self, document: bytes) -> bool:
        """Whether JSON in UTF-8 certainly does not hold the key; an escape could spell any of its letters."""
        return b"\\" not in document and self._value.encode() not in document

    def redact_json(self, value: Json) -> Json:
        """A JSON value without the key, keys of objects included."""
        if isinstance(value, str):
            return self.redact(value)
        if is_list(value):
            return [self.redact_json(item) for item in value]
        if is_object(value):
            return {self.redact(name): self.redact_json(item) for name, item in value.items()}
        return value

    def __repr__(self) -> str:
        return "Secret(…)"

    def __reduce__(self) -> tuple[Any, ...]:
        # A pickle is a file that people keep and send on.
        raise TypeError("an API key is not pickled: create the client anew where it is needed")


class _KeyFilter(logging.Filter):
    """Masks the keys of all living clients in the records of the libraries underneath."""

    def filter(self, record: logging.LogRecord) -> bool:
        try:
            text = record.getMessage()
        except Exception:  # noqa: BLE001 - a record that cannot be written shows nothing; the handler will say so
            return True
        with _LOCK:
            secrets = tuple(_LIVING)
        clean = text
        for secret in secrets:
            clean = secret.redact(clean)
        if clean != text:
            record.msg, record.args = clean, ()
        return True


_LOCK = threading.Lock()
if hasattr(os, "register_at_fork"):  # a child must not inherit it from a thread that it does not have
    os.register_at_fork(before=_LOCK.acquire, after_in_parent=_LOCK.release, after_in_child=_LOCK.release)
_LIVING: weakref.WeakSet[Secret] = weakref.WeakSet()
_FILTER = _KeyFilter()


def _guard_loggers() -> None:
    for name in GUARDED_LOGGERS:
        logging.getLogger(name).addFilter(_FILTER)  # adding the same filter twice changes nothing
