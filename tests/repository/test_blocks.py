"""Every code block of our documents runs as it stands, or says why it does not."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

import pytest

from tests.repository.blocks import NOT_RUN, Block, blocks, every_story, matches, stories
from tests.repository.tellers import TELLERS, Teller, parse_commands

if TYPE_CHECKING:
    from pathlib import Path

STORIES = every_story()
TOLD = [story for story in STORIES if story[0].reason is None]
UNTOLD = [block for story in STORIES for block in story if block.reason is not None]
MOST_UNTOLD = 8


@pytest.mark.parametrize("story", TOLD, ids=[str(story[0]) for story in TOLD])
def test_it_runs(story: tuple[Block, ...], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A reader may copy it."""
    with contextlib.ExitStack() as closing:
        teller = Teller(tmp_path, monkeypatch, closing)
        for block in story:
            teller.tell(block)


@pytest.mark.parametrize("block", UNTOLD, ids=[f"{block}: {block.reason}" for block in UNTOLD])
def test_what_is_not_run_has_a_reason(block: Block) -> None:
    """The reason is one that is known, and the commands are at least such that the option parser takes them."""
    assert block.reason in NOT_RUN
    print(f"{block} is not run: {block.reason}; {NOT_RUN[block.reason]}.")  # noqa: T201 - shown with -rP
    if block.language == "sh":
        assert parse_commands(block.text)


def test_few_are_not_run() -> None:
    """An example that nobody runs is wrong one day."""
    assert len(UNTOLD) <= MOST_UNTOLD
    assert {block.reason for block in UNTOLD} <= set(NOT_RUN)


def test_every_block_names_its_language() -> None:
    """Without one it has no colours, and nobody knows how to run it."""
    shown = [block for story in STORIES for block in story if block.mark != "output" and block.reason is None]
    assert [f"{block}: {block.language!r}" for block in shown if block.language not in TELLERS] == []
    marks = {"", "goes on", "output"}
    assert [f"{block}: {block.mark}" for block in shown if block.mark not in marks and block.file is None] == []


SAMPLE = """
<!-- test: file a.json -->
```json
{}
```

Then:

<!-- test: goes on -->
```sh
cat a.json
```

<!-- test: output -->
```text
{}
```

- in a list

  ```python
  print(1)
  ```

<!-- test: not run, a drawing -->
```text
-->
```
"""


def test_marks_are_read() -> None:
    """A comment belongs to the block right below it; what goes on stays with what it goes on from."""
    found = blocks("x.md", SAMPLE)
    assert [(one.line, one.language, one.mark) for one in found] == [
        (3, "json", "file a.json"),
        (10, "sh", "goes on"),
        (15, "text", "output"),
        (21, "python", ""),
        (26, "text", "not run, a drawing"),
    ]
    assert [len(story) for story in stories(found)] == [3, 1, 1]
    assert found[3].text == "print(1)\n"


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("python", "import vidgate\nvidgate.Nothing\n"),
        ("python", "import httpx\nhttpx.get('https://example.com')\n"),
        ("python", "import warnings\nwarnings.warn('x')\n"),
        ("python", "def test_x():\n    assert False\n"),
        ("sh", "vidgate models no-such-model\n"),
        ("sh", "python3 -m pip install somebody-elses\n"),
        ("sh", 'python3 -m pip install "vidgate[nothing]"\n'),
        ("sh", "python3 -m nox -s nothing\n"),
        ("console", "$ vidgate --version\nvidgate 99\n"),
        ("toml", "a = \n"),
        ("toml", 'provider = "nobody"\nbase_url = "http://127.0.0.1"\n[tokens]\n'),
        ("json", "{"),
        ("jsonl", "{}\n{"),
        ("yaml", "a: [\n"),
    ],
)
def test_what_is_wrong_fails(language: str, text: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A block that does not do what it shows is an error, whatever its language."""
    with contextlib.ExitStack() as closing:
        teller = Teller(tmp_path, monkeypatch, closing)
        with pytest.raises(Exception):  # noqa: B017, PT011 - each language has its own
            teller.tell(Block(document="x.md", line=1, language=language, text=text))


@pytest.mark.parametrize("text", ["vidgate run --no-such-option", "vidgate batch only-a-name"])
def test_commands_that_nobody_runs_are_parsed(text: str) -> None:
    """An option that went is noticed where no server is at hand, too."""
    with pytest.raises(Exception, match=r"(?i)no such option|missing"):
        parse_commands(text)


@pytest.mark.parametrize(
    ("expected", "printed", "same"),
    [
        ("a\nb\n", "a\nb\n", True),
        ("a…c", "a long c\n", True),
        ("a\n…\nz\n", "a\nb\nc\nz\n", True),
        ("a\n", "a\nb\n", False),
        ("a.c\n", "abc\n", False),
    ],
)
def test_output_is_compared(expected: str, printed: str, *, same: bool) -> None:
    """What changes from run to run is left open by dots, and nothing else is."""
    assert matches(expected, printed) == same
