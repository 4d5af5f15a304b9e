"""What the tests of the clients send and are answered."""

from __future__ import annotations

from typing import Any, Final

TEXT: Final = "gemini-omni-flash-text-to-video"
ID = "task-unified-1757169743-7cvnl5zw"
LINK = "https://files.example/v.mp4?sig=1"
CREATED = {"id": ID, "status": "pending", "progress": 0, "type": "video", "created": 1_757_169_743, "model": TEXT}
DONE = {**CREATED, "status": "completed", "progress": 100, "results": [LINK]}
REQUEST: dict[str, Any] = {"model": TEXT, "prompt": "a cat", "duration": 6}
