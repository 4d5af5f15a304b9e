"""Reads a subject file (TOML). Whatever is wrong with it is told at once, each with its place and what to do."""

from __future__ import annotations

import difflib
import ipaddress
import math
import tomllib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, cast, get_args
from urllib.parse import urlsplit

from .._settings import PROFILES, ProviderName
from .._verdict import SubjectError
from ._model import ROLES, Budget, Callbacks, Ledger, Subject, Tasks

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping
    from pathlib import Path

    from .._json import JsonObject

TABLES = ("tokens", "tasks", "callbacks", "ledger", "budget", "known_failing")
TOP = ("provider", "base_url", "profile", *TABLES)
LONGEST = 2**20
KINDS: tuple[tuple[type | tuple[type, ...], str], ...] = (
    (bool, "true or false"),
    (str, "text"),
    ((int, float), "a number"),
    (list, "a list"),
    (dict, "a table"),
)
NO_MORE = "or take it out"


class SubjectFileError(SubjectError):
    """A subject file with mistakes; `problems` names each."""

    def __init__(self, place: str, problems: list[str]) -> None:
        self.problems = tuple(problems)
        shown = "".join(f"\n  - {problem}" for problem in problems)
        super().__init__(f"{place} is no subject file yet:{shown}")


def read_subject(path: Path, known: Callable[[ProviderName], Collection[str]]) -> Subject:
    """Read and check a file; `known` gives the ids of a provider's requirements. Raises SubjectFileError."""
    place = path.name
    try:
        raw = path.read_bytes()
    except OSError as error:
        raise SubjectFileError(place, [f"it cannot be read ({error.strerror}): correct the path {path}"]) from None
    if len(raw) > LONGEST:
        raise SubjectFileError(place, [f"it has {len(raw)} bytes: a subject file has a few hundred"])
    try:
        document: JsonObject = tomllib.loads(raw.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        raise SubjectFileError(place, [f"byte {error.start} is no UTF-8: save it as UTF-8"]) from None
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise SubjectFileError(place, [f"it is no TOML: {error}. Give each key a line of its own"]) from None
    reader = _Reader(document)
    subject = reader.subject(place, known)
    if subject is None or reader.problems:
        raise SubjectFileError(place, reader.problems)
    return subject


@dataclass(slots=True)
class _Reader:
    document: JsonObject
    problems: list[str] = field(default_factory=list[str])

    def subject(self, place: str, known: Callable[[ProviderName], Collection[str]]) -> Subject | None:
        self._unknown("", self.document, TOP)
        provider = self._choice("provider", get_args(ProviderName))
        profile = self._choice("profile", PROFILES)
        base_url = ""
        if profile == "mock":
            self._mock_only()
        else:
            base_url = self._address("", "base_url", self.document, required=True, to="the address before /v1/…")
        tokens = self._tokens(mock=profile == "mock")
        budget = self._budget(live=profile == "live")
        if profile == "live" and base_url.startswith("http://") and not is_local(base_url):
            self.problems.append("base_url: a live run sends a real key: use https")
        subject = {
            "tasks": self._tasks(),
            "callbacks": self._callbacks(),
            "ledger": self._ledger(),
            "budget": budget,
        }
        known_failing = self._known_failing(known(cast("ProviderName", provider)) if provider else ())
        if self.problems:
            return None
        return Subject(
            provider=cast("ProviderName", provider),
            base_url=base_url,
            profile=cast("Any", profile),
            name=place,
            tokens=tokens,
            known_failing=known_failing,
            **cast("Any", subject),
        )

    def _mock_only(self) -> None:
        for name in ("base_url", "tokens", "tasks", "callbacks", "ledger", "budget"):
            if name in self.document:
                self.problems.append(
                    f'{name}: profile "mock" judges the built-in simulator in process, which brings its own: '
                    'take it out, or take profile "simulator"'
                )

    def _tokens(self, *, mock: bool) -> Mapping[str, str]:
        table = self._table("tokens")
        self._unknown("[tokens] ", table, ROLES)
        found: dict[str, str] = {}
        for role in ROLES:
            if role not in table:
                continue
            value: Any = table[role]
            if not isinstance(value, str) or not value.strip():
                self.problems.append(f"[tokens] {role}: give the key as text, {NO_MORE} to skip what needs it")
            elif not value.isascii() or not value.isprintable() or value != value.strip() or " " in value:
                self.problems.append(f"[tokens] {role}: a key is printable ASCII without blanks: copy it again")
            elif value in found.values():
                other = next(name for name, token in found.items() if token == value)
                self.problems.append(f"[tokens] {role}: the same key as {other}: give another account's, {NO_MORE}")
            else:
                found[role] = value
        if "valid" not in table and not mock:
            self.problems.append('[tokens] valid: missing; add valid = "…" with a key that the server takes')
        return found

    def _tasks(self) -> Tasks:
        table = self._table("tasks")
        self._unknown("[tasks] ", table, ("seconds", "fail_prompt"))
        seconds = self._number("[tasks] ", "seconds", table, 60.0, least=0.0, most=3600.0, unit="seconds a task takes")
        marker = self._text("[tasks] ", "fail_prompt", table, "a text that makes a task fail when its prompt has it")
        return Tasks(seconds=seconds, fail_prompt=marker)

    def _callbacks(self) -> Callbacks | None:
        if "callbacks" not in self.document:
            return None
        table = self._table("callbacks")
        place = "[callbacks] "
        self._unknown(place, table, ("public_url", "listen", "time_scale"))
        public = self._address(place, "public_url", table, required=True, to="what is sent as callback_url")
        listen = self._text(place, "listen", table, '"127.0.0.1:9911", where the callbacks are delivered') or ""
        if "listen" not in table:
            self.problems.append(
                f'{place}listen: missing; add listen = "127.0.0.1:9911", where callbacks are delivered'
            )
        elif listen and not _is_listening_address(listen):
            self.problems.append(f'{place}listen: {listen!r} is no host:port; write it like "127.0.0.1:9911"')
        scale = self._number(place, "time_scale", table, 1.0, least=0.0, most=10.0, unit="documented seconds × this")
        return Callbacks(public_url=public, listen=listen, time_scale=scale)

    def _ledger(self) -> Ledger | None:
        if "ledger" not in self.document:
            return None
        table = self._table("ledger")
        self._unknown("[ledger] ", table, ("url", "reset"))
        url = self._address("[ledger] ", "url", table, required=True, to="where GET lists the charges")
        reset = self._address("[ledger] ", "reset", table, required=False, to="where POST forgets the charges")
        return Ledger(url=url, reset=reset or None)

    def _budget(self, *, live: bool) -> Budget | None:
        if "budget" not in self.document:
            if live:
                self.problems.append(
                    "[budget]: missing; a live run costs money: add max_paid_requests = 3 and max_credits = 500"
                )
            return None
        table = self._table("budget")
        self._unknown("[budget] ", table, ("max_paid_requests", "max_credits"))
        for name in ("max_paid_requests", "max_credits"):
            if name not in table:
                self.problems.append(f"[budget] {name}: missing; both limits must be said")
        requests: Any = table.get("max_paid_requests", 1)
        if not isinstance(requests, int) or isinstance(requests, bool) or requests < 1:
            self.problems.append("[budget] max_paid_requests: give a whole number, 1 or more")
            requests = 1
        credit = self._number("[budget] ", "max_credits", table, 1.0, least=0.0, most=1e9, unit="credits at most")
        return Budget(max_paid_requests=requests, max_credits=credit)

    def _known_failing(self, known: Collection[str]) -> Mapping[str, str]:
        table = self._table("known_failing")
        found: dict[str, str] = {}
        for identity, reason in table.items():
            if identity not in known:
                near = difflib.get_close_matches(identity, known, n=1)
                tip = f"did you mean {near[0]}?" if near else "take it out"
                self.problems.append(f"[known_failing] {identity}: there is no such requirement; {tip}")
            if not isinstance(reason, str) or not reason.strip():
                self.problems.append(f"[known_failing] {identity}: give the reason as text")
            else:
                found[identity] = reason
        return found

    def _table(self, name: str) -> JsonObject:
        value: Any = self.document.get(name, {})
        if isinstance(value, dict):
            return cast("JsonObject", value)
        self.problems.append(f"{name}: is {_kind(value)}; write a line [{name}] and its keys below it")
        return {}

    def _unknown(self, place: str, table: JsonObject, known: tuple[str, ...]) -> None:
        for name in table:
            if name not in known:
                near = difflib.get_close_matches(name, known, n=1)
                tip = f"did you mean {near[0]}?" if near else f"known are {', '.join(known)}"
                self.problems.append(f"{place}{name}: unknown; {tip}")

    def _choice(self, name: str, allowed: tuple[str, ...]) -> str | None:
        value: Any = self.document.get(name)
        if value in allowed and isinstance(value, str):
            return value
        told = "missing" if value is None else f"{value!r} is unknown"
        self.problems.append(f"{name}: {told}; choose one of {', '.join(allowed)}")
        return None

    def _text(self, place: str, name: str, table: JsonObject, what: str) -> str | None:
        value: Any = table.get(name)
        if value is None or (isinstance(value, str) and value.strip()):
            return value
        self.problems.append(f"{place}{name}: is {_kind(value)}; give {what}, {NO_MORE}")
        return None

    def _number(
        self, place: str, name: str, table: JsonObject, usual: float, *, least: float, most: float, unit: str
    ) -> float:
        value: Any = table.get(name, usual)
        if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
            self.problems.append(f"{place}{name}: is {_kind(value)}; give a number ({unit})")
        elif not least < value <= most:
            self.problems.append(f"{place}{name}: {value} is out of range; give more than {least:g}, at most {most:g}")
        else:
            return float(value)
        return usual

    def _address(self, place: str, name: str, table: JsonObject, *, required: bool, to: str) -> str:
        value: Any = table.get(name)
        if value is None:
            if required:
                self.problems.append(f'{place}{name}: missing; add {name} = "https://…" ({to})')
            return ""
        problem = "give it as text" if not isinstance(value, str) else _address_problem(value, base=name == "base_url")
        if problem:
            self.problems.append(f"{place}{name}: {problem} ({to})")
            return ""
        return str(value)


def _address_problem(value: str, *, base: bool) -> str:
    """What is wrong with an address; empty: nothing."""
    try:
        parts = urlsplit(value)
        port_is_good = parts.port is None or parts.port > 0
    except ValueError:
        return f"{value!r} is no URL; correct it"
    if parts.scheme not in {"http", "https"} or not parts.hostname or not port_is_good:
        return f'{value!r} is no address; write it like "http://127.0.0.1:9000"'
    if not value.isascii() or not value.isprintable() or " " in value:
        return f"{value!r} has blanks or characters that a URL cannot have; take them out"
    if parts.username is not None or parts.password is not None:
        return "has a name or password in it; put keys into [tokens]"
    if base and (parts.query or parts.fragment):
        return f"has {'?' if parts.query else '#'} in it; give the address alone"
    if base and parts.path.rstrip("/").endswith("/v1"):
        return "ends with /v1, which is part of the operations' paths; take that away"
    return ""


def is_local(url: str) -> bool:
    """Whether an address is on this machine."""
    host = urlsplit(url).hostname or ""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _is_listening_address(value: str) -> bool:
    host, _, port = value.rpartition(":")
    return bool(host) and port.isascii() and port.isdigit() and 0 < int(port) < 2**16


def _kind(value: object) -> str:
    if value == "":
        return "an empty text"
    for kinds, told in KINDS:
        if isinstance(value, kinds):
            return told
    return type(value).__name__
