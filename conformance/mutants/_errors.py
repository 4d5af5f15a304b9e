"""Faults in how requests are refused."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ._patches import answered, edited, refused
from ._rows import APIMART, BOTH, EVOLINK, Row

if TYPE_CHECKING:
    from ._model import Change
    from ._patches import Answer, Operation


def status(old: int, new: int, *, of: Operation | None = None) -> Change:
    """Refusals come with another status."""
    return answered(lambda answer: setattr(answer, "status", new), of=of, status=old)


def error(old: int, **members: Any) -> Change:
    """Members of the error are others; None takes one away."""

    def change(found: dict[str, Any]) -> None:
        for name, value in members.items():
            found[name] = value
            if value is None:
                del found[name]

    return refused(change, status=old)


def _flat(body: dict[str, Any]) -> None:
    body.update(body.pop("error"))


def _text(body: dict[str, Any]) -> None:
    body["error"] = body["error"]["message"]


def _listed(body: dict[str, Any]) -> None:
    body["errors"] = [body.pop("error")]


def _renamed(old: str, new: str) -> Change:
    """One documented type of error is another."""

    def change(found: dict[str, Any]) -> None:
        if found["type"] == old:
            found["type"] = new

    return refused(change, status=400)


def _page(answer: Answer) -> None:
    answer.body = b"<html><body>Internal Server Error</body></html>"
    answer.headers["content-type"] = "text/html"


def _gateway_page(answer: Answer) -> None:
    _page(answer)
    answer.status = 502


def _gateway_type(answer: Answer) -> None:
    answer.put({"error": {"code": 502, "message": "bad gateway", "type": "upstream"}})
    answer.status = 502


def _echo(answer: Answer) -> None:
    body = answer.json
    body["error"]["message"] += f" ({answer.ask.header('authorization')})"
    answer.put(body)


def _detail(answer: Answer) -> None:
    answer.put({"detail": "Not authenticated"})


ROWS = (
    Row("400-as-422", "ERR-400", "refuses a wrong request with 422", status(400, 422, of="submit")),
    Row("400-as-200", "ERR-400", "refuses a wrong request with 200 and an error", status(400, 200, of="submit")),
    Row("400-as-500", "ERR-400", "refuses a wrong request with 500", status(400, 500, of="submit")),
    Row("401-as-403", "ERR-401", "refuses a wrong key with 403", status(401, 403)),
    Row("401-as-400", "ERR-401", "refuses a wrong key of a task query with 400", status(401, 400, of="poll")),
    Row("402-as-400", "ERR-402", "refuses an empty account with 400", status(402, 400)),
    Row("402-as-429", "ERR-402", "refuses an empty account with 429", status(402, 429)),
    Row("403-as-401", "ERR-403", "refuses a model with 401", status(403, 401, of="submit"), EVOLINK),
    Row("403-as-404", "ERR-403", "hides the tasks of others with 404", status(403, 404, of="poll"), BOTH),
    Row("404-as-400", "ERR-404", "refuses an unknown task with 400", status(404, 400, of="poll"), EVOLINK),
    Row("400-as-404", "ERR-400", "refuses an unknown task with 404", status(400, 404, of="poll"), APIMART),
    Row("429-as-503", "ERR-429", "refuses too many requests with 503", status(429, 503)),
    Row("500-as-502", "ERR-500", "answers its own faults with 502", status(500, 502), EVOLINK),
    Row("no-type", "ERR-400-BODY", "leaves out the type of an error", error(400, type=None)),
    Row("no-message", "ERR-401-BODY", "leaves out the message of an error", error(401, message=None)),
    Row("no-code", "ERR-402-BODY", "leaves out the code of an error", error(402, code=None)),
    Row("code-number", "ERR-400-BODY", "gives codes as numbers", error(400, code=400), EVOLINK),
    Row("code-fraction", "ERR-400-BODY", "gives codes as fractions", error(400, code=400.5), APIMART),
    Row("code-text", "ERR-CODE-NUMBER", "gives codes as texts", error(400, code="400"), APIMART),
    Row("502-page", "ERR-502-BODY", "answers 502 with a page of HTML", answered(_gateway_page, status=500), APIMART),
    Row("502-type", "ERR-502-TYPE", "gives 502 another type", answered(_gateway_type, status=500), APIMART),
    Row("message-list", "ERR-400-BODY", "gives a list of messages", error(400, message=["wrong"])),
    Row("message-empty", "ERR-MESSAGE", "gives an empty message", error(400, message="")),
    Row("flat", "ERR-400-BODY", "gives errors without their envelope", edited(_flat, status=400)),
    Row("text", "ERR-429-BODY", "gives an error as a text", edited(_text, status=429)),
    Row("listed", "ERR-400-BODY", "gives a list of errors", edited(_listed, status=400)),
    Row("framework", "ERR-401-BODY", "gives a framework's own error", answered(_detail, status=401)),
    Row(
        "page",
        {"evolink": "ERR-500-BODY", "apimart": "ERR-500-BODY"},
        "answers its own faults with a page of HTML",
        answered(_page, status=500),
    ),
    Row("401-type", "ERR-401-TYPE", "gives a wrong key another type", error(401, type="bad_key"), BOTH),
    Row("402-type", "ERR-402-TYPE", "gives an empty account another type", error(402, type="billing"), BOTH),
    Row("403-code", "ERR-403-TYPE", "gives a refused model another code", error(403, code="no", type="no"), EVOLINK),
    Row("404-code", "ERR-404-TYPE", "gives an unknown task another code", error(404, code="no", type="no"), EVOLINK),
    Row("429-type", "ERR-429-TYPE", "gives too many requests another type", error(429, type="slow"), BOTH),
    Row(
        "duration-type",
        "ERR-400-INVALID-DURATION-TYPE",
        "calls a wrong duration an invalid request",
        _renamed("invalid_duration", "invalid_request_error"),
        APIMART,
    ),
    Row(
        "resolution-type",
        "ERR-400-INVALID-RESOLUTION-TYPE",
        "calls a wrong resolution an invalid request",
        _renamed("invalid_resolution", "invalid_request_error"),
        APIMART,
    ),
    Row(
        "image-type",
        "ERR-400-UNSUPPORTED-IMAGE-COUNT-TYPE",
        "calls a wrong number of images an invalid request",
        _renamed("unsupported_image_count", "invalid_request_error"),
        APIMART,
    ),
    Row(
        "video-type",
        "ERR-400-UNSUPPORTED-VIDEO-COUNT-TYPE",
        "calls a wrong number of videos one of images",
        _renamed("unsupported_video_count", "unsupported_image_count"),
        APIMART,
    ),
    Row("echo", "WIRE-KEY-SECRET", "repeats the key in a refusal", answered(_echo, status=401)),
)
