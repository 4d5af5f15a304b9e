# ruff: noqa: S311, T201 - a seed must give the same site again, and a script prints
"""A documentation site in the shape of the real one: the same pages, byte for byte, for the same seed.

In seven languages: fourteen operations on three hosts, one of them with 78 requests of models, 48 names of components
that mean several things, an operationId used 24 times, exporter defects (mappings of objects, references to nothing
under a random name), overview pages that repeat other pages' models, models that no enum states, fields whose type
differs by page, a few translations that disagree, and guides without any operation. All counts of models grow with the
number of pages; `python -m benchmarks.site --pages 1200` prints them.
"""

from __future__ import annotations

import argparse
import json
import random
import re
import sys
import uuid
from collections import Counter
from typing import TYPE_CHECKING, Any, Final

import yaml

from benchmarks.site_schemas import Components, media, ref
from benchmarks.site_single import operation as single_operation
from benchmarks.site_topics import BASE_URLS, PATHS, SINGLE, Topic, topics
from benchmarks.words import LOCALES

if TYPE_CHECKING:
    from tools.model import Json, JsonObject

INDEX: Final = "llms.txt"
HOST: Final = "https://docs.example.com"
SOURCES: Final = f"""\
title = "Example"
docs = "{HOST}"
index = "{HOST}/{INDEX}"
locales = [{", ".join(f'"{locale}"' for locale in LOCALES)}]
base_urls = [{", ".join(f'"{url}"' for url in BASE_URLS)}]
"""

_FAILURES: Final = ("400", "401", "402", "403", "429", "500")
_MORE_FAILURES: Final = (*_FAILURES[:4], "404", "413", "429", "500", "529")
_LONG: Final = 60
"""Characters from which on the exporter folds a text."""

_FENCE: Final = re.compile(rb"^````yaml[^\n]*\n(.*?)\n````$", re.MULTILINE | re.DOTALL)


def site(seed: int, pages: int = 1200) -> dict[str, bytes]:
    """Every page by its path, and the index under `llms.txt`."""
    found: dict[str, bytes] = {}
    known = list(topics(pages // len(LOCALES)))
    for locale in LOCALES:
        for topic in known:
            found[f"{locale}/{topic.stem}.md"] = _content(seed, topic, locale)
    for number in range(pages - len(found)):  # what no one has translated yet
        topic = Topic(kind="guide", number=1000 + number, models=(f"draft-{number}",))
        found[f"{LOCALES[0]}/{topic.stem}.md"] = _content(seed, topic, LOCALES[0])
    rows = [f"- [{path.rpartition('/')[2].removesuffix('.md')}]({HOST}/{path}): what it is about" for path in found]
    found[INDEX] = "\n".join(["# Example", "", "## Docs", "", *rows, ""]).encode()
    return found


def _content(seed: int, topic: Topic, locale: str) -> bytes:
    """One page as the exporter writes it."""
    parts = Components(seed, topic, locale)
    head = "> ## Documentation Index\n> Fetch the complete documentation index at: "
    head += f"{HOST}/{INDEX}\n> Use this file to discover all available pages before exploring further.\n\n"
    about = _about(parts)
    if topic.kind == "guide":
        text = "\n\n".join(f"## {n}. {parts.say('guide')}\n\n{parts.say('callback')}" for n in range(1, 9))
        return f"{head}# {topic.title}\n\n> {about}\n\n{text}\n".encode()
    method, path = PATHS[topic.kind]
    label = f"yaml {locale}/{topic.stem}.json {method.upper()} {path}"
    document = yaml.dump(
        _document(seed, parts), Dumper=_Dumper, sort_keys=False, width=80, indent=2, allow_unicode=True
    )
    return f"{head}# {topic.title}\n\n> {about}\n\n\n\n## OpenAPI\n\n````{label}\n{document}\n````\n".encode()


def _about(parts: Components) -> str:
    topic = parts.topic
    return parts.say("guide") if topic.kind in SINGLE else parts.say("about", name=topic.models[0], what=topic.kind)


def _document(seed: int, parts: Components) -> JsonObject:
    topic = parts.topic
    method, path = PATHS[topic.kind]
    operation: JsonObject = {
        "tags": [parts.say("model")],
        "summary": topic.title,
        "description": _about(parts) if topic.kind in SINGLE else f"{_about(parts)} {parts.say('links')}",
        "operationId": topic.operation_id,
        **(single_operation(parts) if topic.kind in SINGLE else _model_operation(seed, parts, path)),
    }
    # Some pages say of the operation what others say of the whole document.
    inward = topic.kind == "message" and topic.number % 2 == 0
    if inward:
        operation["security"] = [{"bearerAuth": []}]
    return {
        "openapi": "3.1.0",
        "info": {"title": topic.title, "description": parts.say("guide"), "version": "1.0.0"},
        "servers": [{"url": url, "description": parts.say("200")} for url in topic.servers],
        "security": [] if inward else [{"bearerAuth": []}],
        "tags": [{"name": parts.say("model"), "description": parts.say("guide")}],
        "paths": {path: {method: operation}},
        "components": {
            "schemas": parts.schemas,
            "securitySchemes": {"bearerAuth": {"type": "http", "scheme": "bearer", "description": parts.say("key")}},
        },
    }


def _model_operation(seed: int, parts: Components, path: str) -> JsonObject:
    """The operation of a page about models: a request, and a task or a text."""
    topic = parts.topic
    prefix = topic.kind.capitalize()
    request = parts.add(parts.request_name(), parts.media_request() if topic.is_media else parts.text_request())
    reply = parts.add(f"{prefix}GenerationResponse", parts.accepted() if topic.is_media else parts.text_reply())
    parts.add("ErrorResponse", parts.error())
    first = topic.kind == "message" and topic.number == 0
    # The exporter invents another name on every export: so each language has its own.
    nowhere = str(uuid.UUID(int=random.Random(f"{seed} {topic.stem} {parts.locale}").getrandbits(128), version=4))
    failure = {"$ref": nowhere} if first else ref("ErrorResponse")
    return {
        **({"parameters": [_PATH_MODEL]} if "{model}" in path else {}),
        "requestBody": {"required": True, "content": media(request, _samples(parts))},
        "responses": {
            "200": {"description": parts.say("200"), "content": media(reply)},
            **{status: _failure(parts, status, failure) for status in (_MORE_FAILURES if first else _FAILURES)},
        },
    }


def _samples(parts: Components) -> JsonObject:
    topic = parts.topic
    said = f"A lighthouse in a storm, take {topic.number}"
    first: JsonObject = {"model": topic.models[0], **({"prompt": said} if topic.is_media else {"messages": []})}
    more = {"callback_url": f"{BASE_URLS[0]}/done"} if topic.is_media else {"messages": [{"id": said}]}
    return {
        "basic": {"summary": parts.say("prompt", most=100), "value": first},
        "more": {"summary": parts.say("params"), "value": {**first, **more}},
    }


def _failure(parts: Components, status: str, schema: JsonObject) -> JsonObject:
    sample = {"error": {"code": f"error_{status}", "message": f"what {status} means", "type": "api_error"}}
    said = parts.say(status if status in _FAILURES else "400" if status < "500" else "500")
    return {"description": said, "content": {"application/json": {"schema": schema, "example": sample}}}


_PATH_MODEL: Final = {"name": "model", "in": "path", "required": True, "schema": {"type": "string"}}


class _Dumper(yaml.CSafeDumper):
    """Writes as the exporter does: long texts folded, several lines literally, no aliases."""

    def ignore_aliases(self, data: Any) -> bool:  # noqa: ARG002 - the same for all data
        return True


def _text(dumper: yaml.CSafeDumper, text: Json) -> yaml.ScalarNode:
    style = "|" if "\n" in text else ">" if len(text) > _LONG and " " in text else None
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style=style)


_Dumper.add_representer(str, _text)


def counts(files: dict[str, bytes]) -> dict[str, int]:
    """What a site holds, counted over its first language as the pages state it."""
    first = {path: content for path, content in files.items() if path.startswith(f"{LOCALES[0]}/")}
    documents = [
        yaml.load(found[1], Loader=yaml.CSafeLoader) for content in first.values() if (found := _FENCE.search(content))
    ]
    operations = [
        (method, path, operation)
        for document in documents
        for path, item in document["paths"].items()
        for method, operation in item.items()
    ]
    pages = Counter((method, path) for method, path, _ in operations)
    identifiers = Counter(operation["operationId"] for *_, operation in operations)
    bodies: dict[str, set[str]] = {}
    for document in documents:
        for name, schema in document["components"]["schemas"].items():
            bodies.setdefault(name, set()).add(json.dumps(schema, sort_keys=True))
    return {
        "pages": len(files) - 1,
        "bytes": sum(map(len, files.values())),
        "languages": len(LOCALES),
        "pages with an operation, in one language": len(documents),
        "operations": len(pages),
        "most requests of one operation": max(pages.values()),
        "hosts": len({server["url"] for document in documents for server in document["servers"]}),
        "uses of the commonest operationId": max(identifiers.values()),
        "names of components": len(bodies),
        "names with several bodies": sum(len(each) > 1 for each in bodies.values()),
        "references to nothing": sum(
            content.count(b"$ref: ") - content.count(b"$ref: '#/") for content in first.values()
        ),
    }


def main() -> int:
    """Print the counts of a site."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pages", type=int, default=1200, metavar="N", help="1200 by default")
    parser.add_argument("--seed", type=int, default=1, metavar="N", help="1 by default")
    given = parser.parse_args()
    for what, number in counts(site(given.seed, given.pages)).items():
        print(f"{number:>12,}  {what}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
