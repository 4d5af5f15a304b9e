"""Where faults of one category are written down, one line each."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tests.conformance.faults.courier import Courier
from tests.conformance.faults.crooked import Fault
from tests.conformance.faults.talk import ABSENT, ALICE, Talk, object_of

if TYPE_CHECKING:
    from conformance._settings import ProviderName

Edit = Callable[[dict[str, Any], Talk], object]


@dataclass(frozen=True, slots=True)
class Sheet:
    """Where faults of one category are written down."""

    provider: ProviderName
    category: str
    found: list[Fault]

    def fault(self, name: str, source: str, **ways: Any) -> None:
        self.found.append(Fault(provider=self.provider, category=self.category, name=name, source=source, **ways))

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
        self._answer(name, source, lambda talk: talk.status == status and bool(object_of(talk.content)), edit)

    def _answer(self, name: str, source: str, where: Callable[[Talk], bool], edit: Edit) -> None:
        def after(talk: Talk) -> None:
            if where(talk):
                body = object_of(talk.content)
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
