"""What every exchange must be, whoever made it; each file binds its looks with `watches`."""

from __future__ import annotations

from .._watch import WATCHERS
from . import _documents, _refusals, _transfer

__all__ = ["WATCHERS", "_documents", "_refusals", "_transfer"]  # loading them fills WATCHERS
