"""Coverage-guided fuzzing of the readers; `nox -s fuzz` starts it with libFuzzer's options and limits.

An input passes when it is refused with a place, or read with nothing unaccounted for and merged. Everything else is a
crash, and libFuzzer writes the input down.
"""

from __future__ import annotations

import sys
from importlib import import_module
from typing import Any

from tools.model import Page

ATHERIS: Any = import_module("atheris")  # no types, and only the session has it

with ATHERIS.instrument_imports(include=["tools.extract", "tools.merge", "tools.schema"]):
    from tests.tools.extract.books import judge


def one(content: bytes) -> None:
    """Judge one page."""
    judge(Page(provider="p", locale="en", path="en/a.md", content=content))


if __name__ == "__main__":
    ATHERIS.Setup(sys.argv, one)
    ATHERIS.Fuzz()
