"""The rows of the provider table."""

from __future__ import annotations

from typing import Any

import pytest

from vidgate._contract import load
from vidgate._providers import APIMART, EVOLINK, PROVIDERS, VERDICTS
from vidgate._values import dig
from vidgate.errors import PaymentReason

ROWS = list(PROVIDERS.values())
NAMES = [row.name for row in ROWS]


@pytest.mark.parametrize("row", ROWS, ids=NAMES)
def test_operations_are_those_of_the_contract(row: Any) -> None:
    """Method and path of the generated operations stand in the contract that ships with them."""
    document = load(row.package).document
    create = row.create_arguments("video", {"model": "m"})
    read = row.task_arguments("task-1")
    assert document["paths"][create["url"]][create["method"]]["operationId"] == "createVideo"
    assert create["json"] == {"model": "m"}
    assert document["paths"][read["url"].replace("task-1", "{task_id}")][read["method"]]["operationId"] == "getTask"


@pytest.mark.parametrize("row", ROWS, ids=NAMES)
def test_documented_answers_are_read(row: Any) -> None:
    """Every example of an answer in the contract gives a task with a known status, and fits its generated model."""
    document = load(row.package).document
    for path in document["paths"].values():
        for operation in path.values():
            content = operation["responses"]["200"]["content"]["application/json"]
            payloads = [example["value"] for example in content.get("examples", {}).values()]
            payloads += example_of(content["schema"], document)
            assert payloads, operation["operationId"]
            for payload in payloads:
                if operation["operationId"] == "createVideo":
                    state = row.read_submitted(payload, kind="video")
                else:
                    state = row.read_task(payload, "asked")
                assert state is not None
                assert state.verdict != "unknown"
                assert row.parse(state).to_dict() == payload


def example_of(schema: Any, document: Any) -> list[Any]:
    """An object of the examples that its properties carry, if there is a status among them."""
    if "$ref" in schema:
        schema = document["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
    found: dict[str, Any] = {}
    for name, part in schema.get("properties", {}).items():
        if "examples" in part:
            found[name] = part["examples"][0]
        elif "$ref" in part and (inner := example_of(part, document)):
            found[name] = inner[0]
        elif "enum" in part:
            found[name] = part["enum"][0]
    return [found] if found else []


@pytest.mark.parametrize("row", ROWS, ids=NAMES)
def test_documented_statuses_have_a_verdict(row: Any) -> None:
    """No status of the contract counts as unknown."""
    schemas = load(row.package).document["components"]["schemas"]
    statuses = {
        value for schema in schemas.values() for value in schema.get("properties", {}).get("status", {}).get("enum", ())
    }
    assert statuses
    assert statuses <= set(VERDICTS)


def test_verdicts_are_written_in_lower_case() -> None:
    """Statuses are compared in lower case, so a capital in the table could never match."""
    assert [status for status in VERDICTS if status != status.strip().lower()] == []


@pytest.mark.parametrize("row", ROWS, ids=NAMES)
def test_what_is_known_is_never_also_unknown(row: Any) -> None:
    """A code cannot both prove that nothing was charged and leave it open."""
    assert not row.rejected_before_charge & row.outcome_unknown


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (("a", "b"), 1),
        (("a", "x"), None),
        (("list", 0, "c"), 2),
        (("list", 9), None),
        (("a", 0, "b"), 1),
        (("null", "x"), None),
        (("text", "x"), None),
        ((), "all"),
    ],
    ids=str,
)
def test_dig(path: Any, value: Any) -> None:
    """A path that leads nowhere gives None, whatever stands there."""
    tree = {"a": {"b": 1}, "list": [{"c": 2}], "null": None, "text": "abc"}
    assert dig(tree, path) == (tree if value == "all" else value)


def test_undocumented_results_are_found() -> None:
    """EvoLink's other list of results counts, each link once; music is audio."""
    payload = {
        "id": "x",
        "status": "completed",
        "type": "music",
        "results": ["https://x/a.mp3"],
        "result_data": [{"audio_url": "https://x/a.mp3", "image_url": "https://x/a.png", "video_url": ""}, None, 5],
    }
    state = EVOLINK.read_task(payload, "x")
    assert state is not None
    assert [(result.url, result.kind) for result in state.results] == [
        ("https://x/a.mp3", "audio"),
        ("https://x/a.png", "image"),
    ]


def test_apimart_results_of_all_kinds() -> None:
    """Links are lists or text, in three lists of their own."""
    payload = {
        "data": {
            "status": "completed",
            "result": {
                "images": [{"url": "https://x/1"}],
                "videos": [{"url": ["https://x/2", "https://x/3"], "expires_at": 5}],
                "audios": None,
            },
        }
    }
    state = APIMART.read_task(payload, "task_1")
    assert state is not None
    assert [(result.url, result.kind, result.expires_at) for result in state.results] == [
        ("https://x/2", "video", 5),
        ("https://x/3", "video", 5),
        ("https://x/1", "image", None),
    ]


def test_reasons_are_named_once() -> None:
    """The type of the reasons is the one that users can import."""
    assert "balance" in str(PaymentReason)
