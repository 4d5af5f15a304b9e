"""What faults of both providers have in common: small changes that rows name."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tests.conformance.faults.talk import TASKS, Talk, object_of
from tests.conformance.gateway import apps

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.conformance.faults.sheet import Edit


def text(value: Any) -> bool:
    return isinstance(value, str)


def number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def many(count: int) -> Callable[[Any], bool]:
    return lambda value: isinstance(value, list) and len(value) == count


def starts(*heads: str) -> Callable[[Any], bool]:
    return lambda value: isinstance(value, str) and value.startswith(heads)


def pictures(body: dict[str, Any]) -> list[str]:
    return [one for one in body.get("image_urls") or [] if isinstance(one, str)]


def failing_json(talk: Talk) -> None:
    """What a gateway does that reads a body without looking."""
    if talk.creating and talk.status == 400 and not object_of(talk.raw):
        talk.reply({"error": {"code": "internal_error", "message": "boom", "type": "api_error"}}, 500)


def as_owner(talk: Talk) -> None:
    """Whoever asks for a task is taken for its owner."""
    if talk.reading and talk.headers.get("authorization", "").startswith("Bearer gw-") and talk.job is not None:
        talk.headers["authorization"] = f"Bearer gw-{talk.job.owner}"


def open_reading(talk: Talk) -> None:
    """Tasks are read without a key."""
    if talk.reading and "authorization" not in talk.headers and talk.job is not None:
        talk.headers["authorization"] = f"Bearer gw-{talk.job.owner}"


def once(talk: Talk, key: str, value: Any) -> Any:
    """The first value that was kept under a key."""
    return talk.memory.setdefault(key, value)


def gone(after: float) -> Callable[[Talk], object]:
    """Links end too early or too late, by seconds after the end of the task."""

    def change(talk: Talk) -> None:
        if talk.job is not None and talk.status == 200 and talk.studio.now() >= talk.job.end + after:
            talk.status, talk.content = 403, b"gone"

    return change


def forever(talk: Talk) -> None:
    """Links never end."""
    if talk.job is not None and talk.ended and talk.status == 403:
        talk.status, talk.content, talk.answered = 200, apps.FILM, {"content-type": "video/mp4"}


def header(name: str, value: str) -> Callable[[Talk], object]:
    return lambda talk: talk.answered.__setitem__(name, value)


def content(change: Callable[[bytes], bytes]) -> Callable[[Talk], object]:
    def after(talk: Talk) -> None:
        talk.content = change(talk.content)

    return after


def moved(status: int) -> Callable[[Talk], object]:
    def after(talk: Talk) -> None:
        talk.status, talk.content, talk.answered = status, b"", {"location": f"https://gateway.example.org{talk.path}/"}

    return after


def twice(charges: list[dict[str, Any]], talk: Talk) -> None:
    charges.extend([dict(charge) for charge in charges])


def late(charges: list[dict[str, Any]], talk: Talk) -> None:
    """What ended less than a minute ago is not charged yet."""
    now = talk.studio.now()
    charges[:] = [one for one in charges if now >= talk.studio.jobs[one["task"]].end + 60]


def general(kind: str) -> Edit:
    """Refusals of one type are of the general one."""

    def edit(body: dict[str, Any], talk: Talk) -> None:
        if body["error"]["type"] == kind:
            body["error"]["type"] = "invalid_request_error"

    return edit


def failures(charges: list[dict[str, Any]], talk: Talk) -> None:
    """What failed is charged."""
    now = talk.studio.now()
    failed = [job for job in talk.studio.jobs.values() if job.state(now)[0] == "failed"]
    charges.extend({"credits": job.price, "task": job.id} for job in failed)


def unknown(talk: Talk) -> None:
    """An id that was never given is pending for ever."""
    if talk.reading and talk.status in {400, 404} and talk.path.startswith((f"{TASKS}task-unified-", f"{TASKS}task_")):
        found = next(iter(talk.studio.jobs.values()), None)
        if found is not None:
            task = talk.studio.show(found) if talk.studio.show else {}
            task |= {"id": talk.path.removeprefix(TASKS), "status": "pending", "progress": 0}
            task.pop("results", None)
            task.pop("result", None)
            talk.reply({"code": 200, "data": task} if "apimart" in str(talk.memory["provider"]) else task)


def other_host(url: str) -> str:
    return url.partition("?")[0].rstrip("/").rpartition("/")[0] + "/default"
