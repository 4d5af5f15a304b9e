"""A typed client for video generation APIs, checked against the providers' published contract.

Names are imported when they are first used, so that `import vidgate` costs next to nothing.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from vidgate import errors
    from vidgate._batch.run import AsyncBatch, Batch, ItemOutcome
    from vidgate._client import APIMart, AsyncAPIMart, AsyncEvoLink, EvoLink
    from vidgate._clock import Clock
    from vidgate._contract import FieldInfo, ModelInfo
    from vidgate._facade import AsyncClient, Client
    from vidgate._options import Timeouts
    from vidgate._outcome import Outcome
    from vidgate._raw import RawResponse
    from vidgate._report import Problem, Report
    from vidgate._state import Result, TaskFault
    from vidgate._tasks import AsyncTask, Task

_HOMES = {
    "APIMart": "_client",
    "AsyncAPIMart": "_client",
    "AsyncBatch": "_batch.run",
    "AsyncClient": "_facade",
    "AsyncEvoLink": "_client",
    "AsyncTask": "_tasks",
    "Batch": "_batch.run",
    "Client": "_facade",
    "Clock": "_clock",
    "EvoLink": "_client",
    "FieldInfo": "_contract",
    "ItemOutcome": "_batch.run",
    "ModelInfo": "_contract",
    "Outcome": "_outcome",
    "Problem": "_report",
    "RawResponse": "_raw",
    "Report": "_report",
    "Result": "_state",
    "Task": "_tasks",
    "TaskFault": "_state",
    "Timeouts": "_options",
}


def __getattr__(name: str) -> object:
    if name == "errors":
        return import_module("vidgate.errors")
    home = _HOMES.get(name)
    if home is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value: object = getattr(import_module(f"vidgate.{home}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})


__all__ = [
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
