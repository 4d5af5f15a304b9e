"""What the providers post, as the tests of the webhooks send it."""

from __future__ import annotations

import json
from typing import Any

NONCE = "n0nce-" + "a" * 26

JSON = {"Content-Type": "application/json"}

EVOLINK: dict[str, Any] = {
    "created": 1_767_225_600,
    "id": "task-unified-1767225600-abcdefgh",
    "model": "gemini-omni-flash-text-to-video",
    "object": "video.generation.task",
    "progress": 100,
    "results": ["https://files.example.com/v.mp4"],
    "status": "completed",
    "task_info": {"can_cancel": False},
    "type": "video",
}

APIMART: dict[str, Any] = {
    "id": "task_01KA040M0HP1GJWBJYZMKX8XS2",
    "status": "completed",
    "progress": 100,
    "created": 1_767_225_600,
    "completed": 1_767_225_660,
    "cost": 0.3,
    "result": {"videos": [{"url": ["https://files.example.com/v.mp4"], "expires_at": 1_767_312_060}]},
}

BODIES = {"evolink": EVOLINK, "apimart": APIMART}


def encoded(body: Any) -> bytes:
    return json.dumps(body).encode()
