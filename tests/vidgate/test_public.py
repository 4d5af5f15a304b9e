"""What people import, and what importing it costs."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

import vidgate

ROOT = Path(vidgate.__file__).parents[1]

PUBLIC = [
    "APIMart",
    "AsyncAPIMart",
    "AsyncBatch",
    "AsyncClient",
    "AsyncEvoLink",
    "AsyncTask",
    "Batch",
    "Client",
    "Clock",
    "EvoLink",
    "FieldInfo",
    "ItemOutcome",
    "ModelInfo",
    "Outcome",
    "Problem",
    "RawResponse",
    "Report",
    "Result",
    "Task",
    "TaskFault",
    "Timeouts",
    "errors",
]

HEAVY = {
    "jsonschema_rs",
    "rich",
    "typer",
    "opentelemetry",
    "starlette",
    "respx",
    "pytest",
    "platformdirs",
    "procrastinate",
    "psycopg",
    "sqlalchemy",
    "sqlite3",
    "asyncio",
    "importlib.metadata",
}


def loaded_after(statement: str) -> set[str]:
    """The modules of a fresh interpreter after one statement."""
    code = f"import sys; sys.path[:0] = {[str(ROOT), str(ROOT / 'generated')]!r}\n{statement}\nprint(*sys.modules)"
    run = subprocess.run((sys.executable, "-c", code), check=True, capture_output=True, text=True)
    return set(run.stdout.split())


def test_public_names_are_pinned() -> None:
    """A name joins or leaves the public interface on purpose only."""
    assert sorted(vidgate.__all__) == sorted(PUBLIC)
    for name in PUBLIC:
        assert getattr(vidgate, name) is not None
        assert name in dir(vidgate)


def test_unknown_names_are_refused() -> None:
    """The lazy module still says what it does not have."""
    with pytest.raises(AttributeError, match="Evolink"):
        getattr(vidgate, "Evolink")  # noqa: B009


def test_the_package_alone_loads_next_to_nothing() -> None:
    """`import vidgate` brings neither httpx nor a generated package."""
    assert not {"httpx", "attrs", "attr", "evolink_api", "apimart_api", "asyncio"} & loaded_after("import vidgate")


def test_a_client_loads_no_more_than_it_needs() -> None:
    """The class of a client brings httpx, but no validator, no model of a request and nothing of the extras."""
    loaded = loaded_after("from vidgate import EvoLink, AsyncEvoLink, errors")
    assert "httpx" in loaded
    assert not HEAVY & (loaded - loaded_after("import httpx"))
    assert [name for name in loaded if name.startswith(("evolink_api", "apimart_api"))] == []


def test_the_command_line_loads_no_database() -> None:
    """Only `--on` and a journal at an address need one."""
    assert not {"procrastinate", "psycopg", "sqlalchemy"} & loaded_after("import vidgate.cli._main")


def test_the_validator_is_loaded_on_first_use() -> None:
    """jsonschema-rs comes with the first check of a request."""
    statement = "from vidgate import EvoLink\nclient = EvoLink('sk-0123456789')\n"
    assert "jsonschema_rs" not in loaded_after(f"{statement}client.models")
    assert "jsonschema_rs" in loaded_after(
        f"{statement}client.check(model='gemini-omni-flash-text-to-video', prompt='x')"
    )


@pytest.mark.parametrize("name", ["evolink", "apimart"])
def test_request_classes_are_re_exported_lazily(name: str) -> None:
    """The module lists every generated model and loads only the one that is asked for."""
    loaded = loaded_after(f"import vidgate.{name} as it\nassert dir(it) and it.ErrorResponse")
    models = {module for module in loaded if module.startswith(f"{name}_api.models.")}
    assert f"{name}_api.models.error_response" in models
    assert not [module for module in models if "request" in module]
    with pytest.raises(subprocess.CalledProcessError):
        loaded_after(f"from vidgate.{name} import NoSuchRequest")
