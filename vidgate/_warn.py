"""Warnings that point at the user's line, not into vidgate."""

from __future__ import annotations

import sys
import warnings
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from vidgate.errors import VidgateWarning

_HERE = str(Path(__file__).parent)


def warn(message: str, category: type[VidgateWarning]) -> None:
    """Warn at the nearest frame outside vidgate; `skip_file_prefixes` does this from Python 3.12 on."""
    level = 2
    frame = sys._getframe(1)  # noqa: SLF001 # pyright: ignore[reportPrivateUsage] - the only way to the frames
    while frame.f_back is not None and frame.f_code.co_filename.startswith(_HERE):
        frame = frame.f_back
        level += 1
    warnings.warn(message, category, stacklevel=level)
