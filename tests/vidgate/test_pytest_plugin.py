"""The plugin as other projects meet it: a pytest of its own, in a folder of its own."""

from __future__ import annotations

import os
import subprocess
import sys
import textwrap
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

import vidgate

if TYPE_CHECKING:
    from collections.abc import Callable

ROOT = Path(vidgate.__file__).parents[1]
HEAVY = ("httpx", "starlette", "respx", "jsonschema_rs", "sqlite3", "uvicorn", "evolink_api", "apimart_api", "attrs")

JOURNEYS = """
    import asyncio

    import httpx
    import pytest

    from vidgate import APIMart, AsyncAPIMart, AsyncEvoLink, EvoLink, errors

    EVOLINK = {"model": "gemini-omni-flash-text-to-video", "prompt": "a cat", "duration": 6}
    APIMART = {"model": "Omni-Flash-Ext", "prompt": "a cat", "duration": 6}

    def test_ready_made_client(evolink_simulator, evolink_client, tmp_path):
        evolink_simulator.fail_next(502, operation="poll", times=3)
        task = evolink_client.videos.create(**EVOLINK).wait()
        assert task.download(tmp_path / "film.mp4").read_bytes()[4:8] == b"ftyp"
        assert [charge.task for charge in evolink_simulator.ledger] == [task.id]

    def test_everything_is_fresh(evolink_simulator, apimart_client, apimart_simulator):
        assert evolink_simulator.ledger == ()
        assert apimart_client.videos.create(**APIMART).wait().done
        assert len(apimart_simulator.ledger) == 1

    def test_own_sync_client(evolink_simulator, apimart_simulator, vidgate_clock):
        with EvoLink(clock=vidgate_clock) as first, APIMart(clock=vidgate_clock) as second:
            assert first.videos.create(**EVOLINK).wait().done
            assert second.videos.create(**APIMART).wait().done

    def test_own_async_client(evolink_simulator, apimart_simulator, vidgate_clock, tmp_path):
        async def run():
            async with AsyncEvoLink(clock=vidgate_clock) as first, AsyncAPIMart(clock=vidgate_clock) as second:
                task = await (await first.videos.create(**EVOLINK)).wait()
                await task.download(tmp_path / "film.mp4")
                return (await (await second.videos.create(**APIMART)).wait()).done
        assert asyncio.run(run())

    def test_async_clients(async_evolink_client, async_apimart_client, evolink_simulator):
        async def run():
            evolink_simulator.fail_next("hang", operation="submit")
            with pytest.raises(errors.SubmitUnknown):
                await async_evolink_client.videos.create(**EVOLINK)
            return (await (await async_apimart_client.videos.create(**APIMART)).wait()).done
        assert asyncio.run(run())
        assert len(evolink_simulator.ledger) == 1

    def test_nothing_else_is_reached(evolink_simulator):
        with pytest.raises(Exception, match="not mocked"):
            httpx.get("https://example.com")

    def test_waiting_takes_no_time(evolink_client, vidgate_clock):
        before = vidgate_clock.now()
        evolink_client.videos.create(**EVOLINK).wait()
        assert vidgate_clock.now() - before >= 60
"""

IDLE = f"""
    import sys

    def test_idle():
        assert "vidgate.pytest_plugin" in sys.modules
        assert [name for name in {HEAVY!r} if name in sys.modules] == []
"""

MISSING = """
    import sys

    sys.modules["starlette"] = None
    sys.modules["starlette.applications"] = None

    def test_that_needs_it(evolink_simulator):
        raise AssertionError("never reached")
"""


@pytest.fixture
def run_pytest(tmp_path: Path) -> Callable[[str], str]:
    """Run a test file with the plugin and nothing else of ours."""

    def run(source: str) -> str:
        (tmp_path / "test_theirs.py").write_text(textwrap.dedent(source), encoding="utf-8")
        (tmp_path / "pytest.ini").write_text("[pytest]\nfilterwarnings = error\n", encoding="utf-8")
        variables = {
            "PATH": os.environ.get("PATH", ""),
            "PYTHONPATH": os.pathsep.join((str(ROOT), str(ROOT / "generated"))),
            # An installed vidgate would bring the plugin a second time, under the name of its entry point.
            "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1",
            "HOME": str(tmp_path / "home"),
        }
        command = (sys.executable, "-m", "pytest", "-q", "-p", "vidgate.pytest_plugin", "-p", "no:cacheprovider", ".")
        done = subprocess.run(command, cwd=tmp_path, env=variables, check=False, capture_output=True, text=True)
        return done.stdout + done.stderr

    return run


def test_journeys(run_pytest: Callable[[str], str], tmp_path: Path) -> None:
    """Ready-made clients and their own, sync and async, faults and time: no network, no waiting, no trace at home."""
    assert "7 passed" in run_pytest(JOURNEYS)
    assert not (tmp_path / "home").exists()


def test_it_costs_nothing_until_used(run_pytest: Callable[[str], str]) -> None:
    """The plugin is there, and none of what its fixtures need is loaded."""
    assert "1 passed" in run_pytest(IDLE)


def test_without_the_extra_it_says_what_is_missing(run_pytest: Callable[[str], str]) -> None:
    """One line with the remedy, no traceback."""
    output = run_pytest(MISSING)
    assert 'pip install "vidgate[simulator]"' in output
    assert "Traceback" not in output
    assert "never reached" not in output


def test_importing_it_loads_nothing_heavy() -> None:
    """Every pytest run of everybody who installed vidgate imports it."""
    code = (
        f"import sys; sys.path[:0] = {[str(ROOT), str(ROOT / 'generated')]!r}\n"
        "import pytest; before = set(sys.modules)\n"
        "import vidgate.pytest_plugin\nprint(*sorted(set(sys.modules) - before))"
    )
    run = subprocess.run((sys.executable, "-c", code), check=True, capture_output=True, text=True)
    assert run.stdout.split() == ["vidgate", "vidgate.pytest_plugin"]
