"""What of a result is on the disk already, and whether the rest of it belongs to the same bytes."""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import asdict, dataclass
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING

from vidgate._json import is_object

if TYPE_CHECKING:
    from vidgate._download import Source
    from vidgate._effects import Head, Part

PARTIAL = 206

SETTLED = 60.0
"""Seconds a Last-Modified must lie behind the answer's Date: within one second a file can change twice."""

# A note is read from a disk and becomes a header again, so both ways it must be nothing but a validator.
_STRONG_TAG = re.compile(r'"[\x21\x23-\x7e]{1,200}"')
_DATE = re.compile(r"[A-Z][a-z]{2}, [0-9]{2} [A-Z][a-z]{2} [0-9]{4} [0-9]{2}:[0-9]{2}:[0-9]{2} GMT")
_NO_SUCH_RANGE = re.compile(r"bytes \*/([0-9]{1,18})")
_CONTENT_RANGE = re.compile(r"bytes ([0-9]{1,18})-([0-9]{1,18})/([0-9]{1,18}|\*)")


@dataclass(frozen=True, kw_only=True, slots=True)
class Note:
    """Which bytes a partial file holds. `link` is a digest, because a link can be a secret; `total` in bytes."""

    task: str
    index: int
    link: str
    validator: str
    total: int | None

    def dump(self) -> str:
        return json.dumps(asdict(self))

    @classmethod
    def load(cls, text: str | None) -> Note | None:
        try:
            found = json.loads(text or "null")
            if not is_object(found) or not _is_validator(found.get("validator")):
                return None
            note = cls(**found)
        except (ValueError, TypeError, RecursionError):
            return None
        return note if note.total is None or (type(note.total) is int and note.total > 0) else None


class Partial:
    """What the partial file holds as this run goes on."""

    __slots__ = ("note", "size")

    def __init__(self, found: Part) -> None:
        self.size = found.size
        self.note = Note.load(found.note)

    def forget(self) -> None:
        self.size, self.note = 0, None

    def offset(self, source: Source) -> int:
        """From which byte on the rest is asked for; at least one is, so that the host confirms the others."""
        note = self.note
        if note is None or (note.task, note.index, note.link) != (source.task_id, source.index, _digest(source.url)):
            return 0
        return self.size if note.total is None else min(self.size, note.total - 1)


def length_of(head: Head) -> int | None:
    """Content-Length, where it counts the bytes that will be saved."""
    value = head.headers.get("content-length", "").strip()
    return int(value) if is_plain(head) and value.isascii() and value.isdigit() else None


def goes_beyond(head: Head, size: int) -> bool:
    """Whether the answer to a question for what follows `size` bytes says that something does."""
    text = head.headers.get("content-range", "").strip()
    if head.status == PARTIAL:
        found = _CONTENT_RANGE.fullmatch(text)
        return found is not None and int(found[1]) == size
    longer = _NO_SUCH_RANGE.fullmatch(text)
    return longer is not None and int(longer[1]) > size


def total_of(head: Head) -> int | None:
    """The length of the whole, from the answer that holds a part of it."""
    found = _CONTENT_RANGE.fullmatch(head.headers.get("content-range", "").strip())
    return None if found is None or found[3] == "*" else int(found[3])


def is_plain(head: Head) -> bool:
    return head.headers.get("content-encoding", "identity").strip().lower() in {"", "identity"}


def note_of(source: Source, head: Head) -> Note | None:
    """What a later try must know; None when the host says nothing that names these very bytes."""
    tag, modified = head.headers.get("etag", "").strip(), head.headers.get("last-modified", "").strip()
    validator = tag or (modified if _is_settled(modified, head.headers.get("date", "")) else "")
    if not is_plain(head) or not _is_validator(validator):
        return None
    total = length_of(head)
    return Note(
        task=source.task_id,
        index=source.index,
        link=_digest(source.url),
        validator=validator,
        total=total or None,
    )


def _is_validator(text: object) -> bool:
    """A strong ETag or a date; `W/"…"` names what looks the same, not the same bytes."""
    return isinstance(text, str) and bool(_STRONG_TAG.fullmatch(text) or _DATE.fullmatch(text))


def _is_settled(modified: str, date: str) -> bool:
    try:
        return (parsedate_to_datetime(date) - parsedate_to_datetime(modified)).total_seconds() >= SETTLED
    except (ValueError, TypeError):
        return False


def _digest(url: str) -> str:
    """What tells links apart; the query is left out, because it is signed anew each time."""
    return hashlib.sha256(url.partition("?")[0].encode(errors="replace")).hexdigest()


def goes_on(head: Head, offset: int, note: Note) -> bool:
    """Whether a partial answer is the rest of the bytes that are here."""
    found = _CONTENT_RANGE.fullmatch(head.headers.get("content-range", "").strip())
    if head.status != PARTIAL or found is None or int(found[1]) != offset or not is_plain(head):
        return False
    tag = head.headers.get("etag", "").strip()
    if tag and note.validator.startswith('"') and tag != note.validator:
        return False
    return found[3] == "*" or note.total is None or int(found[3]) == note.total
