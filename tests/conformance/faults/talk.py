"""One request and its answer, as faults see and change them."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tests.conformance.gateway.studio import Job, Studio

ALICE = "Bearer gw-alice"
TASKS = "/v1/tasks/"
ABSENT = object()


@dataclass(slots=True)
class Talk:
    """One request and its answer, on their way through the fault."""

    studio: Studio
    memory: dict[str, Any]
    method: str
    path: str
    headers: dict[str, str]
    raw: bytes
    status: int = 0
    answered: dict[str, str] = field(default_factory=dict)
    content: bytes = b""

    @property
    def body(self) -> dict[str, Any]:
        """The request, an empty object where it is none."""
        return object_of(self.raw)

    @property
    def creating(self) -> bool:
        return self.method == "POST" and self.path == "/v1/videos/generations"

    @property
    def reading(self) -> bool:
        return self.method == "GET" and self.path.startswith(TASKS)

    @property
    def job(self) -> Job | None:
        """The task or the film that is asked for."""
        return self.studio.jobs.get(self.path.rpartition("/")[2].removesuffix(".mp4"))

    @property
    def ended(self) -> bool:
        return self.job is not None and self.studio.now() >= self.job.end

    @property
    def nth(self) -> int:
        """How often this was asked before."""
        before = int(self.memory.get(self.path, 0))
        self.memory[self.path] = before + 1
        return before

    def send(self, **members: Any) -> None:
        """Send other members than the client did."""
        kept = {name: value for name, value in {**self.body, **members}.items() if value is not ABSENT}
        self.raw = json.dumps(kept).encode()

    def reply(self, value: Any, status: int = 200) -> None:
        """Answer this."""
        self.status, self.content = status, json.dumps(value, ensure_ascii=False).encode()
        self.answered = {"content-type": "application/json"}


def object_of(raw: bytes) -> dict[str, Any]:
    try:
        found = json.loads(raw)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}
