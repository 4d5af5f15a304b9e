"""The client of the subject's provider, proved: each part looks once and serves its requirements. Sends nothing."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING

import httpx

from vidgate.errors import VidgateWarning

from ..._checks import check
from ..._subject import load
from ...observe import Exchange
from ._rules import PARTS, RULES
from ._space import THOROUGH, USUAL

if TYPE_CHECKING:
    from ..._run import Run
    from ._findings import Finding
    from ._rules import Part

ROLE = "client"


def names(part: Part) -> tuple[str, ...]:
    """The requirements that a part serves, without their provider."""
    return tuple(f"CLIENT-{rule}" for rule in RULES[part])


@check(*names("requests"))
def check_what_goes_out(run: Run) -> None:
    """What goes out is what was asked for."""
    _look(run, "requests")


@check(*names("responses"))
def check_what_comes_in(run: Run) -> None:
    """What comes in is kept without loss."""
    _look(run, "responses")


@check(*names("faults"))
def check_what_the_wire_does(run: Run) -> None:
    """Faults of the wire become typed errors."""
    _look(run, "faults")


@check(*names("journeys"))
def check_the_way_to_the_file(run: Run) -> None:
    """Waiting and downloading end as they should."""
    _look(run, "journeys")


def _look(run: Run, part: Part) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", VidgateWarning)  # advice is no error
        findings = PARTS[part](load(run.provider), run.seed, THOROUGH if run.thorough else USUAL)
    for rule in RULES[part]:
        name = f"CLIENT-{rule}"
        run.saw(name, findings.cases[rule])
        kept = findings.kept.get(rule, [])
        for finding in kept:
            run.broken(name, finding.message, *_recorded(run, name, finding))
        if more := findings.numbers[rule] - len(kept):
            run.broken(name, f"… and {more} more of the same requirement")


def _recorded(run: Run, name: str, finding: Finding) -> tuple[Exchange, ...]:
    """The exchange of a finding among those of the run; it belongs to no operation of the server's."""
    request = finding.request
    if request is None:
        return ()
    response = finding.response
    now = run.clock.now()
    exchange = Exchange(
        number=len(run.exchanges) + 1,
        role=ROLE,
        method=request.method,
        url=str(request.url),
        request_headers=_headers(request.headers),
        request_body=request.content,
        status=response.status_code if response else 0,
        headers=_headers(response.headers) if response else (),
        body=_body(response),
        started=now,
        ended=now,
        fault="" if response else "reset",
        purpose=name,
    )
    run.exchanges.append(exchange)
    return (exchange,)


def _headers(headers: httpx.Headers) -> tuple[tuple[str, str], ...]:
    pairs = ((name.decode("latin-1").lower(), value.decode("latin-1")) for name, value in headers.raw)
    return tuple((name, "Bearer [key]" if name == "authorization" else value) for name, value in pairs)


def _body(response: httpx.Response | None) -> bytes:
    if response is None or not response.is_closed:
        return b""
    try:
        return response.content
    except (httpx.HTTPError, httpx.StreamError):  # a body that cannot be decoded is what the finding is about
        return b""
