"""`vidgate models` and `vidgate check`: what the contracts know; nothing is sent."""

from __future__ import annotations

import json
from dataclasses import asdict
from itertools import groupby
from typing import Any

from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from vidgate._contract import ModelInfo
from vidgate._providers import Provider
from vidgate._report import Problem, Report
from vidgate.cli import _request
from vidgate.cli._card import Card, Parameter, card_of
from vidgate.cli._connect import offline
from vidgate.cli._problems import FINDINGS, GOOD
from vidgate.cli._screen import INDENT, Screen, plain, problems

WIDE = 110
"""Columns of a terminal from which a parameter fits on a line."""


def models(screen: Screen, model: str | None, *, provider: str | None, as_json: bool) -> int:
    """List the models, or explain one."""
    if model is not None:
        card = card_of(*_request.find_model(model, provider))
        if as_json:
            screen.json(card_json(card))
        else:
            _show_card(screen, card)
        return GOOD
    known = _request.models(provider)
    if as_json:
        screen.json([card_json(card_of(row, info)) for row, info in known])
    else:
        _show_models(screen, known)
    return GOOD


def check(screen: Screen, request: _request.Request, *, as_json: bool) -> int:
    """Validate a request and say what is wrong with it."""
    report = offline(request.provider).check(request.body)
    if as_json:
        screen.json(report_json(report))
    else:
        if report.errors:
            screen.show(Text(_count(len(report.errors), "error") + f" in the request for {request.model}", style="red"))
            screen.show(problems(report.errors, "red"))
        if report.warnings:
            screen.show(Text(_count(len(report.warnings), "warning"), style="yellow"))
            screen.show(problems(report.warnings, "yellow"))
        if not report.errors:
            screen.show(Text.assemble(("ok", "green"), f": {request.model} takes this request"))
    return GOOD if report else FINDINGS


def report_json(report: Report) -> dict[str, Any]:
    """Describe a report for machines."""

    def row(problem: Problem) -> dict[str, str]:
        return {"field": problem.field, "rule": problem.rule, "message": problem.message, "fix": problem.fix}

    return {
        "valid": not report.errors,
        "model": report.model,
        "errors": [row(problem) for problem in report.errors],
        "warnings": [row(problem) for problem in report.warnings],
    }


def card_json(card: Card) -> dict[str, Any]:
    """Describe a model for machines; docs/commands.md promises this shape."""
    return {
        "provider": card.provider.name,
        "model": card.model,
        "kind": card.kind,
        "summary": card.summary,
        "description": card.description,
        "request_class": card.request_class,
        "parameters": [asdict(parameter) for parameter in card.parameters],
        "rules": list(card.rules),
        "advice": list(card.advice),
        "pages": [asdict(page) for page in card.pages],
        "example": {
            "request": dict(card.example),
            "python": card.python(),
            "command": " ".join(["vidgate run", *card.words()]),
        },
    }


def _show_models(screen: Screen, known: list[tuple[Provider, ModelInfo]]) -> None:
    width = max(len(info.id) for _, info in known)
    for (name, kind), group in groupby(known, key=lambda pair: (pair[0].name, pair[1].kind)):
        rows = list(group)
        row = rows[0][0]
        title = f"{row.title} {kind}s" if len(row.kinds) > 1 else row.title
        screen.show(Text.assemble((title, "bold"), (f"  --provider {name}, key in {row.key_variable}", "dim")))
        grid = Table.grid(padding=(0, 2, 0, 0))
        if screen.is_narrow():
            grid.add_column(overflow="fold")
            for _, info in rows:
                grid.add_row(Text("  " + info.id, style="cyan"))
                grid.add_row(Padding(_names(info), (0, 0, 0, 4)))
        else:
            grid.add_column(no_wrap=True, width=width + 2)
            grid.add_column(overflow="fold")
            for _, info in rows:
                grid.add_row(Text("  " + info.id, style="cyan"), _names(info))
        screen.show(grid)
        screen.show("")
    screen.note("* required. `vidgate models MODEL` explains the parameters of one model.")


def _names(info: ModelInfo) -> Text:
    text = Text()
    for index, field in enumerate(info.fields):
        text.append(", " if index else "")
        text.append(field.name + ("*" if field.required else ""), style="bold" if field.required else "")
    return text


def _show_card(screen: Screen, card: Card) -> None:
    screen.show(Text.assemble((card.model, "bold cyan"), (f"  {card.provider.title}, {card.kind}", "dim")))
    if card.summary:
        screen.show(Text(plain(card.summary)))
    screen.show("")
    screen.show(_in_two_columns(card) if screen.width < WIDE else _in_columns(card))
    if card.rules or card.advice:
        screen.heading("Rules")
        for line in (*card.rules, *card.advice):
            screen.show(Padding(Text(plain(line)), (0, 0, 0, INDENT), expand=False))
    screen.heading("Documented at")
    screen.listing("\n".join(str(page) for page in card.pages))
    screen.heading("Python")
    screen.listing(card.python())
    screen.heading("Command line")
    screen.listing(_command(card, screen.width))
    screen.note("")
    screen.note("* required. `default`: what the provider takes when you leave the parameter out.")


def _in_columns(card: Card) -> Table:
    """One parameter a line, where the screen is wide."""
    table = Table(box=None, padding=(0, 2, 0, 0), header_style="dim", pad_edge=False)
    table.add_column("parameter", no_wrap=True)
    table.add_column("must be", overflow="fold", ratio=2)
    table.add_column("default", no_wrap=True)
    table.add_column("what it is", overflow="fold", ratio=3)
    for one in card.parameters:
        what = " ".join([one.summary, *one.rules])
        table.add_row(_name(one), plain(one.type), _default(one), plain(what))
    return table


def _in_two_columns(card: Card) -> Table:
    """What a parameter must be over what it is, beside its name."""
    grid = Table.grid(padding=(0, 2, 0, 0))
    grid.add_column(no_wrap=True)
    grid.add_column(overflow="fold")
    for one in card.parameters:
        text = Text(plain(one.type), style="green")
        if one.default is not None:
            text.append(f"; default {_default(one)}")
        grid.add_row(_name(one), text)
        grid.add_row("", plain(" ".join([one.summary, *one.rules])))
    return grid


def _name(one: Parameter) -> Text:
    return Text(one.name + ("*" if one.required else ""), style="bold" if one.required else "")


def _default(one: Parameter) -> str:
    if one.default is None:
        return ""
    return plain(one.default if isinstance(one.default, str) else json.dumps(one.default, ensure_ascii=False))


def _command(card: Card, width: int) -> str:
    """The command on one line where it fits, else on several that a shell reads as one."""
    line = " ".join(["vidgate run", *card.words()])
    if len(line) + INDENT <= width:
        return line
    model, *pairs, option, file = card.words()
    return " \\\n  ".join([f"vidgate run {model}", *pairs, f"{option} {file}"])


def _count(number: int, word: str) -> str:
    return f"{number} {word}" if number == 1 else f"{number} {word}s"
