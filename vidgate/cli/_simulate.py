"""`vidgate simulate`: the simulator on a port."""

from __future__ import annotations

import contextlib
import shlex
from typing import Literal, cast
from urllib.parse import urlsplit

from vidgate._providers import PROVIDERS
from vidgate.cli._problems import FINDINGS, GOOD, USAGE
from vidgate.cli._request import known_provider
from vidgate.cli._screen import Screen

ANYWHERE = {"0.0.0.0": "127.0.0.1", "[::]": "[::1]"}  # noqa: S104 - shown as the address to call instead

# One paragraph each: typer joins the lines of a paragraph unless they end in \b's block.
EPILOG = """
\b
Examples:
  vidgate simulate                                    both, under /evolink and /apimart
  vidgate simulate -p evolink --port 9000 --seconds 0.6
  vidgate simulate -p evolink --callbacks-to http://127.0.0.1:9911 --time-scale 0.05

\b
Keys, each an account:
  sim-key             the ordinary one
  sim-other-account   403 for tasks of others
  sim-no-quota        402
  sim-no-access       403 where the provider documents it
  sim-limited         429 with Retry-After
  sim-broken          500
A prompt that contains POLICY_VIOLATION makes its task fail.

\b
In a browser, the address itself shows tasks, callbacks and charges live.
For programs, without a key (below /evolink and /apimart when both are served):
  GET    /__sim/state              everything
  GET    /__sim/ledger             {"charges": [{"task": id, "credits": n}]}
  POST   /__sim/reset              forget everything
  POST   /__sim/faults             {"fault": 502, "operation": "poll", "times": 3}
  DELETE /__sim/faults             forget planned faults
  POST   /__sim/advance            {"seconds": 86400}, and result links expire
  POST   /__sim/accounts           {"key": "mine", "credits": 50}
  POST   /__sim/settings           {"seconds": 5, "latency": 0.2, "time_scale": 0.05}
  POST   /__sim/tasks/ID/cancel    end a task as cancelled
Faults: hang, reset-before, reset-after, truncated, duplicate-keys, invalid-utf8,
wrong-type, drip, redirect, or a status from 400 to 599.
Operations: submit, poll, download, any.

\b
  curl localhost:9000/__sim/faults -H 'Content-Type: application/json' -d '{"fault": 502}'
"""


def simulate(
    screen: Screen,
    *,
    host: str,
    port: int,
    provider: str | None,
    seconds: float,
    callbacks_to: str | None,
    time_scale: float,
    latency: float,
    as_json: bool,
) -> int:
    """Serve until interrupted."""
    rows = list(PROVIDERS.values()) if provider is None else [known_provider(provider)]
    if callbacks_to is not None and not _is_address(callbacks_to):
        screen.error(f"callbacks cannot go to {callbacks_to!r}", "Give a URL like http://127.0.0.1:9911.")
        return USAGE
    try:
        from vidgate.simulator import DEFAULT_KEY, FAILING_MARKER, SPECIAL_ACCOUNTS, Simulator, combine, relay, serve
        from vidgate.simulator._delivery import DELIVERY_SECONDS
    except ImportError as error:
        screen.error(str(error))
        return USAGE
    egress = None if callbacks_to is None else relay(callbacks_to, patience=DELIVERY_SECONDS * time_scale)
    simulators = [
        Simulator(
            cast("Literal['evolink', 'apimart']", row.name),
            seconds=seconds,
            egress=egress,
            time_scale=time_scale,
            latency=latency,
        )
        for row in rows
    ]
    app = combine(simulators) if provider is None else simulators[0].app

    def announce(url: str) -> None:
        for bound, callable_ in ANYWHERE.items():
            url = url.replace(f"//{bound}:", f"//{callable_}:")
        served = [(row, f"{url}/{row.name}" if provider is None else url) for row in rows]
        if as_json:
            screen.json_line({row.name: {"base_url": base, "api_key": DEFAULT_KEY} for row, base in served})
        else:
            for row, base in served:
                screen.result(f"export {row.base_url_variable}={shlex.quote(base)} {row.key_variable}={DEFAULT_KEY}")
        screen.out.file.flush()
        screen.note(
            f"Serving; a task takes {seconds:g} seconds. Copy a line above into another terminal. Ctrl-C stops."
        )
        screen.note(f"Tasks, callbacks and charges, live: {url}/")
        screen.note(f"A prompt with {FAILING_MARKER} fails. Other keys: {', '.join(SPECIAL_ACCOUNTS)}.")

    try:
        with contextlib.ExitStack() as couriers:
            for simulator in simulators:
                couriers.enter_context(simulator.courier.working())
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


def _is_address(text: str) -> bool:
    try:
        parts = urlsplit(text)
        return parts.scheme in {"http", "https"} and bool(parts.hostname) and (parts.port or 80) > 0
    except ValueError:
        return False
