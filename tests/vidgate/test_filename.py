"""Names of files: whatever a server calls a task or a model, the file stays in its folder."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from vidgate._filename import LONGEST_NAME, check_template, file_name
from vidgate._state import Result, TaskState
from vidgate.errors import ConfigurationError

LINK = "https://files.example/a/v.webm?sig=.exe"


def state(task_id: str = "task-1", model: str | None = "m", *urls: str, **more: Any) -> TaskState:
    results = tuple(Result(url=url, kind="video") for url in urls or (LINK,))
    given: dict[str, Any] = {"provider": "evolink", "status": "completed", "verdict": "completed", **more}
    return TaskState(id=task_id, model=model, results=results, **given)


def test_the_usual_name() -> None:
    """Model, id and the link's own suffix."""
    assert file_name("{model}-{id}.{ext}", state("task-1", "veo-3.1"), 0) == Path("veo-3.1-task-1.webm")
    assert file_name("{provider}/{kind}/{index}.{ext}", state(), 0) == Path("evolink/video/1.webm")


HOSTILE = [
    "../../etc/passwd",
    "..",
    ".",
    "/etc/passwd",
    "C:\\Windows\\x",
    "a/b",
    "a\\b",
    "~root",
    "a\0b",
    "a\nb",
    "x" * 5000,
    "\u202egpj.exe",
    "ä/ö",
    "{id}",
    "%2e%2e%2f",
    "\ud800",
    ".ssh",
    " ",
    "",
    "CON",
    "nul.txt",
    "a:b",
    "-rf",
]
TEMPLATES = ["{model}-{id}.{ext}", "{model}/{id}.{ext}", "{id}", "{provider}/{model}/{kind}-{id}.{ext}", "a{id}b"]


@pytest.mark.parametrize("template", TEMPLATES)
@pytest.mark.parametrize("word", HOSTILE, ids=lambda word: ascii(word)[:20])
def test_hostile_words_stay_in_the_folder(word: str, template: str) -> None:
    """An id, a model, a kind or a suffix never adds a part to the path, hides the file or takes a device's name."""
    link = f"https://files.example/v.{word}"
    task = TaskState(
        provider="evolink",
        id=word,
        status="completed",
        verdict="completed",
        model=word,
        results=(Result(url=link, kind=word),),
    )
    path = file_name(template, task, 0)
    assert not path.is_absolute()
    assert len(path.parts) == template.count("/") + 1
    for part in path.parts:
        assert part not in {"", ".", ".."}
        assert len(part) <= LONGEST_NAME
        assert part.isascii()
        assert part.isprintable()
        assert not set(part) & set('/\\:*?"<>|\0 ~')
        assert not part.startswith(".")
        assert part.split(".")[0].upper() not in {"CON", "NUL", "PRN", "AUX"}


def test_different_ids_give_different_names() -> None:
    """What is left of two odd ids may be the same; their names are not."""
    words = [word for word in HOSTILE if word] + ["a_b", "a b", "x" * 4999]
    names = {str(file_name("{id}.{ext}", state(word), 0)).casefold() for word in words}
    assert len(names) == len(words)


def test_several_results_are_numbered() -> None:
    """Without {index} in the template the number goes behind the name, from 1 on."""
    task = state("task-1", "m", LINK, "https://files.example/2.mp4")
    assert [str(file_name("{id}.{ext}", task, index)) for index in (0, 1)] == ["task-1-1.webm", "task-1-2.mp4"]
    assert str(file_name("{index}-{id}.{ext}", task, 1)) == "2-task-1.mp4"
    assert str(file_name("{id}", task, 1)) == "task-1-2"


@pytest.mark.parametrize(("kind", "ext"), [("video", "mp4"), ("image", "png"), ("audio", "mp3"), ("odd", "bin")])
def test_a_link_without_a_suffix(kind: str, ext: str) -> None:
    """Then the kind of the result decides."""
    task = TaskState(
        provider="evolink", id="t", status="", verdict="completed", results=(Result(url="https://x/[", kind=kind),)
    )
    assert str(file_name("{id}.{ext}", task, 0)) == f"t.{ext}"


@pytest.mark.parametrize(
    "template",
    [
        "",
        "../{id}",
        "/{id}",
        "{id}/..",
        "a//b",
        "./{id}",
        "{id}/",
        "a\\{id}",
        "C:{id}",
        "{id!r}",
        "{id:>100}",
        "{id.__class__}",
        "{id[0]}",
        "{}",
        "{0}",
        "{secret}",
        "{id",
        "id}",
        "a\0{id}",
        "{id}.",
        "{id} ",
    ],
    ids=ascii,
)
def test_templates_that_lead_elsewhere_are_refused(template: str) -> None:
    """The message names the fields."""
    with pytest.raises(ConfigurationError, match=r"\{ext\}"):
        check_template(template)


@pytest.mark.parametrize("template", TEMPLATES)
def test_templates_that_are_good(template: str) -> None:
    """Folders are allowed."""
    check_template(template)
