"""Faults in authentication and in the judgement of requests."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING, Any

from .._json import is_array, is_object
from ._patches import answered, asked, requested, schema
from ._rows import APIMART, EVOLINK, Row

if TYPE_CHECKING:
    from collections.abc import Callable

    from ._model import Change
    from ._patches import Answer, Ask

VALID = "sim-key"
SCHEMAS = "/components/schemas"
TEXT = f"{SCHEMAS}/GeminiOmniFlashTextToVideoRequest/properties"
IMAGE = f"{SCHEMAS}/GeminiOmniFlashImageToVideoRequest/properties"
REFERENCE = f"{SCHEMAS}/GeminiOmniFlashReferenceToVideoRequest/properties"
EDIT = f"{SCHEMAS}/GeminiOmniFlashVideoEditRequest/properties"
OMNI = f"{SCHEMAS}/OmniFlashExtRequest"
TEXT_MODEL = "gemini-omni-flash-text-to-video"
PUBLIC = "https://example.com/hook"


def keyed(judge: Callable[[str | None], bool], *, of: str | None = None) -> Change:
    """Whatever Authorization header `judge` takes is as good as the ordinary key."""

    def change(ask: Ask) -> None:
        if ask.operation == of or (of is None and ask.operation in {"submit", "poll"}):
            authorization = ask.header("authorization")
            if judge(authorization):
                ask.set("authorization", f"Bearer {VALID}")

    return asked(change)


def _key(authorization: str | None) -> str:
    scheme, _, key = (authorization or "").partition(" ")
    return key if scheme.lower() == "bearer" else ""


def _basic(authorization: str | None) -> bool:
    scheme, _, rest = (authorization or "").partition(" ")
    encoded = base64.b64encode(f"{VALID}:".encode()).decode()
    return scheme.lower() == "basic" and rest in {VALID, encoded, base64.b64encode(f":{VALID}".encode()).decode()}


def sets(name: str, value: Any, *, when: Callable[[dict[str, Any]], bool]) -> Change:
    """A submission is read as if a member had another value."""

    def change(body: dict[str, Any]) -> None:
        if when(body):
            body[name] = value

    return requested(change)


def refuses(judge: Callable[[dict[str, Any]], bool]) -> Change:
    """Submissions that `judge` takes are refused: their prompt is read as none."""
    return sets("prompt", None, when=judge)


def hooks(judge: Callable[[str], bool]) -> Change:
    """Addresses for callbacks that `judge` takes pass as well as a public one."""
    return sets(
        "callback_url", PUBLIC, when=lambda body: isinstance(url := body.get("callback_url"), str) and judge(url)
    )


def breaks_on(judge: Callable[[Ask], bool]) -> Change:
    """Requests that `judge` takes make the server fall over."""

    def change(answer: Answer) -> None:
        if judge(answer.ask):
            answer.status = 500

    return answered(change, of="submit", status=400)


def _is_text(value: object, *texts: str) -> bool:
    return isinstance(value, str) and (not texts or value in texts)


def _texts(value: object) -> list[str]:
    """The texts of a list; nothing else has any."""
    return [item for item in value if isinstance(item, str)] if is_array(value) else []


def _is_odd(value: object) -> bool:
    """Objects, truth values and nulls: no parameter takes them."""
    return value is None or isinstance(value, bool | dict)


def _host(url: str, *starts: str) -> bool:
    return any(url.lower().startswith(f"https://{start}") for start in starts)


AUTHENTICATION = (
    Row("no-key-submits", "AUTH-KEY-MISSING", "submits without a key", keyed(lambda given: given is None, of="submit")),
    Row("no-key-reads", "AUTH-KEY-MISSING", "shows tasks without a key", keyed(lambda given: given is None, of="poll")),
    Row(
        "any-key-submits",
        "AUTH-KEY-UNKNOWN",
        "takes any key for a submission",
        keyed(lambda given: bool(_key(given)) and not _key(given).startswith("sim-"), of="submit"),
    ),
    Row(
        "any-key-reads",
        "AUTH-KEY-UNKNOWN",
        "takes any key for a task query",
        keyed(lambda given: bool(_key(given)) and not _key(given).startswith("sim-"), of="poll"),
    ),
    Row(
        "longer-key",
        "AUTH-KEY-EXACT",
        "takes whatever begins with a good key",
        keyed(lambda given: _key(given).startswith(VALID)),
    ),
    Row(
        "shorter-key",
        "AUTH-KEY-EXACT",
        "takes the beginning of a good key",
        keyed(lambda given: len(_key(given)) > 1 and VALID.startswith(_key(given))),
    ),
    Row(
        "key-in-any-case",
        "AUTH-KEY-EXACT",
        "does not see upper and lower case in a key",
        keyed(lambda given: _key(given).lower() == VALID),
    ),
    Row("basic-scheme", "AUTH-SCHEME", "takes the key with the scheme Basic", keyed(_basic)),
    Row(
        "any-scheme",
        "AUTH-SCHEME",
        "takes the key with any scheme",
        keyed(lambda given: (given or "").endswith(f" {VALID}")),
    ),
    Row("bare-key", "AUTH-BARE-KEY", "takes the key without a scheme", keyed(lambda given: given == VALID)),
)


EVOLINK_REQUESTS = tuple(
    Row(name, breaks, text, change, EVOLINK)
    for name, breaks, text, change in (
        ("duration-11", "REQ-DURATION-MAX", "takes 11 seconds",
         schema(f"{TEXT}/duration/oneOf/0", lambda it: it.update(maximum=11))),
        ("duration-11-references", "REQ-DURATION-MAX", "takes 11 seconds for one model only",
         schema(f"{REFERENCE}/duration/oneOf/0", lambda it: it.update(maximum=11))),
        ("duration-9", "REQ-DURATION-MAX", "refuses 10 seconds",
         schema(f"{IMAGE}/duration/oneOf/0", lambda it: it.update(maximum=9))),
        ("duration-2", "REQ-DURATION-MIN", "takes 2 seconds",
         schema(f"{TEXT}/duration/oneOf/0", lambda it: it.update(minimum=2))),
        ("duration-4", "REQ-DURATION-MIN", "refuses 3 seconds",
         schema(f"{TEXT}/duration/oneOf/0", lambda it: it.update(minimum=4))),
        ("duration-fraction", "REQ-DURATION-ONE-OF", "takes 5.5 seconds",
         schema(f"{TEXT}/duration/oneOf/0", lambda it: it.update(type="number"))),
        ("duration-text", "REQ-DURATION-ONE-OF", "takes the number as a text",
         sets("duration", 6, when=lambda body: _is_text(body.get("duration"), *map(str, range(3, 11))))),
        ("duration-word", "REQ-DURATION-ENUM", "takes any word for a duration",
         schema(f"{TEXT}/duration/oneOf/1", lambda it: it.pop("enum"))),
        ("duration-auto-refused", "REQ-DURATION-ENUM", "refuses auto",
         schema(f"{TEXT}/duration/oneOf/1", lambda it: it.update(enum=["automatic"]))),
        ("duration-default-5", "REQ-DURATION-DEFAULT", "makes 5 seconds when nothing is said",
         sets("duration", 5, when=lambda body: "duration" not in body)),
        ("duration-default-auto", "REQ-DURATION-DEFAULT", "takes a duration left out for auto",
         sets("duration", "auto", when=lambda body: "duration" not in body)),
        ("ratio-square", "REQ-ASPECT-RATIO-ENUM", "takes 1:1",
         schema(f"{TEXT}/aspect_ratio", lambda it: it["enum"].append("1:1"))),
        ("ratio-any", "REQ-ASPECT-RATIO-ENUM", "takes any text for a ratio",
         schema(f"{REFERENCE}/aspect_ratio", lambda it: it.pop("enum"))),
        ("ratio-auto-refused", "REQ-ASPECT-RATIO-ENUM", "refuses auto",
         schema(f"{TEXT}/aspect_ratio", lambda it: it["enum"].remove("auto"))),
        ("prompt-optional", "REQ-PROMPT-REQUIRED", "takes a request without a prompt",
         sets("prompt", "anything", when=lambda body: "prompt" not in body)),
        ("prompt-number", "REQ-PROMPT-TYPE", "takes a number for a prompt",
         schema(f"{EDIT}/prompt", lambda it: it.update(type=["string", "number"]))),
        ("prompt-null", "REQ-PROMPT-NULL", "takes null for a prompt",
         schema(f"{TEXT}/prompt", lambda it: it.update(type=["string", "null"]))),
        ("model-optional", "REQ-MODEL-REQUIRED", "has a model of its own when none is named",
         sets("model", TEXT_MODEL, when=lambda body: "model" not in body)),
        ("model-any", "REQ-MODEL-CONST", "makes something for a model that it does not know",
         sets("model", TEXT_MODEL, when=lambda body: _is_text(body.get("model")) and body["model"][:7] != "gemini-")),
        ("model-suffix", "REQ-MODEL-CONST", "takes a model's name with something behind it",
         sets("model", TEXT_MODEL, when=lambda body: str(body.get("model")).startswith(TEXT_MODEL))),
        ("seven-references", "REQ-IMAGE-URLS-MAX-ITEMS", "takes seven references",
         schema(f"{REFERENCE}/image_urls", lambda it: it.update(maxItems=7))),
        ("five-references", "REQ-IMAGE-URLS-MAX-ITEMS", "refuses six references",
         schema(f"{REFERENCE}/image_urls", lambda it: it.update(maxItems=5))),
        ("two-images", "REQ-IMAGE-URLS-MAX-ITEMS", "takes two images where there is one",
         schema(f"{IMAGE}/image_urls", lambda it: it.update(maxItems=2))),
        ("no-references", "REQ-IMAGE-URLS-MIN-ITEMS", "takes an empty list of references",
         schema(f"{REFERENCE}/image_urls", lambda it: it.pop("minItems"))),
        ("image-not-listed", "REQ-IMAGE-URLS-TYPE", "takes one image outside a list",
         schema(f"{IMAGE}/image_urls", lambda it: it.update(type=["array", "string"]))),
        ("image-numbers", "REQ-IMAGE-URLS-ITEM-TYPE", "takes numbers for images",
         schema(f"{REFERENCE}/image_urls", lambda it: it.update(items={}))),
        ("two-videos", "REQ-VIDEO-URLS-MAX-ITEMS", "takes two videos to edit",
         schema(f"{EDIT}/video_urls", lambda it: it.update(maxItems=2))),
        ("no-video", "REQ-VIDEO-URLS-MIN-ITEMS", "takes an empty list of videos",
         schema(f"{EDIT}/video_urls", lambda it: it.pop("minItems"))),
        ("video-ftp", "REQ-VIDEO-URLS-ITEM-PATTERN", "takes a video from ftp",
         schema(f"{EDIT}/video_urls/items", lambda it: it.pop("pattern"))),
        ("hook-http", "REQ-CALLBACK-URL-PATTERN", "takes http for callbacks",
         hooks(lambda url: url.lower().startswith("http://"))),
        ("hook-loopback", "REQ-CALLBACK-URL-CONDITION", "calls back this machine",
         hooks(lambda url: _host(url, "127."))),
        ("hook-ten", "REQ-CALLBACK-URL-CONDITION", "calls back 10.x.x.x", hooks(lambda url: _host(url, "10."))),
        ("hook-172", "REQ-CALLBACK-URL-CONDITION", "calls back 172.17 to 172.31",
         hooks(lambda url: _host(url, *(f"172.{number}." for number in range(17, 32))))),
        ("hook-192", "REQ-CALLBACK-URL-CONDITION", "calls back 192.168.x.x", hooks(lambda url: _host(url, "192.168."))),
        ("hook-localhost", "REQ-CALLBACK-URL-PRIVATE", "calls back localhost and what is linked to it",
         hooks(lambda url: _host(url, "localhost", "169.254.", "[::1]"))),
        ("hook-no-address", "REQ-CALLBACK-URL-PUBLIC", "refuses public addresses that are numbers",
         refuses(lambda body: "callback_url" in body and str(body["callback_url"])[8:9].isdecimal())),
        ("hook-172-whole", "REQ-CALLBACK-URL-PUBLIC", "takes all of 172.x.x.x for private",
         refuses(lambda body: "://172." in str(body.get("callback_url")))),
        ("korean-refused", "REQ-PROMPT-LANGUAGES", "refuses prompts in Korean",
         refuses(lambda body: any("\uac00" <= letter <= "\ud7a3" for letter in str(body.get("prompt"))))),
        ("japanese-refused", "REQ-PROMPT-LANGUAGES", "refuses prompts in Japanese",
         refuses(lambda body: any("\u3040" <= letter <= "\u30ff" for letter in str(body.get("prompt"))))),
        ("data-url-refused", "REQ-IMAGE-URLS-FORMS", "refuses images inside the request",
         refuses(lambda body: any(url.startswith("data:") for url in _texts(body.get("image_urls"))))),
        ("base64-refused", "REQ-IMAGE-URLS-FORMS", "refuses images in plain base64",
         refuses(lambda body: any(":" not in url for url in _texts(body.get("image_urls"))))),
        ("pair-refused", "REQ-VALID-ACCEPTED", "refuses a portrait whose length is left to the model",
         refuses(lambda body: (body.get("duration"), body.get("aspect_ratio")) == ("auto", "9:16"))),
        ("hook-2049", "REQ-CALLBACK-URL-MAX-LENGTH", "takes 2,049 characters",
         hooks(lambda url: len(url) == 2049)),  # noqa: PLR2004 - one more than documented
        ("hook-2047", "REQ-CALLBACK-URL-MAX-LENGTH", "refuses 2,048 characters",
         schema(f"{TEXT}/callback_url", lambda it: it.update(maxLength=2047))),
        ("foreign-id", "REQ-TASK-ID-PATTERN", "looks for ids of any form",
         answered(lambda answer: setattr(answer, "status", 404), of="poll", status=400)),
    )
)  # fmt: skip

APIMART_REQUESTS = tuple(
    Row(name, breaks, text, change, APIMART)
    for name, breaks, text, change in (
        ("duration-5", "REQ-DURATION-ENUM", "takes 5 seconds",
         schema(f"{OMNI}/properties/duration", lambda it: it["enum"].append(5))),
        ("duration-12", "REQ-DURATION-ENUM", "takes 12 seconds",
         schema(f"{OMNI}/properties/duration", lambda it: it["enum"].append(12))),
        ("duration-4-refused", "REQ-DURATION-ENUM", "refuses 4 seconds",
         schema(f"{OMNI}/properties/duration", lambda it: it["enum"].remove(4))),
        ("duration-text", "REQ-DURATION-TYPE", "takes the number as a text",
         sets("duration", 6, when=lambda body: _is_text(body.get("duration"), "4", "6", "8", "10"))),
        ("duration-default-8", "REQ-DURATION-DEFAULT", "makes 8 seconds when nothing is said",
         sets("duration", 8, when=lambda body: "duration" not in body and not body.get("video_urls"))),
        ("resolution-480p", "REQ-RESOLUTION-PATTERN", "takes 480p",
         schema(f"{OMNI}/properties/resolution", lambda it: it.update(pattern="^(480p|720[pP]|1080[pP]|4[kK])$"))),
        ("resolution-prefix", "REQ-RESOLUTION-PATTERN", "takes what begins with a resolution",
         schema(f"{OMNI}/properties/resolution", lambda it: it.update(pattern="^(720[pP]|1080[pP]|4[kK])"))),
        ("resolution-case", "REQ-RESOLUTION-PATTERN", "refuses 4K in upper case",
         schema(f"{OMNI}/properties/resolution", lambda it: it.update(pattern="^(720p|1080p|4k)$"))),
        ("resolution-default-1080p", "REQ-RESOLUTION-DEFAULT", "makes 1080p when nothing is said",
         sets("resolution", "1080p", when=lambda body: "resolution" not in body)),
        ("generation-type-any", "REQ-GENERATION-TYPE-ENUM", "takes any type of generation",
         schema(f"{OMNI}/properties/generation_type", lambda it: it.pop("enum"))),
        ("frame-three-images", "REQ-GENERATION-TYPE-FRAME-CONDITION", "takes three images for a first frame",
         schema(f"{OMNI}/allOf/1/then/properties/image_urls", lambda it: it.update(maxItems=3))),
        ("frame-no-image", "REQ-FRAME-IMAGE", "takes a first frame without an image",
         schema(f"{OMNI}/allOf/1/then", lambda it: it.pop("required"))),
        ("two-images", "REQ-IMAGE-URLS-CONDITION", "takes two images",
         schema(f"{OMNI}/properties/image_urls", lambda it: it.pop("not"))),
        ("two-videos", "REQ-VIDEO-URLS-MAX-ITEMS", "takes two videos",
         schema(f"{OMNI}/properties/video_urls", lambda it: it.update(maxItems=2))),
        ("video-and-duration", "REQ-DURATION-VIDEO-URLS-CONDITION", "takes a video together with a duration",
         schema(f"{OMNI}", lambda it: it["allOf"].pop(0))),
        ("image-ftp", "REQ-IMAGE-URLS-ITEM-PATTERN", "takes images from ftp",
         schema(f"{OMNI}/properties/image_urls/items", lambda it: it.pop("pattern"))),
        ("size-refused", "REQ-SIZE-ACCEPTED", "does not know size", refuses(lambda body: "size" in body)),
        ("empty-images-refused", "REQ-IMAGE-URLS-NONE", "refuses an empty list of images",
         refuses(lambda body: body.get("image_urls") == [])),
        ("three-references-refused", "REQ-IMAGE-URLS-COUNTS", "refuses three images as references",
         refuses(lambda body: body.get("generation_type") == "reference" and len(_texts(body.get("image_urls"))) > 1)),
        ("images-and-video-refused", "REQ-IMAGES-WITH-VIDEO", "refuses images together with a video",
         refuses(lambda body: bool(body.get("image_urls") and body.get("video_urls")))),
        ("pair-refused", "REQ-VALID-ACCEPTED", "refuses ten seconds in 4k",
         refuses(lambda body: (body.get("duration"), str(body.get("resolution")).lower()) == (10, "4k"))),
        ("prompt-empty", "REQ-PROMPT-MIN-LENGTH", "takes an empty prompt",
         schema(f"{OMNI}/properties/prompt", lambda it: it.pop("minLength"))),
        ("prompt-optional", "REQ-PROMPT-REQUIRED", "takes a request without a prompt",
         sets("prompt", "anything", when=lambda body: "prompt" not in body)),
        ("prompt-list", "REQ-PROMPT-TYPE", "takes a list for a prompt",
         schema(f"{OMNI}/properties/prompt", lambda it: it.update(type=["string", "array"]))),
        ("model-any", "REQ-MODEL-CONST", "makes something for a model that it does not know",
         sets("model", "Omni-Flash-Ext", when=lambda body: isinstance(body.get("model"), str))),
        ("model-optional", "REQ-MODEL-REQUIRED", "has a model of its own when none is named",
         sets("model", "Omni-Flash-Ext", when=lambda body: "model" not in body)),
    )
)  # fmt: skip

SHARED_REQUESTS = (
    Row(
        "odd-types-500",
        "REQ-GENERATED-REFUSED",
        "falls over when two members are of types that none has",
        breaks_on(lambda ask: is_object(body := ask.json) and sum(map(_is_odd, body.values())) > 1),
    ),
    Row(
        "malformed-500",
        "REQ-BODY-JSON",
        "falls over when a body is no JSON",
        breaks_on(lambda ask: ask.json is None),
    ),
    Row(
        "no-object-500",
        "REQ-BODY-JSON",
        "falls over when a body is no object",
        breaks_on(lambda ask: ask.json is not None and not isinstance(ask.json, dict)),
    ),
)

ROWS = (*AUTHENTICATION, *EVOLINK_REQUESTS, *APIMART_REQUESTS, *SHARED_REQUESTS)
