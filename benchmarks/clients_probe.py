"""What `clients.py` runs where the SDKs are: a create and a get with each, against answers from within the process.

While working on the client itself, from a checkout and without the SDKs: so many rounds, calls in a round, and whose.

    PYTHONPATH=.:generated python benchmarks/clients_probe.py 15 200 httpx vidgate
"""

from __future__ import annotations

import json
import sys
import time
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

MODEL = "gemini-omni-flash-text-to-video"
BODY = {"model": MODEL, "prompt": "A paper boat drifts across a pond", "duration": 6}
KEY = "sk-0123456789abcdef"
TASK_ID = "task-unified-1756817821-4x3rx6ny"
TASK: dict[str, Any] = {
    "created": 1756817821,
    "id": TASK_ID,
    "model": MODEL,
    "object": "video.generation.task",
    "progress": 0,
    "status": "pending",
    "task_info": {"can_cancel": True, "estimated_time": 120, "video_duration": 6},
    "type": "video",
    "usage": {"billing_rule": "per_second", "credits_reserved": 50, "user_group": "default"},
}
OPENAI: dict[str, Any] = {
    "id": "video_123",
    "object": "video",
    "created_at": 1756817821,
    "status": "queued",
    "model": "sora-2",
    "progress": 0,
    "seconds": "8",
    "size": "720x1280",
}
RUNWAY: dict[str, Any] = {"id": "17f20503-6c24-4c16-946b-35dbbce2af2f", "status": "PENDING", "createdAt": "2025-09-02"}
FAL: dict[str, Any] = {
    "status": "IN_QUEUE",
    "request_id": "764cabcf-b745-4b3e-ae38-1200304cf45b",
    "response_url": "https://queue.example/r",
    "status_url": "https://queue.example/s",
    "cancel_url": "https://queue.example/c",
    "queue_position": 0,
}


def sdk(module: str) -> Any:
    """One that is installed for the benchmark only, so that no type checker knows it."""
    import importlib

    return importlib.import_module(module)


def transport(answer: dict[str, Any]) -> Any:
    """Answers every request with the same JSON, from within the process."""
    import httpx

    content = json.dumps(answer).encode()
    headers = {"content-type": "application/json", "x-request-id": "req-1"}
    return httpx.MockTransport(lambda _: httpx.Response(200, content=content, headers=headers))


def raw() -> Callable[[], object]:
    """What a careful program does without an SDK."""
    import httpx

    client = httpx.Client(transport=transport(TASK), headers={"authorization": f"Bearer {KEY}"})
    base = "https://api.example.com/v1"

    def both() -> object:
        created = client.post(f"{base}/videos/generations", json=BODY, headers={"idempotency-key": "key-1"})
        task = created.raise_for_status().json()
        return client.get(f"{base}/tasks/{task['id']}").raise_for_status().json()

    return both


def ours() -> Callable[[], object]:
    """With everything on that is on by default: the check of the request, the masking of the key."""
    from vidgate import EvoLink

    client = EvoLink(KEY, transport=transport(TASK))
    return lambda: client.tasks.get(client.videos.create_from(BODY).id)


def runway() -> Callable[[], object]:
    import httpx

    client = sdk("runwayml").RunwayML(api_key=KEY, http_client=httpx.Client(transport=transport(RUNWAY)))
    body = {"model": "veo3.1", "prompt_text": BODY["prompt"], "ratio": "1280:720", "duration": 6}
    return lambda: client.tasks.retrieve(client.text_to_video.create(**body).id)


def openai() -> Callable[[], object]:
    import httpx

    client = sdk("openai").OpenAI(api_key=KEY, http_client=httpx.Client(transport=transport(OPENAI)))
    return lambda: client.videos.retrieve(client.videos.create(model="sora-2", prompt=BODY["prompt"]).id)


def fal() -> Callable[[], object]:
    import httpx

    client = sdk("fal_client").SyncClient(key=KEY)
    vars(client)["_client"] = httpx.Client(transport=transport(FAL), headers={"authorization": f"Key {KEY}"})
    app = "fal-ai/veo3"
    return lambda: client.status(app, client.submit(app, arguments=BODY).request_id)


CALLS: dict[str, Callable[[], Callable[[], object]]] = {
    "httpx": raw,
    "vidgate": ours,
    "Runway": runway,
    "OpenAI": openai,
    "fal": fal,
}


def measure_calls(rounds: int, calls: int, *, names: tuple[str, ...] = tuple(CALLS)) -> dict[str, list[float]]:
    """The rounds go through all libraries in changing order; an unmeasured one warms all of them."""
    both = {name: CALLS[name]() for name in names}
    found: dict[str, list[float]] = {name: [] for name in names}
    for number in range(rounds + 1):
        for name in list(both) if number % 2 else list(both)[::-1]:
            started = time.process_time()
            for _ in range(calls):
                both[name]()
            if number:
                found[name].append(time.process_time() - started)
    return found


if __name__ == "__main__":
    rounds, calls, *chosen = sys.argv[1:]
    sys.stdout.write(json.dumps(measure_calls(int(rounds), int(calls), names=tuple(chosen) or tuple(CALLS))))
