"""What a flow asks of its driver, and what it gets back. Plain data: no I/O here.

A flow is a generator that yields effects and receives the answers. What can go wrong outside comes back as a value,
a `Failure`, so that every flow decides in the open what it means: above all for a request that costs money.
Effects are tuples rather than dataclasses, the making of whose classes took a sixth of the time to import the package.
"""

from __future__ import annotations

from collections.abc import Generator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias, TypeVar

if TYPE_CHECKING:
    from pathlib import Path

    from vidgate._journal.records import Record
    from vidgate._json import Json
    from vidgate._observe.observer import Observer
    from vidgate._state import TaskState
    from vidgate.errors import VidgateError

T = TypeVar("T")


@dataclass(frozen=True, kw_only=True, slots=True)
class Limits:
    """Seconds: to connect, between two pieces read or written, and for the answer as a whole; see `Request.longest`."""

    connect: float
    read: float
    write: float
    total: float


@dataclass(frozen=True, kw_only=True, slots=True)
class Request:
    """One HTTP request, without the key: `Send` adds it, `OpenStream` does not."""

    method: str
    url: str
    limits: Limits
    headers: Mapping[str, str] = field(default_factory=dict[str, str])
    content: bytes | None = field(default=None, repr=False)

    @property
    def longest(self) -> float:
        """Seconds after which the exchange ends, whatever the server does."""
        limits = self.limits
        return limits.total if self.content is None else limits.connect + limits.write + limits.total


@dataclass(frozen=True, kw_only=True, slots=True)
class Reply:
    """An answer that arrived whole, with the key masked everywhere; header names are lower case.

    `body` is the JSON value, or None with `text` (an excerpt) when the answer is not JSON. `content` is all of
    it, as it came but for the key.
    """

    status: int
    headers: Mapping[str, str]
    body: Json = None
    text: str = ""
    content: bytes = field(default=b"", repr=False)


@dataclass(frozen=True, kw_only=True, slots=True)
class Head:
    """The beginning of a streamed answer."""

    status: int
    headers: Mapping[str, str]
    url: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Failure:
    """Something outside went wrong. `arrived` is False only when the request certainly did not reach the server."""

    error: VidgateError
    arrived: bool = True


class Send(NamedTuple):
    """Send with the key, and read the whole answer → Reply | Failure. Redirects are never followed."""

    request: Request


class Sleep(NamedTuple):
    """→ None."""

    seconds: float


class Now:
    """→ seconds since 1970-01-01 UTC, by the client's clock."""

    __slots__ = ()


class Changed(NamedTuple):
    """Tell whoever watches that the task changed → None."""

    state: TaskState


class AwaitHooks(NamedTuple):
    """Await what asynchronous hooks have begun → None."""

    observer: Observer


class Keep(NamedTuple):
    """Write to the journal → what the record says, or None | Failure (of writing); None without a journal."""

    record: Record


class Advanced(NamedTuple):
    """Tell whoever watches how much of a download is there (bytes; `total` None when unknown) → None."""

    received: int
    total: int | None


class OpenStream(NamedTuple):
    """Send without the key, and read the head only → Head | Failure. Closes the stream that is open."""

    request: Request


class ReadChunk:
    """The next piece of the open stream, as it came over the wire → bytes (empty at the end) | Failure."""

    __slots__ = ()


class CheckTarget(NamedTuple):
    """Can this file be written? → None | Failure."""

    path: Path
    overwrite: bool


class MakeFolder(NamedTuple):
    """Create a folder, with those above it, inside `root` → None | Failure."""

    path: Path
    root: Path


class Part(NamedTuple):
    """What an earlier run left: bytes in the partial file, and the note that was written beside it."""

    size: int = 0
    note: str | None = None


class ClaimPart(NamedTuple):
    """Open the partial file for this run alone; where another run has it, a new one of a private name → Part | Failure.

    It stays when the flow ends early, if it has a note and is not empty.
    """

    path: Path


class BeginPart(NamedTuple):
    """Cut the partial file at `offset` and write its note (None: it is not worth keeping) → None | Failure."""

    offset: int
    note: str | None


class WriteChunk(NamedTuple):
    """Append to the open file → None | Failure."""

    data: bytes

    def __repr__(self) -> str:
        return f"WriteChunk({len(self.data)} bytes)"


class CommitPart(NamedTuple):
    """Flush the open file to the disk and give it its final name → None | Failure."""

    path: Path
    overwrite: bool


class DiscardPart:
    """Close and delete the open file → None."""

    __slots__ = ()


Effect: TypeAlias = (
    Send
    | Sleep
    | Now
    | Changed
    | AwaitHooks
    | Keep
    | Advanced
    | OpenStream
    | ReadChunk
    | CheckTarget
    | MakeFolder
    | ClaimPart
    | BeginPart
    | WriteChunk
    | CommitPart
    | DiscardPart
)

Flow: TypeAlias = Generator[Effect, Any, T]
