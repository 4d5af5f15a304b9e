"""How an error of ours carries facts: as fields, in its text, and through pickling and copying."""

from __future__ import annotations

from typing import Any


class VidgateError(Exception):
    """Root of the tree.

    `retryable`: whether doing the same again, unchanged, can succeed (for a failed task: a new, paid submission).
    `hint`: what to do, one or two sentences.
    """

    def __init__(
        self,
        message: str,
        *,
        hint: str = "",
        request_id: str | None = None,
        task_id: str | None = None,
        retryable: bool = False,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint
        self.request_id = request_id
        self.task_id = task_id
        self.retryable = retryable

    def facts(self) -> list[str]:
        """The facts that `str` shows in brackets, in order."""
        found: list[str] = []
        if self.task_id:
            found.append(f"task {self.task_id}")
        if self.request_id:
            found.append(f"request id {self.request_id}")
        return found

    def __str__(self) -> str:
        facts = ", ".join(self.facts())
        text = f"{self.message} ({facts})" if facts else self.message
        return f"{text}\n  {self.hint}" if self.hint else text

    def __reduce__(self) -> tuple[Any, ...]:
        # Exception's own reduction calls the class with `args` alone, which keyword-only fields do not survive.
        return (_rebuild, (type(self), self.args, self.__dict__.copy()))


# Where people import it from; tracebacks and pickles say the same.
VidgateError.__module__ = "vidgate.errors"


def _rebuild(kind: type[VidgateError], args: tuple[object, ...], state: dict[str, Any]) -> VidgateError:
    error = kind.__new__(kind)
    error.args = args
    error.__dict__.update(state)
    return error
