"""Faults of a gateway of EvoLink that takes what it should refuse, or refuses what it should take."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.conformance.faults.manners import failing_json, many, number, open_reading, pictures, starts, text
from tests.conformance.faults.sheet import Sheet
from tests.conformance.faults.talk import ABSENT, ALICE
from tests.conformance.gateway import apps

if TYPE_CHECKING:
    from tests.conformance.faults.crooked import Fault

FAULTS: list[Fault] = []

# EvoLink: authentication and requests.
sheet = Sheet("evolink", "request", FAULTS)
sheet.key("no key is served", "T:345", lambda key: not key)
sheet.key("an unknown key is served", "T:96", lambda key: key.startswith("Bearer ") and key[7:] not in apps.KEYS)
sheet.key("Basic instead of Bearer", "T:342", lambda key: key.startswith("Basic "))
sheet.key("a key that starts like a good one", "T:96", lambda key: key.startswith(ALICE))
sheet.key("keys in any case", "T:96", lambda key: key.lower() == ALICE.lower())
sheet.key("an empty Bearer", "T:359", lambda key: key.strip() == "Bearer")
sheet.fault("tasks are read without a key", "T:345, ST 401", before=open_reading)
sheet.fault(
    "403 for a wrong key",
    "T:88",
    after=lambda talk: setattr(talk, "status", 403 if talk.status == 401 else talk.status),
)
sheet.key("a key without access to the model", "T:110", lambda key: key == "Bearer gw-nomodel")
sheet.key("an account without credits", "T:99", lambda key: key == "Bearer gw-poor")
sheet.takes("duration 11", "T:184", "duration", lambda value: number(value) and value == 11, 10)
sheet.takes("duration 2", "T:183", "duration", lambda value: number(value) and value == 2, 3)
sheet.takes("duration rounded", "T:182", "duration", lambda value: isinstance(value, float) and 3 <= value <= 10, int)
sheet.takes("duration as text", "T:182", "duration", lambda value: text(value) and value.isdigit(), 6)
sheet.takes("duration any word", "T:186", "duration", lambda value: text(value) and not value.isdigit(), "auto")
sheet.takes("duration true", "T:182", "duration", lambda value: value is True, 3)
sheet.refuses("duration auto refused", "T:187", lambda body: body.get("duration") == "auto")
sheet.refuses("duration 3 refused", "T:183", lambda body: body.get("duration") == 3)
sheet.refuses("duration 10 refused", "T:184", lambda body: body.get("duration") == 10)
sheet.takes("any ratio", "T:199", "aspect_ratio", text, "16:9")
sheet.refuses("ratio auto refused", "T:202", lambda body: body.get("aspect_ratio") == "auto")
sheet.takes("no prompt", "T:150", "prompt", lambda value: value is ABSENT, "a cat")
sheet.takes("a prompt that is a number", "T:160", "prompt", number, str)
sheet.takes(
    "any model",
    "T:157",
    "model",
    lambda value: text(value) and not value.startswith("gemini-omni-flash-"),
    "gemini-omni-flash-text-to-video",
)
sheet.takes("seven references", "R:178", "image_urls", many(7), lambda value: value[:6])
sheet.refuses("six references refused", "R:178", lambda body: len(pictures(body)) == 6)
sheet.takes("two images for one", "SI maxItems", "image_urls", many(2), lambda value: value[:1])
sheet.takes("no reference in the list", "R:177", "image_urls", many(0), ["https://example.com/a.png"])
sheet.takes("one text for a list", "R:174", "image_urls", text, lambda value: [value])
sheet.refuses("data URLs refused", "R:184", lambda body: any(one.startswith("data:") for one in pictures(body)))
sheet.refuses("plain base64 refused", "R:185", lambda body: any(":" not in one for one in pictures(body)))
sheet.takes(
    "a video by ftp",
    "E:187",
    "video_urls",
    lambda value: isinstance(value, list) and starts("ftp:")(*value[:1] or [""]),
    ["https://example.com/a.mp4"],
)
sheet.takes("two videos", "E:182", "video_urls", many(2), lambda value: value[:1])
sheet.takes("callbacks without TLS", "T:220", "callback_url", starts("http:"), "https://hooks.example.org/in")
sheet.takes("callbacks to 10.x", "T:222", "callback_url", starts("https://10."), "https://hooks.example.org/in")
sheet.takes(
    "callbacks to 192.168.x", "T:222", "callback_url", starts("https://192.168."), "https://hooks.example.org/in"
)
sheet.takes("callbacks to 172.31.x", "T:222", "callback_url", starts("https://172.31."), "https://hooks.example.org/in")
sheet.takes(
    "callbacks to 127.x but .0.0.1",
    "T:222",
    "callback_url",
    lambda value: starts("https://127.")(value) and "127.0.0.1" not in value,
    "https://hooks.example.org/in",
)
sheet.takes(
    "long callbacks",
    "T:225",
    "callback_url",
    lambda value: text(value) and len(value) == 2049,
    lambda value: value[:2048],
)
sheet.refuses("2048 characters refused", "T:225", lambda body: len(body.get("callback_url", "")) == 2048)
sheet.fault("500 for broken JSON", "T:77", after=failing_json)
sheet.refuses("Chinese refused", "R:167", lambda body: any("\u4e00" <= one <= "\u9fff" for one in body["prompt"]))
