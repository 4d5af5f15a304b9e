# ruff: noqa: S311, PLR2004 - a seed must give the same site again, and which page has which oddity is all numbers
"""The components of a page about models: requests, accepted tasks, texts' parts and errors, in the shape of real ones.

Names mean several things as often as on the real site: 55 of 78 videos and 33 of 43 images call their request the same,
errors have nine bodies, and a part of a text model's page has up to twelve.
"""

from __future__ import annotations

import random
from typing import TYPE_CHECKING, Final

from benchmarks.words import LOCALES, WORDS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from benchmarks.site_topics import Topic
    from tools.model import JsonObject

FLAGS: Final = ("audio", "watermark", "filter", "loop", "upscale", "enhance", "stream", "grounding")
_CHOICES: Final = {
    "quality": ("480p", "720p", "1080p", "4k"), "aspect_ratio": ("16:9", "9:16", "1:1", "4:3", "21:9", "adaptive"),
    "style": ("natural", "vivid", "anime", "sketch"), "speed": ("fast", "standard", "slow"),
    "format": ("mp4", "webm", "png", "wav"), "camera": ("static", "pan", "tilt", "zoom"),
}  # fmt: skip
PARTS: Final = (
    "AssistantMessage", "AudioPart", "Batch", "CacheControl", "Choice", "Citation", "Content", "ContentBlock", "Delta",
    "Document", "FilePart", "Function", "FunctionCall", "InputItem", "JsonSchema", "Logprobs", "Message",
    "Metadata", "OutputItem", "Part", "Reasoning", "Refusal", "ResponseFormat", "Role", "Schema", "Segment",
    "StopReason", "SystemMessage", "Thinking", "Tool", "ToolCall", "ToolChoice", "UserMessage", "WebSearch",
)  # fmt: skip
"""What the pages of language models call their components; every name means something else on some other page."""

_OWN_PARTS: Final = {"message": 90, "response": 40, "chat": 35}
"""Components that only the first page of a kind has: such pages are the largest."""


class Components:
    """What stands under `components.schemas` of one page in one language, filled as it is referred to.

    Everything but words is drawn from the topic, so that translations agree.
    """

    def __init__(self, seed: int, topic: Topic, locale: str) -> None:
        self.topic, self.locale = topic, locale
        self.source = random.Random(f"{seed} {topic.stem}")
        self.schemas: JsonObject = {}

    def say(self, key: str, **facts: object) -> str:
        return WORDS[self.locale][key].format(**facts)

    def field(self, what: str, kind: str = "string") -> JsonObject:
        return {"type": kind, "description": self.say("field", what=what), "example": 1 if kind != "string" else what}

    def add(self, name: str, schema: JsonObject) -> JsonObject:
        """Define a component; returns the reference to it."""
        self.schemas[name] = schema
        return ref(name)

    def model(self) -> JsonObject:
        first = self.topic.models[0]
        stated: JsonObject = {"type": "string", "description": self.say("model"), "default": first}
        if self.topic.kind != "video" or self.topic.number % 13 != 5 or self.topic.is_overview:
            stated["enum"] = list(self.topic.models)  # six pages of 78 state it in no enum
        return {**stated, "example": first}

    def request_name(self) -> str:
        """What the page calls its request: mostly what its neighbours call theirs."""
        kind, number = self.topic.kind, self.topic.number
        own = (
            (kind == "video" and number % 10 in {2, 5, 8})
            or (kind == "image" and number % 42 % 4 == 2)
            or kind == "audio"
        )
        return f"{pascal(self.topic.stem.rpartition('/')[2]) if own else kind.capitalize()}GenerationRequest"

    def media_request(self) -> JsonObject:
        draw, kind = self.source, self.topic.kind
        most = draw.choice((1000, 2000, 5000))
        properties: JsonObject = {
            "model": self.model(),
            "prompt": {"type": "string", "description": self.say("prompt", most=most), "maxLength": most},
        }
        if kind == "image":
            number = draw.randint(1, 15)
            said = self.say("range", low=1, high=number)
            properties["n"] = {"type": "integer", "description": said, "minimum": 1, "maximum": number, "default": 1}
        else:
            properties["duration"] = self._duration(draw.randint(2, 5), draw.randint(10, 30))
        for name in draw.sample(sorted(_CHOICES), draw.randint(2, 5)):
            properties[name] = self._choice(name, listed=draw.random() > 0.2)
        for name in draw.sample(("image_urls", "video_urls", "audio_urls", "mask_url"), draw.randint(0, 3)):
            properties[name] = self._urls(name, draw.randint(1, 9))
        for name in draw.sample(FLAGS, draw.randint(1, 4)):
            properties[f"use_{name}"] = self.flag(name, on=draw.random() < 0.5)
        inner = {f"{name}_mode": self.flag(name, on=False) for name in draw.sample(FLAGS, draw.randint(1, 3))}
        properties["model_params"] = {"type": "object", "description": self.say("params"), "properties": inner}
        properties["callback_url"] = {"type": "string", "description": self.say("callback"), "format": "uri"}
        request: JsonObject = {"type": "object", "required": ["model", "prompt"], "properties": properties}
        if kind == "video" and self.topic.number == 9 and self.locale in LOCALES[2:4]:  # a translation that disagrees
            properties["duration"] = {**properties["duration"], "type": "number"}
        if kind != "audio" and self.topic.number == 10 and self.locale == LOCALES[3]:
            request["required"] = ["model"]
        return request

    def _duration(self, low: int, high: int) -> JsonObject:
        whole: JsonObject = {"type": "integer", "minimum": low, "maximum": high}
        said = self.say("range", low=low, high=high)
        if self.topic.number % 20 == 7:
            return {"description": said, "oneOf": [whole, {"type": "string", "enum": ["auto"]}], "default": low}
        if self.topic.number % 20 == 11:
            whole = {"type": "number", "minimum": low, "maximum": high}
        elif self.topic.number % 20 == 13:  # only the text says it
            whole = {"type": "integer"}
        return {**whole, "description": said, "default": low, "example": low}

    def _choice(self, name: str, *, listed: bool) -> JsonObject:
        values = list(_CHOICES[name][: self.source.randint(2, len(_CHOICES[name]))])
        rows = "\n".join(f"- `{value}`: {self.say('field', what=value)}" for value in values)
        schema: JsonObject = {
            "type": "string", "description": self.say("options", what=name, first=values[0], rows=rows),
        }  # fmt: skip
        return {**schema, **({"enum": values} if listed else {}), "default": values[0], "example": values[-1]}

    def _urls(self, name: str, most: int) -> JsonObject:
        link = {"type": "string", "format": "uri"}
        if name == "mask_url" and self.source.random() < 0.5:
            return {**link, "description": self.say("field", what=name)}
        return {"type": "array", "description": self.say("urls", most=most), "items": link, "maxItems": most}

    def flag(self, what: str, *, on: bool) -> JsonObject:
        first = "true" if on else "false"
        return {"type": "boolean", "description": self.say("flag", what=what, first=first), "default": on}

    def accepted(self) -> JsonObject:
        """What a page shows of an accepted task: less on some pages, another usage on others."""
        kind, number = self.topic.kind, self.topic.number
        states = ["pending", "processing", "completed", "failed"]
        if kind == "video" and number % 12 == 1:
            states.append("cancelled")
        properties: JsonObject = {
            "created": {**self.field("created", "integer"), "example": 1756817821},
            "id": {**self.field("id"), "example": "task-unified-1756817821-4x3rx6ny"},
            "model": {**self.field("model"), "example": self.topic.models[0]},
            "object": {"type": "string", "enum": [f"{kind}.generation.task"], "description": self.say("model")},
            "progress": {**self.field("progress", "integer"), "minimum": 0, "maximum": 100, "example": 0},
            "status": {"type": "string", "description": self.say("field", what="status"), "enum": states},
            "type": {"type": "string", "enum": [kind], "description": self.say("field", what="type")},
        }
        if kind != "video" or number % 11 != 4:  # seven pages of 78 show less
            properties["task_info"] = self._task_info()
            properties["usage"] = self._usage()
        return {"type": "object", "properties": properties}

    def _task_info(self) -> JsonObject:
        kind, number = self.topic.kind, self.topic.number
        info: JsonObject = {
            "can_cancel": {"type": "boolean", "description": self.say("field", what="can_cancel")},
            "estimated_time": {**self.field("estimated_time", "integer"), "minimum": 0, "example": 45},
        }
        if kind == "video" and number % 3 == 0:
            info["video_duration"] = self.field("video_duration", "integer")
        if kind == "video" and number % 15 == 8:
            info["can_cancel"] = {**info["can_cancel"], "enum": [False]}
        if kind == "audio" and number == 1:
            info["audio_duration"] = self.field("audio_duration", "number")
        name = "TaskInfo" if kind == "image" else f"{kind.capitalize()}TaskInfo"
        return self.add(name, {"type": "object", "properties": info})

    def _usage(self) -> JsonObject:
        """`VideoUsage` on two thirds of the videos' pages, `Usage` on the others, in several bodies."""
        kind, number = self.topic.kind, self.topic.number
        rules = ["per_call", "per_token", "per_second"]
        body: JsonObject = {
            "billing_rule": {"type": "string", "enum": rules, "description": self.say("field", what="billing_rule")},
            "credits_reserved": {**self.field("credits_reserved", "number"), "minimum": 0, "example": 50},
        }
        if kind == "video" and number % 7 not in {0, 3}:
            if number % 7 == 1:
                body["user_group"] = {**self.field("user_group"), "example": "default"}
            return self.add("VideoUsage", {"type": "object", "properties": body})
        for member, every in (("user_group", 2), ("discount", 3), ("free_credits", 5)):
            if number % every == 0:
                body[member] = self.field(member, "string" if member == "user_group" else "number")
        return self.add("Usage", {"type": "object", "properties": body})

    def error(self) -> JsonObject:
        """One of nine shapes: numbers or names as codes, with and without further members, or in an outer object."""
        kind, number = self.topic.kind, self.topic.number
        inner: JsonObject = {"message": self.field("message"), "type": self.field("type")}
        if kind == "message" and number < 5:
            outer = {"type": {"type": "string", "enum": ["error"]}, "request_id": self.field("request_id")}
            return {"type": "object", "properties": {**outer, "error": {"type": "object", "properties": inner}}}
        as_number = self.topic.is_media and number % 5 == 4
        inner = {
            "code": {"type": "integer" if as_number else "string", "description": self.say("field", what="code")},
            **inner,
        }
        for member, every in (("param", 3), ("fallback_suggestion", 4)):
            if number % every == 0:
                inner[member] = self.field(member)
        return {"type": "object", "properties": {"error": {"type": "object", "properties": inner}}}

    def text_request(self) -> JsonObject:
        draw, kind = self.source, self.topic.kind
        turns: JsonObject = {"type": "array", "description": self.say("params"), "items": self.part("Message")}
        properties: JsonObject = {"model": self.model(), "messages": turns}
        for name in draw.sample(PARTS, 14):
            properties[name.lower()] = self.part(name)
        for name in draw.sample(FLAGS, 4):
            properties[name] = self.flag(name, on=False)
        if self.topic.number == 0 and kind in _OWN_PARTS:
            properties["extensions"] = self._own_parts(_OWN_PARTS[kind])
        return {"type": "object", "required": ["model", "messages"], "properties": properties}

    def text_reply(self) -> JsonObject:
        counts: JsonObject = {name: self.field(name, "integer") for name in ("input_tokens", "output_tokens")}
        for member, every in (("cached_tokens", 2), ("reasoning_tokens", 3)):
            if self.topic.number % every == 0:
                counts[member] = self.field(member, "integer")
        usage = self.add("Usage", {"type": "object", "properties": counts})
        return {"type": "object", "properties": {"id": self.field("id"), "model": self.field("model"), "usage": usage}}

    def part(self, name: str) -> JsonObject:
        """A reference to a component, made where the page has none of that name yet, in one of a few bodies."""
        if name not in self.schemas:
            place = PARTS.index(name)
            draw = random.Random(f"{name} {(self.topic.number + len(self.topic.kind)) % (2 + place % 11)}")
            self.schemas[name] = {}
            made: JsonObject = {"id": self.field(name), "kind": {"type": "string", "enum": [name.lower()]}}
            for what in draw.sample(FLAGS, draw.randint(1, 4)):
                made[what] = self.field(what, draw.choice(("string", "integer", "number")))
            if draw.random() < 0.7:
                made["inner"] = (
                    self._union(draw.sample(PARTS, 2)) if draw.random() < 0.4 else self.part(draw.choice(PARTS))
                )
            self.schemas[name] = {"type": "object", "properties": made}
        return ref(name)

    def _union(self, names: list[str]) -> JsonObject:
        """A union whose mapping the exporter has turned into objects."""
        branches = [self.part(name) for name in names]
        mapping = {name.lower(): branch for name, branch in zip(names, branches, strict=True)}
        return {"oneOf": branches, "discriminator": {"propertyName": "kind", "mapping": mapping}}

    def _own_parts(self, count: int) -> JsonObject:
        """Components under names that no other page has, each with two others inside."""
        prefix = self.topic.kind.capitalize()
        for index in range(count):
            members: JsonObject = {what: self.field(what) for what in self.source.sample(FLAGS, 3)}
            for inner in {2 * index + 1, 2 * index + 2} & set(range(count)):
                members[f"part_{inner}"] = ref(f"{prefix}Extension{inner}")
            self.add(f"{prefix}Extension{index}", {"type": "object", "properties": members})
        return ref(f"{prefix}Extension0")


def pascal(text: str) -> str:
    """Words as one name: `aurora-0.1-video` is `Aurora01Video`."""
    return "".join(word.capitalize() for word in text.replace(".", "-").split("-"))


def ref(name: str) -> JsonObject:
    return {"$ref": f"#/components/schemas/{name}"}


def media(schema: JsonObject, examples: Mapping[str, JsonObject] | None = None, *, kind: str = "json") -> JsonObject:
    """The content of a body or an answer."""
    name = {"json": "application/json", "form": "multipart/form-data"}[kind]
    return {name: {"schema": schema, **({"examples": examples} if examples else {})}}
