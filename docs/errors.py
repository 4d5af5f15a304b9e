"""Writes docs/errors.md from `vidgate.errors`: `python -m docs.errors > docs/errors.md`.

The classes say when they are raised; only what to do about each is written here.
"""

from __future__ import annotations

import inspect
import re
import sys
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from vidgate import errors

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

HEAD: Final = """\
# Errors

Everything that vidgate raises on purpose is a `VidgateError`; nothing of httpx or of the generated code comes through.
This page is written by `python -m docs.errors > docs/errors.md` from the classes; a test compares them.

Errors keep facts as fields, can be pickled and copied, and their text ends with what to do:

```python
from vidgate import EvoLink, errors
from vidgate.simulator import Simulator

with EvoLink("sim-no-quota", transport=Simulator("evolink").transport()) as client:
    try:
        client.videos.create(model="gemini-omni-flash-text-to-video", prompt="A paper boat")
    except errors.PaymentRequired as error:
        print(error.status, error.reason, error.retryable)
```

<!-- test: output -->
```text
402 balance False
```

Catch what you have an answer to, and let the rest through:

- `InvalidRequest`, `APIError`, `ConnectionFailed` of a submission: there is no task, and nothing was charged.
- `SubmitUnknown`: there may be a task; settle it, see [the journal](journal.md#settle-what-is-unknown).
- `TaskError`: there is a task, and it ended without a result, or not yet.
- `DownloadError`: the result is there, the file is not; download it again.
"""

DO: Mapping[str, str] = MappingProxyType(
    {
        "VidgateError": "Catch it where you do not care which one it is.",
        "ConfigurationError": "Correct the argument or the variable that it names.",
        "CallbackRefused": "Answer with `status`; `vidgate.webhooks.handle` does.",
        "InvalidRequest": "Correct the fields that `report.errors` names.",
        "APIError": "See the class below it.",
        "BadRequest": "Correct the request; the message is the provider's.",
        "AuthenticationError": "Use another key.",
        "PaymentRequired": "Add credits or raise the limit that `reason` names, then submit anew.",
        "PermissionDenied": "Use a key that may, or the account that owns the task.",
        "NotFound": "Check the id, and that the key is of the account that made the task.",
        "Conflict": "Use another idempotency key for another request.",
        "RateLimited": "Wait `retry_after` seconds; vidgate has done so within `patience` already.",
        "ServerError": "Submit or ask again later.",
        "UnexpectedReply": "Check the address: this is not the API's answer.",
        "JournalError": "Look at `task_id`: with one, the task runs and this is its only trace.",
        "AlreadySubmitted": "Nothing: another run has this item; the journal knows how it stands.",
        "NoneAccepted": "Look at `refusals`; mend what one of them names.",
        "SubmitUnknown": "Do not submit again; settle it with `client.recover(error.submit_id)`, as `hint` says.",
        "TransportError": "Do the same again, if it was no submission.",
        "ConnectionFailed": "Check network and address; doing the same again is safe.",
        "ConnectionLost": "Do the same again: of a submission it would be `SubmitUnknown`.",
        "RequestTimeout": "The same.",
        "TaskError": "See the class below it.",
        "TaskFailed": "Submit anew if `retryable`, else change what `code` names; it is not charged.",
        "TaskCancelled": "Submit anew if it is still wanted.",
        "TaskTimeout": "Go on waiting: `client.tasks.get(error.task_id).wait()`.",
        "ResultMissing": "Wait for the task first, or read it once more.",
        "DownloadError": "Download again; the task is fine.",
        "LinkExpired": "Nothing brings it back: vidgate has asked the provider for a new link already.",
        "DownloadRefused": "Look at the link; raise `max_bytes` for a larger file.",
        "FileProblem": "Free the name or the disk, then download again.",
        "VidgateWarning": "Filter it as any warning.",
        "JournalWarning": "Look after the journal's disk; nothing is lost.",
        "RequestAdvice": "Check whether that is meant.",
        "UnknownStatus": "Tell us: a new version may know it.",
    }
)


def page() -> str:
    """The whole page."""
    tree = "\n".join(_drawing())
    fence = f"<!-- test: not run, part of a generated page -->\n```text\n{tree}\n```\n"
    return "\n".join((HEAD, "\n## The tree\n", fence, "\n## Every class\n", *_table()))


def classes() -> Iterator[type[Exception]]:
    """All of them, a class before those under it."""
    for name in drawn():
        yield getattr(errors, name)


def drawn() -> dict[str, str]:
    """The names of the drawing in its order, each with the one above it."""
    found: dict[str, str] = {}
    above: list[str] = []
    for line in _drawing():
        indent, name = re.fullmatch(r"([│├└─ ]*)(\w+)(?: .*)?", line).groups()  # type: ignore[union-attr]
        del above[len(indent) // 4 :]
        found[name] = above[-1] if above else ""
        above.append(name)
    return found


def fields(kind: type[Exception]) -> list[str]:
    """The fields that a class has beyond those of the class above it."""
    return [name for name in _all_fields(kind) if name not in _all_fields(kind.__bases__[0])]


def _all_fields(kind: type) -> list[str]:
    if not issubclass(kind, errors.VidgateError):
        return []
    named = (one.name for one in inspect.signature(kind.__init__).parameters.values() if one.kind != one.VAR_KEYWORD)
    inherited = _all_fields(kind.__bases__[0])
    own = [name for name in named if name != "self"]
    own += [name for name, value in vars(kind).items() if isinstance(value, property)]
    return list(dict.fromkeys([*inherited, *own]))


def _drawing() -> list[str]:
    return [line[4:] for line in (errors.__doc__ or "").splitlines() if line.startswith("    ")]


def _table() -> Iterator[str]:
    yield "| class | when | its fields | what to do |\n|---|---|---|---|"
    for kind in classes():
        about = " ".join((inspect.getdoc(kind) or "").split("\n\n")[0].split())
        when = re.split(r"(?<=\.) (?=`|[A-Z])", about)[0]
        named = ", ".join(f"`{name}`" for name in fields(kind))
        yield f"| `{kind.__name__}` | {when} | {named} | {DO[kind.__name__]} |"
    yield ""


if __name__ == "__main__":
    sys.stdout.reconfigure(encoding="utf-8")  # type: ignore[union-attr]
    sys.stdout.write(page())
