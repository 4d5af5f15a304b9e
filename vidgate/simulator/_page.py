"""The page at `/`: one file, nothing from elsewhere, which asks the control plane what is going on."""

from __future__ import annotations

import functools
import importlib.resources
import json
from typing import TYPE_CHECKING

from starlette.responses import HTMLResponse

if TYPE_CHECKING:
    from collections.abc import Mapping

# The page needs nothing but itself and the simulator it comes from.
POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; connect-src 'self'; img-src data:; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)


@functools.cache
def _template() -> str:
    return (importlib.resources.files("vidgate.simulator") / "data" / "page.html").read_text(encoding="utf-8")


def respond(simulators: Mapping[str, str]) -> HTMLResponse:
    """Answer with the page for simulators: title to base, relative to the page."""
    # The mapping is ours alone, and nothing in it ends a script element.
    content = _template().replace("/*simulators*/", json.dumps(simulators), 1)
    return HTMLResponse(content, headers={"Content-Security-Policy": POLICY, "Cache-Control": "no-store"})
