"""EvoLink's request classes, one per model, and the types of its answers; each is imported when it is first used.

    from vidgate import EvoLink, evolink

They are those of the generated package `evolink_api`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import evolink_api.models

if TYPE_CHECKING:
    from evolink_api.models import *  # noqa: F403 - a new model needs no line here


def __getattr__(name: str) -> object:
    if name.startswith("_"):
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value: object = getattr(evolink_api.models, name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted(evolink_api.models.__all__)


__all__ = list(evolink_api.models.__all__)  # pyright: ignore[reportUnsupportedDunderAll] - that of another module, whole
