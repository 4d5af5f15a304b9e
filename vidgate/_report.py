"""What offline validation found: plain data, so that it can be pickled and printed anywhere."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True, slots=True)
class Problem:
    """One broken rule of one field.

    `field` is the path as Python would write it (`image_urls[2]`), empty for the request as a whole;
    `rule` is the JSON Schema keyword or one of our own kebab-case ids; `fix` says what to write instead.
    """

    field: str
    rule: str
    message: str
    fix: str

    def __str__(self) -> str:
        place = f"{self.field}: " if self.field else ""
        return f"{place}{self.message} {self.fix}".rstrip()


@dataclass(frozen=True, kw_only=True, slots=True)
class Report:
    """The result of `client.check`: true when there is no error; warnings do not count."""

    model: str | None = None
    errors: tuple[Problem, ...] = ()
    warnings: tuple[Problem, ...] = ()

    def __bool__(self) -> bool:
        return not self.errors
