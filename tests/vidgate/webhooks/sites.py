"""Web applications that receive callbacks, as people write them: Flask, Django, FastAPI, and the ASGI app by itself.

Each takes a journal and what to do with an event, and answers before it does that.
"""

from __future__ import annotations

import contextlib
import socketserver
import threading
import wsgiref.simple_server
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

from vidgate.simulator import _serve
from vidgate.webhooks import LARGEST_BODY, App, handle

if TYPE_CHECKING:
    from collections.abc import Callable, Generator

    from vidgate.journal import Journal
    from vidgate.webhooks import Event

    OnEvent = Callable[[Event], object]


def flask(journal: Journal, later: OnEvent) -> Any:
    """A route that calls the plain function."""
    from flask import Flask, request

    site = Flask("receiver")
    site.config["MAX_CONTENT_LENGTH"] = LARGEST_BODY

    @site.post("/hooks/<path:rest>")
    def hook(rest: str) -> tuple[bytes, int, dict[str, str]]:
        outcome = handle(request.get_data(), request.headers, url=request.path, journal=journal)
        if outcome.event and not outcome.duplicate:
            later(outcome.event)
        return outcome.body, outcome.status, dict(outcome.headers)

    return site


def django(journal: Journal, later: OnEvent) -> Any:
    """A view that calls the plain function."""
    from django.conf import settings
    from django.core.handlers.wsgi import WSGIHandler
    from django.http import HttpRequest, HttpResponse
    from django.urls import path
    from django.views.decorators.csrf import csrf_exempt
    from django.views.decorators.http import require_POST

    def hook(request: HttpRequest, rest: str) -> HttpResponse:
        headers: Any = request.headers  # a mapping, which its decorator hides from type checkers
        outcome = handle(request.body, headers, url=request.path, journal=journal)
        if outcome.event and not outcome.duplicate:
            later(outcome.event)
        return HttpResponse(outcome.body, status=outcome.status, headers=dict(outcome.headers))

    class Routes:
        urlpatterns = (path("hooks/<path:rest>", csrf_exempt(require_POST(hook))),)

    if not settings.configured:
        settings.configure(ALLOWED_HOSTS=["127.0.0.1"], DATA_UPLOAD_MAX_MEMORY_SIZE=LARGEST_BODY, LOGGING_CONFIG=None)
        import django

        django.setup()
    handler: Any = WSGIHandler()

    def site(environ: dict[str, Any], start_response: Any) -> Any:
        from django.urls import set_urlconf

        set_urlconf(Routes)  # anything with urlpatterns
        settings.ROOT_URLCONF = Routes
        return handler(environ, start_response)

    return site


def fastapi(journal: Journal, later: OnEvent) -> Any:
    """The ASGI app, mounted."""
    from fastapi import FastAPI

    site = FastAPI()
    site.mount("/hooks", App(later, journal=journal))
    return site


def alone(journal: Journal, later: OnEvent) -> Any:
    """The ASGI app by itself."""
    return App(later, journal=journal)


SITES: dict[str, Callable[[Journal, OnEvent], Any]] = {
    "flask": flask,
    "django": django,
    "fastapi": fastapi,
    "by itself": alone,
}


class _Threaded(socketserver.ThreadingMixIn, wsgiref.simple_server.WSGIServer):
    daemon_threads = True


class _Quiet(wsgiref.simple_server.WSGIRequestHandler):
    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - its name there
        pass


@contextlib.contextmanager
def serving(kind: str, journal: Journal, on_event: OnEvent) -> Generator[str]:
    """Serve a site on a real port; the address of its hooks. Threads do what a plain function leaves for later."""
    with ThreadPoolExecutor() as background:
        if kind in {"fastapi", "by itself"}:
            with _serve.running(SITES[kind](journal, on_event), "127.0.0.1", 0) as url:
                yield f"{url}/hooks"
            return

        def later(event: Event) -> None:
            background.submit(on_event, event)

        site = SITES[kind](journal, later)
        with wsgiref.simple_server.make_server("127.0.0.1", 0, site, _Threaded, _Quiet) as server:
            thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
            thread.start()
            try:
                yield f"http://127.0.0.1:{server.server_port}/hooks"
            finally:
                server.shutdown()
                thread.join()
