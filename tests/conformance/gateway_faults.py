"""Faulty variations of the honest gateway: each breaks one promise of a page, invented from the pages alone.

Nothing here was derived from the suite's own mutants, so the share that it finds is an independent figure. Sources are
lines of the vendored pages: T, E, R are EvoLink's text-to-video (ja), video-edit (ko) and reference-to-video (cn), A is
APIMart's page; ST, SI and SA are the supplements on EvoLink's task query, its image-to-video and APIMart's task query.
"""

from __future__ import annotations

import json
import random
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import httpx

from tests.conformance.gateway import apps
from tests.conformance.gateway.studio import Job, Studio, World
from vidgate.simulator import transport_for

if TYPE_CHECKING:
    from collections.abc import Mapping

    from conformance._settings import ProviderName
    from conformance.subjects._receiver import Receiver

APPS = {"evolink": apps.evolink, "apimart": apps.apimart}
ALICE = "Bearer gw-alice"
TASKS = "/v1/tasks/"
ABSENT = object()


@dataclass(slots=True)
class Talk:
    """One request and its answer, on their way through the fault."""

    studio: Studio
    memory: dict[str, Any]
    method: str
    path: str
    headers: dict[str, str]
    raw: bytes
    status: int = 0
    answered: dict[str, str] = field(default_factory=dict)
    content: bytes = b""

    @property
    def body(self) -> dict[str, Any]:
        """The request, an empty object where it is none."""
        return _object(self.raw)

    @property
    def creating(self) -> bool:
        return self.method == "POST" and self.path == "/v1/videos/generations"

    @property
    def reading(self) -> bool:
        return self.method == "GET" and self.path.startswith(TASKS)

    @property
    def job(self) -> Job | None:
        """The task or the film that is asked for."""
        return self.studio.jobs.get(self.path.rpartition("/")[2].removesuffix(".mp4"))

    @property
    def ended(self) -> bool:
        return self.job is not None and self.studio.now() >= self.job.end

    @property
    def nth(self) -> int:
        """How often this was asked before."""
        before = int(self.memory.get(self.path, 0))
        self.memory[self.path] = before + 1
        return before

    def send(self, **members: Any) -> None:
        """Send other members than the client did."""
        kept = {name: value for name, value in {**self.body, **members}.items() if value is not ABSENT}
        self.raw = json.dumps(kept).encode()

    def reply(self, value: Any, status: int = 200) -> None:
        """Answer this."""
        self.status, self.content = status, json.dumps(value, ensure_ascii=False).encode()
        self.answered = {"content-type": "application/json"}


@dataclass(frozen=True, kw_only=True, slots=True)
class Courier:
    """How callbacks are sent: the pages' way."""

    pauses: tuple[float, ...] = (1, 2, 4)
    patience: float = 10
    fine: Callable[[int], bool] = lambda status: 200 <= status < 300
    after: float = 0
    sends: Callable[[Job], bool] = lambda job: True
    times: int = 1
    method: str = "POST"
    kind: str = "application/json"
    edit: Callable[[dict[str, Any]], Any] = lambda body: body
    to: Callable[[str], str] = lambda url: url


HONEST = Courier()


@dataclass(frozen=True, kw_only=True, slots=True)
class Fault:
    """One promise broken: before the honest gateway sees a request, after it answered, or by its courier."""

    provider: ProviderName
    category: str
    name: str
    source: str
    before: Callable[[Talk], object] = lambda talk: None
    after: Callable[[Talk], object] = lambda talk: None
    courier: Courier = HONEST
    accounts: Callable[[list[dict[str, Any]], Talk], object] = lambda charges, talk: None

    @property
    def id(self) -> str:
        return f"{self.provider}/{self.category}/{self.name}"


def _object(raw: bytes) -> dict[str, Any]:
    try:
        found = json.loads(raw)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


@dataclass(slots=True)
class Messenger(Studio):
    """A studio whose callbacks go a courier's way."""

    courier: Courier = HONEST
    deliver: Callable[[str, bytes, Mapping[str, str], str], int] = lambda url, body, headers, method: 200

    def accept(self, job: Job, callback: str) -> None:
        """The time that the courier takes is a manner of his."""
        end = job.start - self.manner.lag if self.courier.after < 0 else job.end + self.courier.after
        with self.lock:
            self.jobs[job.id] = job
            if callback and self.courier.sends(job):
                self.due.append((end, next(self.numbers), job))
                self.due.sort()

    def send(self, job: Job) -> None:
        assert self.show is not None
        started, courier = self.now(), self.courier
        content = json.dumps(courier.edit(self.show(job)), ensure_ascii=False).encode()
        statuses = [
            self.deliver(courier.to(job.ask.callback_url), content, {"content-type": courier.kind}, courier.method)
            for _ in range(courier.times)
        ]
        if courier.fine(statuses[-1]) and self.now() - started <= courier.patience:
            return
        if job.tries < len(courier.pauses):
            self.due.append((self.now() + courier.pauses[job.tries], next(self.numbers), job))
            self.due.sort()
            job.tries += 1


class Crooked(httpx.BaseTransport):
    """The way to a gateway with a fault."""

    def __init__(self, fault: Fault, world: World, receiver: Receiver, seed: int) -> None:
        def deliver(url: str, body: bytes, headers: Mapping[str, str], method: str) -> int:
            return receiver.handle(body, headers, url, method)

        chance = random.Random(seed)
        self.studio = Messenger(
            45.0, world.now, lambda url, body, headers: 200, random=chance, courier=fault.courier, deliver=deliver
        )
        world.studio = self.studio
        self.fault = fault
        self.memory: dict[str, Any] = {}
        self.inner = transport_for(APPS[fault.provider](self.studio))

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Let the fault have its say before and after."""
        talk = Talk(self.studio, self.memory, request.method, request.url.path, dict(request.headers), request.read())
        self.fault.before(talk)
        if not talk.status:
            headers = {name: value for name, value in talk.headers.items() if name != "content-length"}
            url = request.url.copy_with(path=talk.path, query=request.url.query or None)
            passed = httpx.Request(talk.method, url, headers=headers, content=talk.raw)
            answer = self.inner.handle_request(passed)
            talk.status, talk.content = answer.status_code, answer.read()
            talk.answered = {name: value for name, value in answer.headers.items() if name != "content-length"}
            self.fault.after(talk)
            if self.memory.pop("short", None):
                raise httpx.RemoteProtocolError("peer closed connection without sending complete message body")
        if talk.path == "/books":
            found = json.loads(talk.content)
            self.fault.accounts(found["charges"], talk)
            talk.content = json.dumps(found).encode()
        return httpx.Response(talk.status, headers=talk.answered, content=talk.content, request=request)


FAULTS: list[Fault] = []
Edit = Callable[[dict[str, Any], Talk], object]


@dataclass(frozen=True, slots=True)
class Sheet:
    """Where faults of one category are written down."""

    provider: ProviderName
    category: str

    def fault(self, name: str, source: str, **ways: Any) -> None:
        FAULTS.append(Fault(provider=self.provider, category=self.category, name=name, source=source, **ways))

    def takes(self, name: str, source: str, member: str, wrong: Callable[[Any], bool], mended: Any) -> None:
        """A request that should be refused is mended and taken; `mended` may be a function of what came."""

        def before(talk: Talk) -> None:
            value = talk.body.get(member, ABSENT)
            if talk.creating and talk.body and wrong(value):
                talk.send(**{member: mended(value) if callable(mended) else mended})

        self.fault(name, source, before=before)

    def refuses(self, name: str, source: str, right: Callable[[dict[str, Any]], bool]) -> None:
        """A request that should be taken is refused."""

        def after(talk: Talk) -> None:
            if talk.creating and talk.status == 200 and right(talk.body):
                kind = "invalid_request_error"
                code = 400 if self.provider == "apimart" else "invalid_request"
                talk.studio.jobs.popitem()
                talk.reply({"error": {"code": code, "message": "no", "type": kind}}, 400)

        self.fault(name, source, after=after)

    def key(self, name: str, source: str, wrong: Callable[[str], bool]) -> None:
        """Requests with a header that should be refused are Alice's."""

        def before(talk: Talk) -> None:
            if wrong(talk.headers.get("authorization", "")):
                talk.headers["authorization"] = ALICE

        self.fault(name, source, before=before)

    def made(self, name: str, source: str, edit: Edit) -> None:
        """The answer to a submission is another; a replacement where the edit returns one."""
        self._answer(name, source, lambda talk: talk.creating and talk.status == 200, edit)

    def shown(self, name: str, source: str, edit: Edit, *, at: str = "") -> None:
        """A task is shown otherwise, in this state or in all; of APIMart the task in its envelope."""

        def inner(body: dict[str, Any], talk: Talk) -> object:
            task = body["data"] if self.provider == "apimart" else body
            if at in {"", task["status"]}:
                edit(task, talk)
            return None

        self._answer(name, source, lambda talk: talk.reading and talk.status == 200, inner)

    def error(self, name: str, source: str, status: int, edit: Edit) -> None:
        """A refusal is another."""
        self._answer(name, source, lambda talk: talk.status == status and bool(_object(talk.content)), edit)

    def _answer(self, name: str, source: str, where: Callable[[Talk], bool], edit: Edit) -> None:
        def after(talk: Talk) -> None:
            if where(talk):
                body = _object(talk.content)
                new = edit(body, talk)
                if talk.content and talk.status:
                    talk.content = json.dumps(new if isinstance(new, list | str) else body, ensure_ascii=False).encode()

        self.fault(name, source, after=after)

    def wire(self, name: str, source: str, change: Callable[[Talk], object], *, of: str = "reading") -> None:
        """Good answers travel otherwise."""

        def after(talk: Talk) -> None:
            if talk.status == 200 and getattr(talk, of):
                change(talk)

        self.fault(name, source, after=after)

    def told(self, name: str, source: str, **ways: Any) -> None:
        """Callbacks come otherwise."""
        self.fault(name, source, courier=Courier(**ways))

    def charged(self, name: str, source: str, edit: Callable[[list[dict[str, Any]], Talk], object]) -> None:
        """The books say something else."""
        self.fault(name, source, accounts=edit)

    def films(self, name: str, source: str, after: Callable[[Talk], object]) -> None:
        """Links answer otherwise."""
        self.fault(name, source, after=lambda talk: after(talk) if talk.path.startswith("/films/") else None)


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
    if talk.creating and talk.status == 400 and not _object(talk.raw):
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


# EvoLink: authentication and requests.
sheet = Sheet("evolink", "request")
sheet.key("no key is served", "T:345", lambda key: not key)
sheet.key("an unknown key is served", "T:96", lambda key: key.startswith("Bearer ") and key[7:] not in apps.KEYS)
sheet.key("Basic instead of Bearer", "T:342", lambda key: key.startswith("Basic "))
sheet.key("a key that starts like a good one", "T:96", lambda key: key.startswith(ALICE))
sheet.key("keys in any case", "T:96", lambda key: key.lower() == ALICE.lower())
sheet.key("an empty Bearer", "T:359", lambda key: key.strip() == "Bearer")
sheet.fault("tasks are read without a key", "T:345, ST 401", before=open_reading)
sheet.fault(
    "403 for a wrong key",
    "T:88",
    after=lambda talk: setattr(talk, "status", 403 if talk.status == 401 else talk.status),
)
sheet.key("a key without access to the model", "T:110", lambda key: key == "Bearer gw-nomodel")
sheet.key("an account without credits", "T:99", lambda key: key == "Bearer gw-poor")
sheet.takes("duration 11", "T:184", "duration", lambda value: number(value) and value == 11, 10)
sheet.takes("duration 2", "T:183", "duration", lambda value: number(value) and value == 2, 3)
sheet.takes("duration rounded", "T:182", "duration", lambda value: isinstance(value, float) and 3 <= value <= 10, int)
sheet.takes("duration as text", "T:182", "duration", lambda value: text(value) and value.isdigit(), 6)
sheet.takes("duration any word", "T:186", "duration", lambda value: text(value) and not value.isdigit(), "auto")
sheet.takes("duration true", "T:182", "duration", lambda value: value is True, 3)
sheet.refuses("duration auto refused", "T:187", lambda body: body.get("duration") == "auto")
sheet.refuses("duration 3 refused", "T:183", lambda body: body.get("duration") == 3)
sheet.refuses("duration 10 refused", "T:184", lambda body: body.get("duration") == 10)
sheet.takes("any ratio", "T:199", "aspect_ratio", text, "16:9")
sheet.refuses("ratio auto refused", "T:202", lambda body: body.get("aspect_ratio") == "auto")
sheet.takes("no prompt", "T:150", "prompt", lambda value: value is ABSENT, "a cat")
sheet.takes("a prompt that is a number", "T:160", "prompt", number, str)
sheet.takes(
    "any model",
    "T:157",
    "model",
    lambda value: text(value) and not value.startswith("gemini-omni-flash-"),
    "gemini-omni-flash-text-to-video",
)
sheet.takes("seven references", "R:178", "image_urls", many(7), lambda value: value[:6])
sheet.refuses("six references refused", "R:178", lambda body: len(pictures(body)) == 6)
sheet.takes("two images for one", "SI maxItems", "image_urls", many(2), lambda value: value[:1])
sheet.takes("no reference in the list", "R:177", "image_urls", many(0), ["https://example.com/a.png"])
sheet.takes("one text for a list", "R:174", "image_urls", text, lambda value: [value])
sheet.refuses("data URLs refused", "R:184", lambda body: any(one.startswith("data:") for one in pictures(body)))
sheet.refuses("plain base64 refused", "R:185", lambda body: any(":" not in one for one in pictures(body)))
sheet.takes(
    "a video by ftp",
    "E:187",
    "video_urls",
    lambda value: isinstance(value, list) and starts("ftp:")(*value[:1] or [""]),
    ["https://example.com/a.mp4"],
)
sheet.takes("two videos", "E:182", "video_urls", many(2), lambda value: value[:1])
sheet.takes("callbacks without TLS", "T:220", "callback_url", starts("http:"), "https://hooks.example.org/in")
sheet.takes("callbacks to 10.x", "T:222", "callback_url", starts("https://10."), "https://hooks.example.org/in")
sheet.takes(
    "callbacks to 192.168.x", "T:222", "callback_url", starts("https://192.168."), "https://hooks.example.org/in"
)
sheet.takes("callbacks to 172.31.x", "T:222", "callback_url", starts("https://172.31."), "https://hooks.example.org/in")
sheet.takes(
    "callbacks to 127.x but .0.0.1",
    "T:222",
    "callback_url",
    lambda value: starts("https://127.")(value) and "127.0.0.1" not in value,
    "https://hooks.example.org/in",
)
sheet.takes(
    "long callbacks",
    "T:225",
    "callback_url",
    lambda value: text(value) and len(value) == 2049,
    lambda value: value[:2048],
)
sheet.refuses("2048 characters refused", "T:225", lambda body: len(body.get("callback_url", "")) == 2048)
sheet.fault("500 for broken JSON", "T:77", after=failing_json)
sheet.refuses("Chinese refused", "R:167", lambda body: any("\u4e00" <= one <= "\u9fff" for one in body["prompt"]))

# EvoLink: error bodies.
sheet = Sheet("evolink", "error")
sheet.error("no code", "T:85", 400, lambda body, talk: body["error"].pop("code"))
sheet.error("the error is a text", "T:293", 400, lambda body, talk: body.update(error="bad request"))
sheet.error("the framework's own body", "T:84", 400, lambda body, talk: body.update(detail=[body.pop("error")]))
sheet.error("422 for 400", "T:77", 400, lambda body, talk: setattr(talk, "status", 422))
sheet.error("401 in plain text", "T:91", 401, lambda body, talk: talk.answered.update({"content-type": "text/plain"}))
sheet.error("402 of another type", "T:109", 402, lambda body, talk: body["error"].update(type="billing"))
sheet.error("503 for 429", "T:123", 429, lambda body, talk: setattr(talk, "status", 503))
sheet.error("a code that is a number", "T:296", 400, lambda body, talk: body["error"].update(code=400))
sheet.error("no message", "T:299", 401, lambda body, talk: body["error"].update(message=None))
sheet.error("403 of another code", "T:118", 403, lambda body, talk: body["error"].update(code="forbidden"))
sheet.error("404 as 200", "ST 404", 404, lambda body, talk: setattr(talk, "status", 200))
sheet.error("errors in a list", "T:293", 429, lambda body, talk: body.update(error=[body["error"]]))

# EvoLink: answers to submissions.
sheet = Sheet("evolink", "submit")
sheet.made("no id", "T:246", lambda body, talk: body.pop("id"))
sheet.made("the id is a number", "T:247", lambda body, talk: body.update(id=17))
sheet.made(
    "an id that cannot be read", "T:249", lambda body, talk: body.update(id=body["id"].replace("unified", "video"))
)
sheet.made("an id of an earlier task", "T:12", lambda body, talk: body.update(id=once(talk, "id", body["id"])))
sheet.made("created in milliseconds", "T:244", lambda body, talk: body.update(created=body["created"] * 1000))
sheet.made("created as a date", "T:243", lambda body, talk: body.update(created="2026-07-02T10:00:00Z"))
sheet.made("created nine hours ahead", "T:244", lambda body, talk: body.update(created=body["created"] + 9 * 3600))
sheet.made("a general model", "T:252", lambda body, talk: body.update(model="gemini-omni-flash"))
sheet.made("another object", "T:257", lambda body, talk: body.update(object="video.task"))
sheet.made("progress null", "T:260", lambda body, talk: body.update(progress=None))
sheet.made("progress in percent signs", "T:260", lambda body, talk: body.update(progress="0%"))
sheet.made("status queued", "T:269", lambda body, talk: body.update(status="queued"))
sheet.made("type in capitals", "T:283", lambda body, talk: body.update(type="VIDEO"))
sheet.made("a negative estimate", "T:314", lambda body, talk: body["task_info"].update(estimated_time=-1))
sheet.made("an estimate in fractions", "T:312", lambda body, talk: body["task_info"].update(estimated_time=61.5))
sheet.made("can_cancel as a word", "T:308", lambda body, talk: body["task_info"].update(can_cancel="false"))
sheet.made("billing by the minute", "T:323", lambda body, talk: body["usage"].update(billing_rule="per_minute"))
sheet.made("negative credits", "T:331", lambda body, talk: body["usage"].update(credits_reserved=-1))
sheet.made("credits as text", "T:329", lambda body, talk: body["usage"].update(credits_reserved="75.00"))
sheet.made("a group of its own", "T:336", lambda body, talk: body["usage"].update(user_group="svip"))
sheet.made("an envelope", "T:240", lambda body, talk: [body])
sheet.made("201", "T:71", lambda body, talk: setattr(talk, "status", 201))

# EvoLink: tasks and links.
sheet = Sheet("evolink", "task")
sheet.shown(
    "progress falls", "ST progress", lambda task, talk: task.update(progress=max(0, 60 - 7 * talk.nth)), at="processing"
)
sheet.shown("progress above 100", "ST progress", lambda task, talk: task.update(progress=101), at="completed")
sheet.shown("progress is a share", "ST progress", lambda task, talk: task.update(progress=task["progress"] / 100))
sheet.shown(
    "completed tasks run again",
    "T:12",
    lambda task, talk: task.update(status="processing", progress=99) if talk.nth % 2 else None,
    at="completed",
)
sheet.shown(
    "completed tasks fail later",
    "T:12",
    lambda task, talk: (
        task.update(status="failed", error={"code": "x", "message": "x", "type": "task_error"}) if talk.nth else None
    ),
    at="completed",
)
sheet.shown(
    "pending after processing",
    "ST status",
    lambda task, talk: task.update(status="pending") if talk.nth % 2 else None,
    at="processing",
)
sheet.shown("created moves", "T:244", lambda task, talk: task.update(created=int(talk.studio.now())))
sheet.shown("another id", "ST id", lambda task, talk: task.update(id=task["id"].removeprefix("task-unified-")))
sheet.shown("another model", "ST model", lambda task, talk: task.update(model="gemini-omni-flash-image-to-video"))
sheet.shown("another type", "ST type", lambda task, talk: task.update(type="image"))
sheet.shown("no results", "ST results", lambda task, talk: task.pop("results"), at="completed")
sheet.shown("empty results", "ST results", lambda task, talk: task.update(results=[]), at="completed")
sheet.shown(
    "results are objects",
    "ST results",
    lambda task, talk: task.update(results=[{"url": task["results"][0]}]),
    at="completed",
)
sheet.shown(
    "results before the end",
    "ST results",
    lambda task, talk: task.update(results=["https://gateway.example.org/films/x.mp4"]),
    at="processing",
)
sheet.shown("no reason of a failure", "ST error", lambda task, talk: task.update(error=None), at="failed")
sheet.shown(
    "a reason without a failure",
    "ST error",
    lambda task, talk: task.update(error={"code": "none", "message": "", "type": "task_error"}),
    at="completed",
)
sheet.shown(
    "a failure of another type", "ST error.type", lambda task, talk: task["error"].update(type="upstream"), at="failed"
)
sheet.shown(
    "failures never end",
    "ST status",
    lambda task, talk: task.update(status="processing", progress=99, error=None),
    at="failed",
)
sheet.shown("status succeeded", "T:272", lambda task, talk: task.update(status="succeeded"), at="completed")
sheet.shown(
    "relative links",
    "ST results uri",
    lambda task, talk: task.update(results=[f"/films/{task['id']}.mp4"]),
    at="completed",
)
sheet.shown(
    "the first task's links",
    "T:12",
    lambda task, talk: task.update(results=once(talk, "links", task["results"])),
    at="completed",
)
sheet.fault("anybody reads", "ST 403", before=as_owner)
sheet.fault("any id is pending", "ST 404", before=lambda talk: talk.memory.update(provider="evolink"), after=unknown)
sheet.fault(
    "500 for a malformed id",
    "ST 400",
    after=lambda talk: (
        talk.reply({"error": {"code": "internal_error", "message": "x", "type": "api_error"}}, 500)
        if talk.reading and talk.status == 400
        else None
    ),
)
sheet.fault(
    "ended tasks are gone",
    "ST results",
    after=lambda talk: (
        talk.reply({"error": {"code": "task_not_found", "message": "x", "type": "invalid_request_error"}}, 404)
        if talk.reading and talk.ended and talk.nth > 1
        else None
    ),
)
sheet.films("links end after an hour", "T:13", gone(3600))
sheet.films("links end after 23 hours", "T:13", gone(23 * 3600))
sheet.films("links are dead at once", "T:13", gone(0))
sheet.films("links never end", "T:13", forever)
sheet.films("links are a page", "T:7", lambda talk: talk.reply("<html>", 200) if talk.status == 200 else None)
sheet.films("links are empty", "T:7", lambda talk: setattr(talk, "content", b"") if talk.status == 200 else None)

# EvoLink: callbacks.
sheet = Sheet("evolink", "callback")
sheet.told("never", "T:213", sends=lambda job: False)
sheet.told("not of failures", "T:213", sends=lambda job: not job.fails)
sheet.told("not of successes", "T:213", sends=lambda job: job.fails)
sheet.told("at the start", "T:213", after=-1)
sheet.told("minutes late", "T:213", after=600)
sheet.told("no second try", "T:232", pauses=())
sheet.told("two tries more", "T:232", pauses=(1, 2))
sheet.told("five tries more", "T:232", pauses=(1, 2, 4, 8, 16))
sheet.told("the same pause", "T:232", pauses=(1, 1, 1))
sheet.told("pauses in minutes", "T:232", pauses=(60, 120, 240))
sheet.told("redirections are fine", "T:236", fine=lambda status: 200 <= status < 400)
sheet.told("only 200 is fine", "T:236", fine=lambda status: status == 200)
sheet.told("4xx are final", "T:236", fine=lambda status: status < 500)
sheet.told("30 seconds of patience", "T:230", patience=30)
sheet.told("5 seconds of patience", "T:230", patience=5)
sheet.told("an envelope", "T:234", edit=lambda body: {"event": "task", "data": body})
sheet.told(
    "without results", "T:234", edit=lambda body: {name: value for name, value in body.items() if name != "results"}
)
sheet.told("another status", "T:234", edit=lambda body: {**body, "status": "success"})
sheet.told("still processing", "T:213", edit=lambda body: {**body, "status": "processing", "progress": 99})
sheet.told("as a form", "T:234", kind="application/x-www-form-urlencoded")
sheet.told("by PUT", "T:208", method="PUT")
sheet.told("twice", "T:236", times=2)
sheet.told("to another path", "T:208", to=other_host)

# EvoLink: billing.
sheet = Sheet("evolink", "billing")
sheet.charged("failures are charged", "R:199", failures)
sheet.charged("charged twice", "R:199", twice)
sheet.charged("nothing is charged", "R:199", lambda charges, talk: charges.clear())
sheet.takes("another default length", "T:188", "duration", lambda value: value is ABSENT, 5)
sheet.charged("settled a minute after the callback", "T:215", late)

# EvoLink: on the wire.
sheet = Sheet("evolink", "wire")
sheet.wire("text/html", "T:74", header("content-type", "text/html; charset=utf-8"))
sheet.wire("no content type", "T:74", lambda talk: talk.answered.pop("content-type"), of="creating")
sheet.wire("a byte order mark", "T:74", content(lambda raw: b"\xef\xbb\xbf" + raw))
sheet.wire("NaN", "T:329", content(lambda raw: raw.replace(b'"usage": {', b'"usage": {"left": NaN, ')), of="creating")
sheet.wire("members twice", "T:74", content(lambda raw: raw.replace(b'"id":', b'"id": "task-unified-1-x", "id":')))
sheet.wire("cut off", "T:74", content(lambda raw: raw[:-9]), of="creating")
sheet.wire("something behind it", "T:74", content(lambda raw: raw + b"<!-- served by node 3 -->"))
sheet.wire("gzip that is none", "T:74", header("content-encoding", "gzip"))
sheet.fault(
    "Korean in its own encoding",
    "T:74",
    after=lambda talk: (
        setattr(talk, "content", json.dumps(json.loads(talk.content), ensure_ascii=False).encode("euc-kr"))
        if talk.status == 401
        else None
    ),
)
sheet.wire("UTF-16", "T:74", content(lambda raw: raw.decode().encode("utf-16")))
sheet.wire("reading is elsewhere", "ST 200", moved(307))
sheet.wire("creating is elsewhere", "T:71", moved(308), of="creating")
sheet.wire("nothing", "ST 200", content(lambda raw: b""))
sheet.wire("two answers", "T:74", content(lambda raw: raw + raw))
sheet.wire("an answer that breaks off", "T:74", lambda talk: talk.memory.update(short=talk.path))

# APIMart.
sheet = Sheet("apimart", "request")
sheet.key("no key is served", "A:174", lambda key: not key)
sheet.key("an unknown key is served", "A:447", lambda key: key.startswith("Bearer ") and key[7:] not in apps.KEYS)
sheet.key("Basic instead of Bearer", "A:174", lambda key: key.startswith("Basic "))
sheet.fault("tasks are read without a key", "A:174", before=open_reading)
sheet.fault(
    "403 for a wrong key",
    "A:447",
    after=lambda talk: setattr(talk, "status", 403 if talk.status == 401 else talk.status),
)
sheet.key("an account without credits", "A:448", lambda key: key == "Bearer gw-poor")
sheet.takes("duration 5", "A:205", "duration", lambda value: value == 5, 6)
sheet.takes("duration 7", "A:205", "duration", lambda value: value == 7, 8)
sheet.takes("duration 12", "A:443", "duration", lambda value: number(value) and value > 10, 10)
sheet.takes("duration as text", "A:199", "duration", text, 6)
sheet.refuses("duration 8 refused", "A:202", lambda body: body.get("duration") == 8)
sheet.takes("480p", "A:223", "resolution", lambda value: value == "480p", "720p")
sheet.refuses("1080P refused", "A:214", lambda body: body.get("resolution") == "1080P")
sheet.refuses("4K refused", "A:214", lambda body: body.get("resolution") == "4K")
sheet.takes("two images", "A:270", "image_urls", many(2), lambda value: value[:1])
sheet.fault(
    "frame with three images",
    "A:251",
    before=lambda talk: (
        talk.send(image_urls=pictures(talk.body)[:1])
        if talk.creating and talk.body.get("generation_type") == "frame" and len(pictures(talk.body)) == 3
        else None
    ),
)
sheet.refuses(
    "reference with three images refused",
    "A:248",
    lambda body: body.get("generation_type") == "reference" and len(pictures(body)) == 3,
)
sheet.takes("two videos", "A:280", "video_urls", many(2), lambda value: value[:1])
sheet.fault(
    "duration with a video",
    "A:284",
    before=lambda talk: (
        talk.send(duration=ABSENT)
        if talk.creating and talk.body.get("video_urls") and talk.body.get("duration") in (4, 6, 8, 10)
        else None
    ),
)
sheet.takes("an empty prompt", "A:442", "prompt", lambda value: value == "", "a cat")
sheet.takes("no prompt", "A:193", "prompt", lambda value: value is ABSENT, "a cat")
sheet.takes("any model", "A:442", "model", text, "Omni-Flash-Ext")
sheet.takes(
    "the model in any case",
    "A:190",
    "model",
    lambda value: text(value) and value.lower() == "omni-flash-ext",
    "Omni-Flash-Ext",
)
sheet.refuses("images with a video refused", "A:277", lambda body: bool(body.get("video_urls") and pictures(body)))
sheet.takes(
    "another way to use images",
    "A:245",
    "generation_type",
    lambda value: text(value) and value not in {"frame", "reference"},
    ABSENT,
)
sheet.refuses("an empty list refused", "A:258", lambda body: body.get("image_urls") == [])
sheet.refuses("size refused", "A:239", lambda body: "size" in body)
sheet.takes(
    "a video by ftp",
    "A:277",
    "video_urls",
    lambda value: isinstance(value, list) and starts("ftp:")(*value[:1] or [""]),
    ["https://example.com/a.mp4"],
)
sheet.fault("500 for broken JSON", "A:442", after=failing_json)
sheet = Sheet("apimart", "error")
for row, kind in (
    (443, "invalid_duration"),
    (444, "invalid_resolution"),
    (445, "unsupported_image_count"),
    (446, "unsupported_video_count"),
):
    sheet.error(
        f"never {kind}",
        f"A:{row}",
        400,
        general(kind),
    )
sheet.error("422 for 400", "A:442", 400, lambda body, talk: setattr(talk, "status", 422))
sheet.error("no envelope of errors", "A:132", 400, lambda body, talk: body.update(body.pop("error")))
sheet.error("403 for 402", "A:448", 402, lambda body, talk: setattr(talk, "status", 403))
sheet.error("429 of another type", "A:449", 429, lambda body, talk: body["error"].update(type="too_many_requests"))
sheet.error("401 as 200", "A:447", 401, lambda body, talk: setattr(talk, "status", 200))
sheet.error("no message", "A:134", 400, lambda body, talk: body["error"].pop("message"))
sheet = Sheet("apimart", "submit")
sheet.made("code 0", "A:291", lambda body, talk: body.update(code=0))
sheet.made("code as text", "A:290", lambda body, talk: body.update(code="200"))
sheet.made("data is an object", "A:294", lambda body, talk: body.update(data=body["data"][0]))
sheet.made("data is empty", "A:295", lambda body, talk: body.update(data=[]))
sheet.made("no task_id", "A:302", lambda body, talk: body["data"][0].pop("task_id"))
sheet.made("task_id is a number", "A:302", lambda body, talk: body["data"][0].update(task_id=5))
sheet.made(
    "an id of an earlier task",
    "A:303",
    lambda body, talk: body["data"][0].update(task_id=once(talk, "id", body["data"][0]["task_id"])),
)
sheet.made("status pending", "A:299", lambda body, talk: body["data"][0].update(status="pending"))
sheet = Sheet("apimart", "task")
sheet.shown("another id", "A:326", lambda task, talk: task.update(id=task["id"].lower()))
sheet.shown(
    "progress falls", "SA progress", lambda task, talk: task.update(progress=max(0, 60 - 7 * talk.nth)), at="processing"
)
sheet.shown("progress above 100", "SA progress", lambda task, talk: task.update(progress=120), at="completed")
sheet.shown("completed at 99", "A:328", lambda task, talk: task.update(progress=99), at="completed")
sheet.shown("created in milliseconds", "SA created", lambda task, talk: task.update(created=task["created"] * 1000))
sheet.shown("created moves", "SA created", lambda task, talk: task.update(created=int(talk.studio.now())))
sheet.shown(
    "completed before it was created",
    "SA completed",
    lambda task, talk: task.update(completed=task["created"] - 60),
    at="completed",
)
sheet.shown(
    "actual_time is something else",
    "SA actual_time",
    lambda task, talk: task.update(actual_time=task["actual_time"] + 500),
    at="completed",
)
sheet.shown("cost is not a tenth", "SA cost", lambda task, talk: task.update(cost=task["credits_cost"]), at="completed")
sheet.shown("failures cost", "A:360", lambda task, talk: task.update(cost=0.4, credits_cost=4), at="failed")
sheet.shown("no reason of a failure", "A:451", lambda task, talk: task.pop("error"), at="failed")
sheet.shown("status success", "SA status", lambda task, talk: task.update(status="success"), at="completed")
sheet.shown("no result", "A:335", lambda task, talk: task.pop("result"), at="completed")
sheet.shown(
    "url is a text",
    "A:338",
    lambda task, talk: task["result"]["videos"][0].update(url="https://gateway.example.org/x"),
    at="completed",
)
sheet.shown(
    "expired from the start",
    "A:339",
    lambda task, talk: task["result"]["videos"][0].update(expires_at=task["completed"] - 1),
    at="completed",
)
sheet.shown(
    "expires_at in milliseconds",
    "SA expires_at",
    lambda task, talk: task["result"]["videos"][0].update(expires_at=task["completed"] * 1000),
    at="completed",
)
sheet.shown(
    "completed tasks run again",
    "SA status",
    lambda task, talk: task.update(status="processing", progress=99) if talk.nth % 2 else None,
    at="completed",
)
sheet.shown(
    "failures never end", "A:318", lambda task, talk: task.update(status="processing", progress=99), at="failed"
)
sheet.fault("anybody reads", "SA 403", before=as_owner)
sheet.fault("any id is pending", "SA 400", before=lambda talk: talk.memory.update(provider="apimart"), after=unknown)
sheet.films("links are dead at once", "A:338", gone(0))
sheet.films("links end after an hour", "SA expires_at", gone(3600))
sheet = Sheet("apimart", "billing")
sheet.fault(
    "another default length",
    "A:199",
    before=lambda talk: (
        talk.send(duration=10)
        if talk.creating and talk.body and not {"duration", "video_urls"} & talk.body.keys()
        else None
    ),
)
sheet.takes("another default resolution", "A:213", "resolution", lambda value: value is ABSENT, "1080p")
sheet.charged("failures are charged", "A:361", failures)
sheet.charged("charged twice", "A:334", twice)
sheet = Sheet("apimart", "wire")
sheet.wire("text/html", "A:118", header("content-type", "text/html; charset=utf-8"))
sheet.wire("a byte order mark", "A:118", content(lambda raw: b"\xef\xbb\xbf" + raw))
sheet.wire("members twice", "A:118", content(lambda raw: raw.replace(b'"id":', b'"id": "task_1", "id":')))
sheet.wire("cut off", "A:118", content(lambda raw: raw[:-9]), of="creating")
sheet.wire("reading is elsewhere", "SA 200", moved(302))
