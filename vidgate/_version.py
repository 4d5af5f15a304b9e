"""The version, where asking the installed package for it would cost more than the whole import."""

from __future__ import annotations

from typing import Final

VERSION: Final = "0.1.0"
