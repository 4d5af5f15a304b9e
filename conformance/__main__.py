"""`python -m conformance`."""

from __future__ import annotations

from ._command import console

if __name__ == "__main__":
    console()
