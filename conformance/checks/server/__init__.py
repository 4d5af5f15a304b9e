"""Judges a server, whichever it is: mocked, simulated or live. A check knows nothing but its Run."""

from __future__ import annotations

from ... import _plans

__all__ = ["_plans"]  # loaded so that the lives are known
