"""How callbacks are sent, the pages' way or another."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tests.conformance.gateway.studio import Job, Studio

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping


@dataclass(frozen=True, kw_only=True, slots=True)
class Courier:
    """How callbacks are sent: the pages' way."""

    pauses: tuple[float, ...] = (1, 2, 4)
    patience: float = 10
    fine: Callable[[int], bool] = lambda status: 200 <= status < 300
    after: float = 0
    sends: Callable[[Job], bool] = lambda job: True
    times: int = 1
    method: str = "POST"
    kind: str = "application/json"
    edit: Callable[[dict[str, Any]], Any] = lambda body: body
    to: Callable[[str], str] = lambda url: url


HONEST = Courier()


@dataclass(slots=True)
class Messenger(Studio):
    """A studio whose callbacks go a courier's way."""

    courier: Courier = HONEST
    deliver: Callable[[str, bytes, Mapping[str, str], str], int] = lambda url, body, headers, method: 200

    def accept(self, job: Job, callback: str) -> None:
        """The time that the courier takes is a manner of his."""
        end = job.start - self.manner.lag if self.courier.after < 0 else job.end + self.courier.after
        with self.lock:
            self.jobs[job.id] = job
            if callback and self.courier.sends(job):
                self.due.append((end, next(self.numbers), job))
                self.due.sort()

    def send(self, job: Job) -> None:
        assert self.show is not None
        started, courier = self.now(), self.courier
        content = json.dumps(courier.edit(self.show(job)), ensure_ascii=False).encode()
        statuses = [
            self.deliver(courier.to(job.ask.callback_url), content, {"content-type": courier.kind}, courier.method)
            for _ in range(courier.times)
        ]
        if courier.fine(statuses[-1]) and self.now() - started <= courier.patience:
            return
        if job.tries < len(courier.pauses):
            self.due.append((self.now() + courier.pauses[job.tries], next(self.numbers), job))
            self.due.sort()
            job.tries += 1
