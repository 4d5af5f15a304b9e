"""What every test may rely on: the `corpus` marker and its directory."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

CORPUS_VARIABLE = "VIDGATE_CORPUS"


def pytest_configure(config: pytest.Config) -> None:
    """Refuse a corpus that is named but not there: a typing error must not turn its tests off."""
    del config
    named = os.environ.get(CORPUS_VARIABLE)
    if named and not Path(named).is_dir():
        message = (
            f"{CORPUS_VARIABLE} names {named!r}, which is no directory. Correct it, or unset it to leave them out."
        )
        raise pytest.UsageError(message)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out what reads the corpus when there is none; the closing line counts it as deselected."""
    if os.environ.get(CORPUS_VARIABLE):
        return
    deselected = [item for item in items if item.get_closest_marker("corpus")]
    if deselected:
        config.hook.pytest_deselected(items=deselected)
        items[:] = [item for item in items if not item.get_closest_marker("corpus")]


@pytest.fixture(scope="session")
def corpus() -> Path:
    """The directory of real pages, read only; only for tests marked `corpus`."""
    return Path(os.environ[CORPUS_VARIABLE]).resolve()
