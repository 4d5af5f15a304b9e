"""Not a test: one process among several on one journal. One line of JSON on standard input says what it does.

`submit`: makes one film after the other. `settle`: settles and finishes whatever it finds, until its input ends.
Lines of standard output tell what was done.
"""

from __future__ import annotations

import contextlib
import json
import sys
import threading
import time
from pathlib import Path
from typing import Any

from vidgate import APIMart, EvoLink, errors

CLIENTS: dict[str, Any] = {"evolink": EvoLink, "apimart": APIMart}


class HastyClock:
    """The time of day, but hardly a pause."""

    def now(self) -> float:
        return time.time()

    def sleep(self, seconds: float, /) -> None:
        time.sleep(min(seconds, 0.01))


def tell(*words: object) -> None:
    print(*words, flush=True)  # noqa: T201 - the protocol


def submit(client: Any, order: dict[str, Any]) -> None:
    for number in range(order["films"]):
        task = client.videos.create_from({**order["request"], "prompt": f"{order['name']}-{number}"})
        tell("submitted", task.id)
        task.wait().download(Path(order["folder"]) / f"{task.id}.mp4", overwrite=True)
        tell("saved", task.id)


def settle(client: Any, order: dict[str, Any]) -> None:
    ended = threading.Event()

    def listen() -> None:
        sys.stdin.read()
        ended.set()

    threading.Thread(target=listen, daemon=True).start()
    while True:
        last = ended.is_set()
        for entry in client.pending():
            finish(client, entry, Path(order["folder"]))
        if last:
            return


def finish(client: Any, entry: Any, folder: Path) -> None:
    # Somebody else may be sending it, or finishing it: both are as good.
    with contextlib.suppress(errors.AlreadySubmitted):
        task = client.recover(entry.submit_id, replay=True)
        task.wait().download(folder / f"{task.id}.mp4", overwrite=True)
        tell("saved", task.id)


def main() -> None:
    order = json.loads(sys.stdin.readline())
    with CLIENTS[order["provider"]](
        "sim-key", base_url=order["url"], journal=order["journal"], clock=HastyClock()
    ) as client:
        tell("ready")
        {"submit": submit, "settle": settle}[order["work"]](client, order)


if __name__ == "__main__":
    main()
