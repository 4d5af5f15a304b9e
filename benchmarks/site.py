# ruff: noqa: S311, PLR2004 - a seed must give the same site again, and which page has which oddity is all numbers
"""A documentation site in the shape of the real one: the same pages, byte for byte, for the same seed.

In seven languages: one operation with 78 requests of models, 48 names of components that mean several things,
operationIds used many times, exporter defects (mappings of objects, references to nothing under a random name),
several servers, overview pages that repeat other pages' models, models that no enum states, fields whose type differs
by page, a few translations that disagree, and guides without any operation. All counts grow with the number of pages.
"""

from __future__ import annotations

import random
import uuid
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import yaml

from benchmarks.words import LOCALES, WORDS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tools.model import Json, JsonObject

INDEX: Final = "llms.txt"
HOST: Final = "https://docs.example.com"
BASE_URLS: Final = ("https://api.example.com", "https://direct.example.com", "https://files.example.com")
SOURCES: Final = f"""\
title = "Example"
docs = "{HOST}"
index = "{HOST}/{INDEX}"
locales = [{", ".join(f'"{locale}"' for locale in LOCALES)}]
base_urls = [{", ".join(f'"{url}"' for url in BASE_URLS)}]
"""

_SHARES: Final = {
    "video": 78, "image": 43, "chat": 16, "response": 8, "message": 7, "audio": 5, "content": 3, "guide": 11,
}  # fmt: skip
"""Pages of each kind in each language, of 171."""

_PATHS: Final = {
    "video": "/v1/videos/generations", "image": "/v1/images/generations", "audio": "/v1/audios/generations",
    "chat": "/v1/chat/completions", "response": "/v1/responses", "message": "/v1/messages",
    "content": "/v1beta/models/{model}:generateContent",
}  # fmt: skip
_MEDIA: Final = ("video", "image", "audio")
_FAMILIES: Final = ("aurora", "borealis", "cirrus", "delta", "ember", "fjord", "glacier", "harbor", "iris", "juniper")
_MODES: Final = ("text-to", "image-to", "reference-to", "edit", "first-frame-to", "extend")
_FLAGS: Final = ("audio", "watermark", "filter", "loop", "upscale", "enhance", "stream", "grounding")
_CHOICES: Final = {
    "quality": ("480p", "720p", "1080p", "4k"), "aspect_ratio": ("16:9", "9:16", "1:1", "4:3", "21:9", "adaptive"),
    "style": ("natural", "vivid", "anime", "sketch"), "speed": ("fast", "standard", "slow"),
    "format": ("mp4", "webm", "png", "wav"), "camera": ("static", "pan", "tilt", "zoom"),
}  # fmt: skip
_PARTS: Final = (
    "AssistantMessage", "AudioPart", "Batch", "CacheControl", "Choice", "Citation", "Content", "ContentBlock", "Delta",
    "Document", "FileData", "FilePart", "Function", "FunctionCall", "ImagePart", "InputItem", "JsonSchema", "Logprobs",
    "Message", "Metadata", "OutputItem", "Part", "Reasoning", "Refusal", "ResponseFormat", "Role", "Safety", "Schema",
    "Segment", "StopReason", "SystemMessage", "Thinking", "Tool", "ToolCall", "ToolChoice", "ToolResult", "Usage",
    "UserMessage", "VideoPart", "WebSearch",
)  # fmt: skip
"""What the pages of language models call their components; most names mean something else on other pages."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Topic:
    """One page, in whatever language: `models` are what it documents, `number` counts the pages of its kind."""

    kind: str
    number: int
    models: tuple[str, ...]

    @property
    def stem(self) -> str:
        """Its path without language and suffix."""
        name = self.models[0] if len(self.models) == 1 else f"{self.kind}-{self.number}-overview"
        return f"api-manual/{self.kind}-series/{self.kind}-{self.number // 4}/{name}"

    @property
    def title(self) -> str:
        return self.stem.rpartition("/")[2].replace("-", " ").title()


def site(seed: int, pages: int = 1200) -> dict[str, bytes]:
    """Every page by its path, and the index under `llms.txt`."""
    found: dict[str, bytes] = {}
    topics = list(_topics(pages // len(LOCALES)))
    for locale in LOCALES:
        for topic in topics:
            found[f"{locale}/{topic.stem}.md"] = _Page(seed, topic, locale).content()
    for number in range(pages - len(found)):  # what no one has translated yet
        topic = Topic(kind="guide", number=1000 + number, models=(f"draft-{number}",))
        found[f"{LOCALES[0]}/{topic.stem}.md"] = _Page(seed, topic, LOCALES[0]).content()
    rows = [f"- [{path.rpartition('/')[2].removesuffix('.md')}]({HOST}/{path}): what it is about" for path in found]
    found[INDEX] = "\n".join(["# Example", "", "## Docs", "", *rows, ""]).encode()
    return found


def _topics(count: int) -> Iterator[Topic]:
    """As many topics, in shares as the real site has them; the last kind takes what is left."""
    made = 0
    for kind, share in _SHARES.items():
        number = round(share * count / sum(_SHARES.values())) if kind != "guide" else count - made
        known: list[str] = []
        for index in range(number):
            made += 1
            if kind in _MEDIA and index % 16 == 15:  # an overview repeats its neighbours' models
                yield Topic(kind=kind, number=index, models=tuple(known[-6:]))
                continue
            family, mode = _FAMILIES[index % len(_FAMILIES)], _MODES[index % len(_MODES)]
            known.append(f"{family}-{index}.{index % 7}-{mode}-{kind}")
            yield Topic(kind=kind, number=index, models=(known[-1],))


class _Page:
    """One topic in one language. Everything but words is drawn from the topic, so that translations agree."""

    def __init__(self, seed: int, topic: Topic, locale: str) -> None:
        self.topic, self.locale = topic, locale
        self.source = random.Random(f"{seed} {topic.stem}")
        self.schemas: JsonObject = {}
        # The exporter invents another name on every export: so each language has its own.
        self.nowhere = str(uuid.UUID(int=random.Random(f"{seed} {topic.stem} {locale}").getrandbits(128), version=4))

    def say(self, key: str, **facts: object) -> str:
        return WORDS[self.locale][key].format(**facts)

    def content(self) -> bytes:
        head = "> ## Documentation Index\n> Fetch the complete documentation index at: "
        head += f"{HOST}/{INDEX}\n> Use this file to discover all available pages before exploring further.\n\n"
        about = self.say("about", name=self.topic.models[0], what=self.topic.kind)
        if self.topic.kind == "guide":
            text = "\n\n".join(f"## {n}. {self.say('guide')}\n\n{self.say('callback')}" for n in range(1, 9))
            return f"{head}# {self.topic.title}\n\n> {about}\n\n{text}\n".encode()
        path = _PATHS[self.topic.kind]
        label = f"yaml {self.locale}/{self.topic.stem}.json POST {path}"
        document = yaml.dump(
            self.document(path), Dumper=_Dumper, sort_keys=False, width=80, indent=2, allow_unicode=True
        )
        return f"{head}# {self.topic.title}\n\n> {about}\n\n\n\n## OpenAPI\n\n````{label}\n{document}\n````\n".encode()

    def document(self, path: str) -> JsonObject:
        media = self.topic.kind in _MEDIA
        request = self.media_request() if media else self.text_request()
        prefix = self.topic.kind.capitalize()
        self.schemas[f"{prefix}GenerationRequest"] = request
        reply = f"{prefix}GenerationResponse"
        if media:
            self.schemas[reply] = self.task()
        else:
            self.schemas[reply] = {
                "type": "object",
                "properties": {"id": self.field("id"), "usage": self.part("Usage")},
            }
        self.schemas["ErrorResponse"] = self.error()
        hosts = BASE_URLS[:1] if media else BASE_URLS[1::-1]
        operation: JsonObject = {
            "tags": [self.say("model")],
            "summary": self.topic.title,
            "description": f"{self.say('about', name=self.topic.models[0], what=self.topic.kind)} {self.say('links')}",
            "operationId": f"create{prefix}Generation" if self.topic.number % 3 else f"create{self.topic.number}",
            **({"parameters": [_PATH_MODEL]} if "{model}" in path else {}),
            "requestBody": {"required": True, "content": _json(_ref(f"{prefix}GenerationRequest"), self.samples())},
            "responses": {
                "200": {"description": self.say("200"), "content": _json(_ref(reply))},
                **{status: self.failure(status) for status in ("400", "401", "402", "403", "429", "500")},
            },
        }
        return {
            "openapi": "3.1.0",
            "info": {"title": self.topic.title, "description": self.say("guide"), "version": "1.0.0"},
            "servers": [{"url": url, "description": self.say("200")} for url in hosts],
            "security": [{"bearerAuth": []}],
            "tags": [{"name": self.say("model"), "description": self.say("guide")}],
            "paths": {path: {"post": operation}},
            "components": {
                "schemas": self.schemas,
                "securitySchemes": {
                    "bearerAuth": {"type": "http", "scheme": "bearer", "description": self.say("key")},
                },
            },
        }

    def samples(self) -> JsonObject:
        first = {"model": self.topic.models[0], "prompt": f"A lighthouse in a storm, take {self.topic.number}"}
        return {
            "basic": {"summary": self.say("prompt", most=100), "value": first},
            "more": {"summary": self.say("params"), "value": {**first, "callback_url": f"{BASE_URLS[0]}/done"}},
        }

    def failure(self, status: str) -> JsonObject:
        schema = _ref("ErrorResponse")
        if self.topic.kind == "message" and self.topic.number == 0:
            schema = {"$ref": self.nowhere}
        sample = {"error": {"code": f"error_{status}", "message": f"what {status} means", "type": "api_error"}}
        return {"description": self.say(status), "content": {"application/json": {"schema": schema, "example": sample}}}

    def model(self) -> JsonObject:
        first = self.topic.models[0]
        stated: JsonObject = {"type": "string", "description": self.say("model"), "default": first}
        if self.topic.number % 13 != 5 or len(self.topic.models) > 1:  # some pages state it in no enum
            stated["enum"] = list(self.topic.models)
        return {**stated, "example": first}

    def media_request(self) -> JsonObject:
        draw = self.source
        most = draw.choice((1000, 2000, 5000))
        properties: JsonObject = {
            "model": self.model(),
            "prompt": {"type": "string", "description": self.say("prompt", most=most), "maxLength": most},
            "duration": self.duration(draw.randint(2, 5), draw.randint(10, 30)),
        }
        for name in draw.sample(sorted(_CHOICES), draw.randint(2, 5)):
            properties[name] = self.choice(name, listed=draw.random() > 0.2)
        for name in draw.sample(("image_urls", "video_urls", "audio_urls", "mask_url"), draw.randint(0, 3)):
            properties[name] = self.urls(name, draw.randint(1, 9))
        for name in draw.sample(_FLAGS, draw.randint(1, 4)):
            properties[f"use_{name}"] = self.flag(name, on=draw.random() < 0.5)
        inner = {f"{name}_mode": self.flag(name, on=False) for name in draw.sample(_FLAGS, draw.randint(1, 3))}
        properties["model_params"] = {"type": "object", "description": self.say("params"), "properties": inner}
        properties["callback_url"] = {"type": "string", "description": self.say("callback"), "format": "uri"}
        request: JsonObject = {"type": "object", "required": ["model", "prompt"], "properties": properties}
        if self.topic.number == 9 and self.locale in LOCALES[2:4]:  # a translation that disagrees
            properties["duration"] = {**properties["duration"], "type": "number"}
        if self.topic.number == 10 and self.locale == LOCALES[3]:
            request["required"] = ["model"]
        return request

    def duration(self, low: int, high: int) -> JsonObject:
        whole: JsonObject = {"type": "integer", "minimum": low, "maximum": high}
        said = self.say("range", low=low, high=high)
        if self.topic.number % 20 == 7:
            return {"description": said, "oneOf": [whole, {"type": "string", "enum": ["auto"]}], "default": low}
        if self.topic.number % 20 == 11:
            whole = {"type": "number", "minimum": low, "maximum": high}
        elif self.topic.number % 20 == 13:  # only the text says it
            whole = {"type": "integer"}
        return {**whole, "description": said, "default": low, "example": low}

    def choice(self, name: str, *, listed: bool) -> JsonObject:
        values = list(_CHOICES[name][: self.source.randint(2, len(_CHOICES[name]))])
        rows = "\n".join(f"- `{value}`: {self.say('field', what=value)}" for value in values)
        schema: JsonObject = {
            "type": "string", "description": self.say("options", what=name, first=values[0], rows=rows),
        }  # fmt: skip
        return {**schema, **({"enum": values} if listed else {}), "default": values[0], "example": values[-1]}

    def urls(self, name: str, most: int) -> JsonObject:
        link = {"type": "string", "format": "uri"}
        if name == "mask_url" and self.source.random() < 0.5:
            return {**link, "description": self.say("field", what=name)}
        return {"type": "array", "description": self.say("urls", most=most), "items": link, "maxItems": most}

    def flag(self, what: str, *, on: bool) -> JsonObject:
        first = "true" if on else "false"
        return {"type": "boolean", "description": self.say("flag", what=what, first=first), "default": on}

    def field(self, what: str, kind: str = "string") -> JsonObject:
        return {"type": kind, "description": self.say("field", what=what), "example": 1 if kind != "string" else what}

    def task(self) -> JsonObject:
        """What a page shows of an accepted task: less on some pages, another usage on others."""
        kind, number = self.topic.kind.capitalize(), self.topic.number
        status = ["pending", "processing", "completed", "failed", *(["cancelled"] if number % 8 == 1 else [])]
        properties: JsonObject = {
            "created": self.field("created", "integer"),
            "id": self.field("id"),
            "model": self.field("model"),
            "status": {"type": "string", "description": self.say("field", what="status"), "enum": status},
        }
        if number % 9:
            properties["progress"] = {**self.field("progress", "integer"), "minimum": 0, "maximum": 100}
            info: JsonObject = {"can_cancel": {"type": "boolean"}, "estimated_time": self.field("time", "integer")}
            if number % 3 == 0:
                info[f"{self.topic.kind}_duration"] = self.field("length", "integer")
            self.schemas[f"{kind}TaskInfo"] = {"type": "object", "properties": info}
            properties["task_info"] = _ref(f"{kind}TaskInfo")
            rule = {"type": "string", "enum": ["per_call", "per_token", "per_second"][: 2 + number % 2]}
            self.schemas["Usage"] = {"type": "object", "properties": {"billing_rule": rule}}
            properties["usage"] = _ref("Usage")
        return {"type": "object", "properties": properties}

    def error(self) -> JsonObject:
        """One of nine shapes: numbers or names as codes, with and without further members."""
        number = self.topic.number
        code = {"type": "integer" if number % 5 == 4 else "string", "description": self.say("field", what="code")}
        inner: JsonObject = {"code": code, "message": self.field("message"), "type": self.field("type")}
        for member, every in (("param", 3), ("fallback_suggestion", 4)):
            if number % every == 0:
                inner[member] = self.field(member)
        return {"type": "object", "properties": {"error": {"type": "object", "properties": inner}}}

    def text_request(self) -> JsonObject:
        draw = self.source
        turns: JsonObject = {"type": "array", "description": self.say("params"), "items": self.part("Message")}
        properties: JsonObject = {"model": self.model(), "messages": turns}
        for name in draw.sample(_PARTS, 14):
            properties[name.lower()] = self.part(name)
        for name in draw.sample(_FLAGS, 4):
            properties[name] = self.flag(name, on=False)
        return {"type": "object", "required": ["model", "messages"], "properties": properties}

    def part(self, name: str) -> JsonObject:
        """A reference to a component, made where the page has none of that name yet."""
        if name not in self.schemas:
            draw = self.source
            self.schemas[name] = {}
            made: JsonObject = {"id": self.field(name), "kind": {"type": "string", "enum": [name.lower()]}}
            for what in draw.sample(_FLAGS, draw.randint(1, 4)):
                made[what] = self.field(what, draw.choice(("string", "integer", "number")))
            if len(self.schemas) < 60 and draw.random() < 0.7:
                made["inner"] = (
                    self.union(draw.sample(_PARTS, 2)) if draw.random() < 0.4 else self.part(draw.choice(_PARTS))
                )
            self.schemas[name] = {"type": "object", "properties": made}
        return _ref(name)

    def union(self, names: list[str]) -> JsonObject:
        """A union whose mapping the exporter has turned into objects."""
        branches = [self.part(name) for name in names]
        mapping = {name.lower(): branch for name, branch in zip(names, branches, strict=True)}
        return {"oneOf": branches, "discriminator": {"propertyName": "kind", "mapping": mapping}}


_PATH_MODEL: Final = {"name": "model", "in": "path", "required": True, "schema": {"type": "string"}}


def _ref(name: str) -> JsonObject:
    return {"$ref": f"#/components/schemas/{name}"}


def _json(schema: JsonObject, examples: JsonObject | None = None) -> JsonObject:
    return {"application/json": {"schema": schema, **({"examples": examples} if examples else {})}}


class _Dumper(yaml.CSafeDumper):
    """Writes as the exporter does: long texts folded, several lines literally, no aliases."""

    def ignore_aliases(self, data: Any) -> bool:  # noqa: ARG002 - the same for all data
        return True


def _text(dumper: yaml.CSafeDumper, text: Json) -> yaml.ScalarNode:
    style = "|" if "\n" in text else ">" if len(text) > 60 and " " in text else None
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style=style)


_Dumper.add_representer(str, _text)
