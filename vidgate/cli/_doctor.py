"""`vidgate doctor`: what is configured here and what is wrong with it. Nothing is sent, and no secret is shown."""

from __future__ import annotations

import importlib.metadata
import importlib.util
import os
import platform
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

import httpx
from rich.table import Table
from rich.text import Text

from vidgate import errors
from vidgate._contract import load
from vidgate._http import open_http
from vidgate._journal.place import default_journal
from vidgate._options import resolve_base_url, resolve_key
from vidgate._outgoing import USER_AGENT
from vidgate._providers import PROVIDERS
from vidgate.cli._problems import FINDINGS, GOOD
from vidgate.cli._screen import Screen, plain

if TYPE_CHECKING:
    from collections.abc import Iterator

    from vidgate._providers import Provider

EXTRAS: Final = {
    "cli": ("rich", "typer"),
    "cluster": ("procrastinate", "psycopg", "sqlalchemy"),
    "otel": ("opentelemetry.trace",),
    "simulator": ("respx", "starlette", "uvicorn"),
    "conformance": ("pytest", "schemathesis"),
}
# httpx reads them; a proxy's address may hold a password.
PROXIES: Final = ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY")
CERTIFICATES: Final = ("SSL_CERT_FILE", "SSL_CERT_DIR")


@dataclass(frozen=True, kw_only=True, slots=True)
class Finding:
    """One line: `fault` says what is wrong, empty when nothing is; `fix` what to do."""

    area: str
    name: str
    value: str
    fault: str = ""
    fix: str = ""


def doctor(screen: Screen, *, version: str, as_json: bool) -> int:
    """Show what is configured; 1 when something is wrong."""
    found = [*_program(version), *_providers(), *_journal(), *_network()]
    if as_json:
        screen.json(
            [
                {"area": one.area, "name": one.name, "value": one.value, "fault": one.fault, "fix": one.fix}
                for one in found
            ]
        )
    else:
        screen.show(_table(found))
    return FINDINGS if any(one.fault for one in found) else GOOD


def _table(found: list[Finding]) -> Table:
    grid = Table.grid(padding=(0, 2, 0, 0))
    grid.add_column(no_wrap=True)
    grid.add_column(no_wrap=True, style="dim")
    grid.add_column(overflow="fold")
    area = ""
    for one in found:
        text = Text(plain(one.value))
        if one.fault:
            text = Text.assemble((plain(one.fault), "red"), f"\n{plain(one.fix)}" if one.fix else "")
        grid.add_row("" if one.area == area else one.area, one.name, text)
        area = one.area
    return grid


def _program(version: str) -> Iterator[Finding]:
    yield Finding(area="vidgate", name="version", value=version)
    yield Finding(area="vidgate", name="Python", value=f"{platform.python_version()} on {platform.system()}")
    for extra, modules in EXTRAS.items():
        missing = [module for module in modules if not _is_there(module)]
        value = "installed" if not missing else f'not installed; pip install "vidgate[{extra}]" adds it'
        yield Finding(area="vidgate", name=f"extra {extra}", value=value)
    yield Finding(area="vidgate", name="httpx", value=importlib.metadata.version("httpx"))
    yield Finding(area="vidgate", name="User-Agent", value=USER_AGENT)
    yield Finding(area="vidgate", name="spans", value=_spans())


def _is_there(module: str) -> bool:
    """Whether a module can be imported; `opentelemetry` itself is shared by many packages and says nothing."""
    try:
        return importlib.util.find_spec(module) is not None
    except ModuleNotFoundError:  # of the package it would be in
        return False


def _spans() -> str:
    """What `hooks=[OpenTelemetryHook()]` would do here."""
    if not _is_there("opentelemetry.trace"):
        return 'none; pip install "vidgate[otel]" adds them'
    version = importlib.metadata.version("opentelemetry-api")
    if not _is_there("opentelemetry.sdk.trace"):
        return f"go nowhere: OpenTelemetry {version} is here without an SDK"
    return f"possible: OpenTelemetry {version}, with an SDK"


def _providers() -> Iterator[Finding]:
    for row in PROVIDERS.values():
        yield _key(row)
        yield _address(row)
        yield Finding(area=row.title, name="models", value=str(len(load(row.package).variants)))


def _key(row: Provider) -> Finding:
    name = row.key_variable
    if not os.environ.get(name):
        return Finding(area=row.title, name=name, value=f"not set; keys are made at {row.dashboard}")
    try:
        resolve_key(None, row)
    except errors.ConfigurationError as error:
        return Finding(area=row.title, name=name, value="set", fault=error.message, fix=error.hint)
    return Finding(area=row.title, name=name, value="set")


def _address(row: Provider) -> Finding:
    name = row.base_url_variable
    try:
        named = resolve_base_url(None, row)
    except errors.ConfigurationError as error:
        return Finding(area=row.title, name="address", value="", fault=error.message, fix=error.hint)
    value = f"{named} ({name})" if named else f"{load(row.package).server()} (the documented one)"
    return Finding(area=row.title, name="address", value=value)


def _journal() -> Iterator[Finding]:
    try:
        journal = default_journal()
    except errors.ConfigurationError as error:
        yield Finding(area="journal", name="place", value="", fault=error.message, fix=error.hint)
        return
    if journal is None:
        yield Finding(area="journal", name="place", value="none: VIDGATE_JOURNAL says so")
        return
    yield Finding(area="journal", name="place", value=journal.place)
    if not journal.is_there:
        yield Finding(area="journal", name="submissions", value="none yet; the first paid request makes the file")
        return
    from vidgate._clock import SystemClock

    try:
        entries = journal.entries()
    except errors.JournalError as error:
        yield Finding(area="journal", name="submissions", value="", fault=error.message, fix=error.hint)
        return
    finally:
        journal.close()
    now = SystemClock().now()
    pending = sum(entry.is_pending(now) for entry in entries)
    more = "; `vidgate ls --pending` lists the latter" if pending else ""
    yield Finding(area="journal", name="submissions", value=f"{len(entries)}, of which {pending} pending{more}")


def _network() -> list[Finding]:
    """What httpx takes from the environment, and whether it can."""
    found = list(_surroundings())
    if not any(one.fault for one in found):
        try:
            open_http(httpx.Client, None, None, None).http.close()
        except errors.ConfigurationError as error:
            found.append(Finding(area="network", name="httpx", value="", fault=error.message, fix=error.hint))
    return found


def _surroundings() -> Iterator[Finding]:
    if not any(os.environ.get(variable) for name in PROXIES for variable in (name, name.lower())):
        yield Finding(area="network", name="proxy", value="none; HTTPS_PROXY names one")
    if not any(os.environ.get(variable) for variable in CERTIFICATES):
        yield Finding(area="network", name="certificates", value="certifi's; SSL_CERT_FILE names others")
    for name in PROXIES:
        for variable in (name, name.lower()):
            if value := os.environ.get(variable):
                yield Finding(area="network", name=variable, value=_without_password(value))
    for variable in CERTIFICATES:
        if value := os.environ.get(variable):
            there = os.path.exists(value)  # noqa: PTH110 - either a file or a folder
            yield Finding(
                area="network",
                name=variable,
                value=value,
                fault="" if there else f"{value} does not exist",
                fix="" if there else f"Correct or unset {variable}.",
            )


def _without_password(address: str) -> str:
    """A proxy's address, without whoever logs in there."""
    try:
        parts = urlsplit(address if "//" in address else f"//{address}")
    except ValueError:
        return "(set, but no address)"
    if parts.username is None and parts.password is None:
        return address
    return parts._replace(netloc=f"…@{parts.netloc.rpartition('@')[2]}").geturl()
