"""`vidgate models` and `vidgate check`."""

from __future__ import annotations

import io
import json
import re
from typing import Any

import pytest
import rich.cells

TEXT_MODEL = "gemini-omni-flash-text-to-video"


def test_models_lists_every_model(terminal: Any) -> None:
    """Each model of each provider stands on one line with its parameters; required ones are marked."""
    outcome = terminal("models")
    assert outcome.code == 0
    lines = {line.split()[0]: line for line in outcome.out.splitlines() if line.startswith("  ")}
    assert {TEXT_MODEL, "gemini-omni-flash-video-edit", "Omni-Flash-Ext"} <= set(lines)
    assert "prompt*, video_urls*" in lines["gemini-omni-flash-video-edit"]
    assert all(line == line.rstrip() for line in outcome.out.splitlines())


def test_models_of_one_provider(terminal: Any) -> None:
    """--provider leaves the others out."""
    outcome = terminal("models", "--provider", "apimart", "--json")
    assert [row["model"] for row in json.loads(outcome.out)] == ["Omni-Flash-Ext"]


def test_one_model_shows_its_parameters(terminal: Any) -> None:
    """Values and the server's default are shown."""
    outcome = terminal("models", "Omni-Flash-Ext")
    (line,) = [line for line in outcome.out.splitlines() if line.startswith("duration")]
    assert (outcome.code, line.split()[1:7]) == (0, ["4,", "6,", "8", "or", "10", "6"])


def test_one_model_for_machines(terminal: Any) -> None:
    """The JSON has the same facts, typed, and the documented members."""
    row = json.loads(terminal("models", TEXT_MODEL, "--json").out)
    assert list(row) == [
        "provider",
        "model",
        "kind",
        "summary",
        "description",
        "request_class",
        "parameters",
        "rules",
        "advice",
        "pages",
        "example",
    ]
    assert {name for parameter in row["parameters"] for name in parameter} == {
        "name",
        "required",
        "type",
        "accepts",
        "values",
        "default",
        "summary",
        "description",
        "rules",
    }
    by_name = {parameter["name"]: parameter for parameter in row["parameters"]}
    assert row["provider"] == "evolink"
    assert by_name["prompt"]["required"] is True
    assert by_name["duration"]["default"] == 10
    assert by_name["aspect_ratio"]["values"] == ["16:9", "9:16", "auto"]
    assert by_name["duration"]["accepts"] == [
        {"type": "integer", "minimum": 3, "maximum": 10},
        {"type": "string", "enum": ["auto"]},
    ]
    assert by_name["callback_url"]["accepts"][0]["maxLength"] == 2048
    assert by_name["callback_url"]["summary"].endswith("after billing.")
    assert all(page["url"].startswith("https://docs.evolink.ai/") and page["line"] > 0 for page in row["pages"])


def test_what_excludes_each_other_is_said(terminal: Any) -> None:
    """Rules that span parameters, and values that are ruled out, are part of the explanation."""
    row = json.loads(terminal("models", "Omni-Flash-Ext", "--json").out)
    by_name = {parameter["name"]: parameter for parameter in row["parameters"]}
    assert row["rules"][0] == "duration and video_urls cannot be sent together: drop one of them."
    assert len(row["advice"]) == 2
    assert by_name["image_urls"]["rules"][0].startswith("Two images are refused")
    assert by_name["image_urls"]["accepts"][0]["items"]["format"] == "uri"
    assert by_name["video_urls"]["accepts"][0]["maxItems"] == 1
    assert by_name["aspect_ratio"]["type"] == "text, such as 16:9 or 9:16"
    text = terminal("models", "Omni-Flash-Ext").out
    assert all(line in text for line in (*row["rules"], *row["advice"], *by_name["image_urls"]["rules"]))


@pytest.mark.parametrize("columns", ["40", "71", "80", "100", "120"])
def test_tables_fit_the_terminal(terminal: Any, monkeypatch: pytest.MonkeyPatch, columns: str) -> None:
    """No line is wider than the terminal, however narrow it is."""
    monkeypatch.setenv("COLUMNS", columns)
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.setenv("NO_COLOR", "1")
    for argv in (["models"], ["models", TEXT_MODEL], ["check", TEXT_MODEL, "duration=11"]):
        # What follows is to be copied: the terminal may wrap it, we must not.
        laid_out = _without_escapes(terminal(*argv).out).partition("Documented at")[0]
        for line in laid_out.splitlines():
            assert rich.cells.cell_len(line) <= int(columns)


def test_colour_is_for_terminals(terminal: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """There is none in a pipe, some on a terminal, and none again with NO_COLOR."""
    argv = ("check", TEXT_MODEL, "duration=11")
    assert "\x1b" not in terminal(*argv).out
    monkeypatch.setenv("FORCE_COLOR", "1")
    assert "\x1b[31m" in terminal(*argv).out
    monkeypatch.setenv("NO_COLOR", "1")
    assert "\x1b[31m" not in terminal(*argv).out


@pytest.mark.parametrize(
    "argv",
    [
        [TEXT_MODEL, "prompt=boat", "duration=6"],
        [TEXT_MODEL, "prompt=6", "duration=auto"],
        [f"model={TEXT_MODEL}", "prompt=a=b"],
        ["gemini-omni-flash-reference-to-video", "prompt=x", "image_urls=https://a.b/1,2", "image_urls=data:,x"],
        ["gemini-omni-flash-video-edit", "prompt=x", 'video_urls=["https://a.b/c.mp4"]'],
        ["Omni-Flash-Ext", "prompt=x", "duration=8", "resolution=4K", "-p", "apimart"],
    ],
)
def test_a_good_request_is_ok(terminal: Any, argv: list[str]) -> None:
    """Values are read as the contract's types."""
    outcome = terminal("check", *argv)
    assert (outcome.code, outcome.out.startswith("ok: ")) == (0, True)


@pytest.mark.parametrize(
    ("argv", "fields"),
    [
        ([TEXT_MODEL, "prompt=x", "duration=11"], ["duration"]),
        ([TEXT_MODEL, "prompt=x", "duration=autox"], ["duration"]),
        ([TEXT_MODEL, "promt=x"], ["promt", "prompt"]),
        (["Omni-Flash-Ext", "prompt=x", "image_urls=https://a.b/1", "image_urls=https://a.b/2"], ["image_urls"]),
        (["gemini-omni-flash-video-edit", "prompt=x", "video_urls=nothing"], ["video_urls[0]"]),
    ],
)
def test_a_bad_request_names_its_fields(terminal: Any, argv: list[str], fields: list[str]) -> None:
    """Each broken rule is one entry with the field, and the exit code is 1."""
    outcome = terminal("check", *argv, "--json")
    report = json.loads(outcome.out)
    assert (outcome.code, report["valid"]) == (1, False)
    assert list(dict.fromkeys(problem["field"] for problem in report["errors"])) == fields
    for problem in report["errors"]:
        assert problem["message"]
        assert problem["fix"]
    text = terminal("check", *argv)
    assert (text.code, all(name in text.out for name in fields)) == (1, True)


def test_a_warning_is_no_error(terminal: Any) -> None:
    """Advice is shown, and the request is still good."""
    outcome = terminal("check", "Omni-Flash-Ext", "prompt=x", "size=9:16", "aspect_ratio=16:9")
    assert outcome.code == 0
    assert "1 warning" in outcome.out
    assert "ok: " in outcome.out


def test_a_request_from_a_file(terminal: Any, tmp_path: Any) -> None:
    """Pairs win over the file; the file may name the model."""
    (tmp_path / "request.json").write_text(json.dumps({"model": TEXT_MODEL, "prompt": "x", "duration": 99}))
    assert terminal("check", "--json-file", "request.json").code == 1
    assert terminal("check", "--json-file", "request.json", "duration=5").code == 0


def test_a_request_from_standard_input(terminal: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """A dash reads standard input."""
    monkeypatch.setattr("sys.stdin", io.StringIO(json.dumps({"prompt": "x"})))
    assert terminal("check", TEXT_MODEL, "--json-file", "-").code == 0


def test_types_follow_the_contract(terminal: Any) -> None:
    """What is text stays text, what is a number becomes one, and a repeated name a list."""
    outcome = terminal(
        "run", "--dry-run", "--json", "gemini-omni-flash-reference-to-video", "prompt=6", "duration=6", "image_urls=a"
    )
    assert json.loads(outcome.out) == {
        "model": "gemini-omni-flash-reference-to-video",
        "prompt": "6",
        "duration": 6,
        "image_urls": ["a"],
    }


def _without_escapes(text: str) -> str:
    return re.sub(r"\x1b\[[0-9;]*m", "", text)
