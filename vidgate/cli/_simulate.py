"""`vidgate simulate`: the simulator on a port."""

from __future__ import annotations

import shlex
from typing import Literal, cast

from vidgate._providers import PROVIDERS
from vidgate.cli._problems import FINDINGS, GOOD, USAGE
from vidgate.cli._request import known_provider
from vidgate.cli._screen import Screen

ANYWHERE = {"0.0.0.0": "127.0.0.1", "[::]": "[::1]"}  # noqa: S104 - shown as the address to call instead


def simulate(screen: Screen, *, host: str, port: int, provider: str | None, seconds: float) -> int:
    """Serve until interrupted."""
    rows = list(PROVIDERS.values()) if provider is None else [known_provider(provider)]
    try:
        from vidgate.simulator import DEFAULT_KEY, FAILING_MARKER, SPECIAL_ACCOUNTS, Simulator, combine, serve
    except ImportError as error:
        screen.error(str(error))
        return USAGE
    simulators = [Simulator(cast("Literal['evolink', 'apimart']", row.name), seconds=seconds) for row in rows]
    app = combine(simulators) if provider is None else simulators[0].app

    def announce(url: str) -> None:
        for bound, callable_ in ANYWHERE.items():
            url = url.replace(f"//{bound}:", f"//{callable_}:")
        for row in rows:
            base = f"{url}/{row.name}" if provider is None else url
            screen.result(f"export {row.base_url_variable}={shlex.quote(base)} {row.key_variable}={DEFAULT_KEY}")
        screen.out.file.flush()
        screen.note(
            f"Serving; a task takes {seconds:g} seconds. Copy a line above into another terminal. Ctrl-C stops."
        )
        screen.note(f"A prompt with {FAILING_MARKER} fails. Other keys: {', '.join(SPECIAL_ACCOUNTS)}.")

    try:
        serve(app, host, port, announce)
    except KeyboardInterrupt:
        pass
    except OSError as error:
        screen.error(
            f"cannot listen on {host}:{port}: {error.strerror}", "Choose another --port; 0 takes any free one."
        )
        return FINDINGS
    screen.note("Stopped.")
    return GOOD
