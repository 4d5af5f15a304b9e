"""A small honest gateway, written from the providers' pages alone: it knows nothing of the simulator.

Where the pages are silent it has ideas of its own: other ids, more members, other progress, another order of members,
charges that appear at the end only, links of another form that end with another status.
"""

from __future__ import annotations

import json
import uuid
from typing import TYPE_CHECKING, Any

from fastapi import FastAPI, Request, Response
from pydantic import ValidationError

from tests.conformance.gateway.requests import APIMART, EVOLINK, fault
from tests.conformance.gateway.studio import Job, Studio

if TYPE_CHECKING:
    from collections.abc import Mapping

DAY = 24 * 60 * 60
FAIL_WORD = "POLICY_VIOLATION"
KEYS = {
    "gw-alice": "alice",
    "gw-bob": "bob",
    "gw-poor": "poor",
    "gw-nomodel": "nomodel",
    "gw-busy": "busy",
    "gw-cursed": "cursed",
}
ROLES = {
    "valid": "gw-alice",
    "other": "gw-bob",
    "no_quota": "gw-poor",
    "no_model": "gw-nomodel",
    "limited": "gw-busy",
    "broken": "gw-cursed",
}
# An empty ISO media file: enough to say that it is a video.
FILM = b"\0\0\0\x18ftypisom\0\0\2\0isomiso2mp41" + b"\0\0\0\x08free" + b"\0\0\0\x08mdat"


class Refused(Exception):
    """An answer that is none of the good ones."""

    def __init__(self, status: int, code: Any, message: str, kind: str) -> None:
        super().__init__(message)
        self.status = status
        self.body = {"error": {"message": message, "type": kind, "param": None, "code": code}}


def answer(value: Any, status: int = 200, *, padding: int | None = 2) -> Response:
    """JSON, with blanks or without, in UTF-8, and a request id."""
    content = json.dumps(value, ensure_ascii=padding is None, indent=padding).encode() + b"\n"
    headers = {"x-request-id": str(uuid.uuid4()), "content-type": "application/json; charset=utf-8"}
    return Response(content, status_code=status, headers=headers)


def caller(request: Request, refuse: Mapping[int, Refused]) -> str:
    """The account of the key."""
    given = request.headers.getlist("authorization")
    scheme, _, key = given[0].partition(" ") if len(given) == 1 else ("", "", "")
    name = KEYS.get(key) if scheme == "Bearer" else None
    if name is None:
        raise refuse[401]
    if name == "busy":
        raise refuse[429]
    if name == "cursed":
        raise refuse[500]
    return name


async def read(request: Request) -> Any:
    """The body, None when it is no JSON."""
    try:
        return json.loads(await request.body())
    except (ValueError, RecursionError):
        return None


def base(studio: Studio) -> FastAPI:
    """What both gateways share: files, ledger, refusals."""
    app = FastAPI(openapi_url=None, redirect_slashes=False)

    @app.exception_handler(Refused)
    async def refused(_: Request, error: Refused) -> Response:
        return answer(error.body, error.status, padding=studio.manner.padding)

    @app.get("/films/{name}")
    async def film(name: str) -> Response:
        found = studio.jobs.get(name.removesuffix(".mp4"))
        if found is None or found.state(studio.now())[0] != "completed":
            return Response("no such film", 404, media_type="text/plain")
        if studio.now() >= found.end + DAY:
            content = "<Error><Code>AccessDenied</Code></Error>"
            return Response(content, studio.manner.expired, media_type="application/xml")
        return Response(FILM, media_type="video/mp4")

    @app.get("/books")
    async def books() -> dict[str, Any]:
        return {"charges": studio.charges()}

    @app.post("/books/burn")
    async def burn() -> None:
        with studio.lock:
            studio.jobs.clear()
            studio.due.clear()

    return app


def evolink_task(job: Job, now: float) -> dict[str, Any]:
    """A task as EvoLink shows it."""
    status, progress = job.state(now)
    body: dict[str, Any] = {
        "id": job.id,
        "type": "video",
        "object": "video.generation.task",
        "status": status,
        "progress": progress,
        "model": job.ask.model,
        "created": int(job.start),
        "task_info": {"can_cancel": False, "queue": "fast"},
        "error": None,
    }
    if status == "completed":
        body["results"] = [f"{job.host}films/{job.id}.mp4?signature={'e' * 40}"]
        body["usage"] = {"credits_used": job.price}
    if status == "failed":
        reason = "The prompt was refused.\nChange it."
        body["error"] = {
            "type": "task_error", "code": "content_policy_violation", "message": reason, "suggestion": None
        }  # fmt: skip
    return body


def apimart_task(job: Job, now: float) -> dict[str, Any]:
    """A task as APIMart shows it, without its envelope."""
    status, progress = job.state(now)
    body: dict[str, Any] = {"status": status, "id": job.id, "progress": progress, "created": int(job.start)}
    if status in {"completed", "failed"}:
        price = job.price if status == "completed" else 0
        body |= {"completed": int(job.end), "actual_time": int(job.end) - int(job.start)}
        body |= {"credits_cost": price, "cost": round(price / 10, 6)}
    else:
        body["estimated_time"] = 300
    if status == "completed":
        links = [f"{job.host}films/{job.id}.mp4", f"{job.host}films/{job.id}.mp4?mirror=2"]
        poster = {"poster": None, "size": "1280x720"}
        body["result"] = {"videos": [{"url": links, "expires_at": int(job.end) + DAY, **poster}]}
    if status == "failed":
        body["error"] = {"code": "task_failed", "message": "refused by the content check", "type": "upstream_error"}
    return body


def evolink(studio: Studio) -> FastAPI:
    """EvoLink, as its pages say."""
    app = base(studio)
    shared = {
        401: Refused(401, "unauthorized", "키가 올바르지 않습니다", "authentication_error"),
        429: Refused(429, "rate_limit_exceeded", "Slow down, please", "rate_limit_error"),
        500: Refused(500, "internal_error", "Something broke", "api_error"),
    }
    reading = {
        **shared,
        429: Refused(429, "rate_limit_exceeded", "Slow down, please", "evo_api_error"),
    }

    def show(job: Job) -> dict[str, Any]:
        return evolink_task(job, studio.now())

    studio.show = show

    @app.post("/v1/videos/generations")
    async def create(request: Request) -> Response:
        owner = caller(request, shared)
        if owner == "poor":
            raise Refused(402, "insufficient_quota", "Top up first", "insufficient_quota")
        try:
            ask = EVOLINK.validate_python(await read(request))
        except ValidationError as error:
            where = ".".join(str(step) for step in error.errors()[0]["loc"])
            raise Refused(400, "invalid_request", f"wrong: {where}", "invalid_request_error") from None
        if owner == "nomodel":
            text = f"Token does not have access to model: {ask.model}"
            raise Refused(403, "model_access_denied", text, "invalid_request_error")
        seconds = getattr(ask, "duration", 10)
        price = 7.5 * (seconds if isinstance(seconds, int) else 9)
        now = studio.now()
        job = Job(
            id=f"task-unified-{int(now)}-{uuid.uuid4().hex}",
            owner=owner, ask=ask, start=now, length=studio.duration(), price=price,
            fails=FAIL_WORD in ask.prompt, host=str(request.base_url), manner=studio.manner,
        )  # fmt: skip
        studio.accept(job, ask.callback_url)
        body = show(job)
        del body["error"]
        usage = {"user_group": "vip", "billing_rule": "per_second", "credits_reserved": price, "cost": {"usd": 1.1}}
        info = {"can_cancel": False, "estimated_time": 120, "video_duration": None}
        return answer({**body, "usage": usage, "task_info": info}, padding=studio.manner.padding)

    @app.get("/v1/tasks/{task_id}")
    async def get(task_id: str, request: Request) -> Response:
        owner = caller(request, reading)
        if not task_id.startswith("task-unified-"):
            raise Refused(400, "invalid_task_id", "no task id", "invalid_request_error")
        job = studio.jobs.get(task_id)
        if job is None:
            raise Refused(404, "task_not_found", "no such task", "invalid_request_error")
        if job.owner != owner:
            raise Refused(403, "permission_denied", "not yours", "invalid_request_error")
        return answer(show(job), padding=studio.manner.padding)

    return app


def apimart(studio: Studio) -> FastAPI:
    """APIMart, as its page says."""
    app = base(studio)
    refuse = {
        401: Refused(401, 401, "인증에 실패했습니다", "authentication_error"),
        429: Refused(429, 429, "요청이 너무 많습니다", "rate_limit_error"),
        500: Refused(500, 500, "server error", "server_error"),
    }
    factor = {"720p": 1.0, "1080p": 2.0, "4k": 5.0}

    def show(job: Job) -> dict[str, Any]:
        return apimart_task(job, studio.now())

    studio.show = show

    @app.post("/v1/videos/generations")
    async def create(request: Request) -> Response:
        owner = caller(request, refuse)
        if owner == "poor":
            raise Refused(402, 402, "잔액이 부족합니다", "payment_required")
        try:
            ask = APIMART.validate_python(await read(request))
        except ValidationError as error:
            raise Refused(400, 400, "wrong parameter", fault(error)) from None
        now = studio.now()
        price = (ask.duration or 6) * 0.4 * factor[ask.resolution.lower()]
        job = Job(
            id=f"task_{uuid.uuid4().hex.upper()[:26]}",
            owner=owner, ask=ask, start=now, length=studio.duration(), price=round(price, 4),
            fails=FAIL_WORD in ask.prompt, host=str(request.base_url), manner=studio.manner,
        )  # fmt: skip
        studio.accept(job, "")
        return answer({"data": [{"task_id": job.id, "status": "submitted"}], "code": 200, "trace": uuid.uuid4().hex})

    @app.get("/v1/tasks/{task_id}")
    async def get(task_id: str, request: Request) -> Response:
        owner = caller(request, refuse)
        job = studio.jobs.get(task_id)
        if job is None:
            raise Refused(400, 400, "Invalid task ID", "invalid_request_error")
        if job.owner != owner:
            raise Refused(403, 403, "not yours", "permission_error")
        return answer({"code": 200, "data": show(job)})

    return app
