"""What earlier runs brought from a site: bodies with their validators, and which run was interrupted.

All of it is a cache, outside specs/: evidence must not depend on what a server says about caching.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final
from uuid import uuid4

from tools.schema.shapes import is_object
from tools.store import digest
from tools.vendor._http import Validators

if TYPE_CHECKING:
    from tools.model import Json, JsonObject
    from tools.store import Cache

_RUN: Final = "run"


@dataclass(frozen=True, kw_only=True, slots=True)
class Remembered:
    """A page as a site gave it to one `run`; `url` is where its redirects led."""

    url: str
    content: bytes
    validators: Validators
    run: str


class Memory:
    """One site's part of the cache."""

    def __init__(self, cache: Cache, index: str) -> None:
        self._cache = cache
        self._index = index

    def page(self, url: str) -> Remembered | None:
        """What the site gave last for `url`."""
        entry = self._cache.get(self._key(url))
        head, _, content = (entry or b"").partition(b"\n")
        match _object(head):
            case {"url": str(led), "etag": etag, "last_modified": modified, "run": str(run)}:
                validators = Validators(etag=_text(etag), last_modified=_text(modified))
                return Remembered(url=led, content=content, validators=validators, run=run)
            case _:
                return None

    def keep(self, url: str, page: Remembered) -> None:
        """Remember what the site gives for `url` now."""
        row: JsonObject = {
            "url": page.url,
            "etag": page.validators.etag,
            "last_modified": page.validators.last_modified,
            "run": page.run,
        }
        self._cache.put(self._key(url), json.dumps(row).encode() + b"\n" + page.content)

    def resume(self, listing: bytes, *, now: float, within: float) -> str:
        """The name of the run: that of one over this very listing that was interrupted not long ago, or a new one."""
        match _object(self._cache.get(self._key(_RUN)) or b""):
            case {"listing": str(name), "began": int() | float() as began, "run": str(run)} if (
                name == digest(listing) and 0 <= now - began <= within
            ):
                return run
            case _:
                run = uuid4().hex
                row = {"listing": digest(listing), "began": now, "run": run}
                self._cache.put(self._key(_RUN), json.dumps(row).encode())
                return run

    def finish(self) -> None:
        """Note that the run is over: the next one asks again."""
        self._cache.drop(self._key(_RUN))

    def _key(self, name: str) -> str:
        return f"{self._index} {name}"


def _object(text: bytes) -> JsonObject | None:
    try:
        value: Json = json.loads(text)
    except ValueError:
        return None
    return value if is_object(value) else None


def _text(value: Json) -> str | None:
    return value if isinstance(value, str) else None
