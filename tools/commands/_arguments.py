"""Options that several commands have, and the values they take."""

from __future__ import annotations

import argparse
import datetime as dt
from pathlib import Path
from typing import Final

SIDE: Final = "an OpenAPI file, a folder of pages, a provider, or git:REV[:PATH]"


def folder(text: str) -> Path:
    """A path, of a file or a folder."""
    return Path(text)


def day(text: str) -> dt.date:
    """A date as in 2026-07-02."""
    try:
        return dt.date.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is no date, as in 2026-07-02") from None


def add_provider(command: argparse.ArgumentParser) -> None:
    """`--provider`."""
    command.add_argument("--provider", metavar="P", help="one provider; all without it")


def add_pages(command: argparse.ArgumentParser) -> None:
    """`--pages`."""
    command.add_argument("--pages", type=folder, metavar="DIR", help="pages by locale, instead of specs/")


def add_overlays(command: argparse.ArgumentParser) -> None:
    """`--overlay`, as often as wanted."""
    help_text = "actions after the provider's own"
    command.add_argument("--overlay", type=folder, action="append", metavar="FILE", help=help_text)


def add_client(command: argparse.ArgumentParser) -> None:
    """What the generator may be told."""
    command.add_argument("--locale", metavar="L", help="language of docstrings instead of English")
    command.add_argument("--update-tools", action="store_true", help="lock the installed generator")
