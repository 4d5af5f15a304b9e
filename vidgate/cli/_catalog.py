"""`vidgate models` and `vidgate check`: what the contracts know; nothing is sent."""

from __future__ import annotations

import json
from itertools import groupby
from typing import Any

from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from vidgate._contract import FieldInfo, ModelInfo
from vidgate._providers import Provider
from vidgate._report import Problem, Report
from vidgate.cli import _request
from vidgate.cli._connect import offline
from vidgate.cli._problems import FINDINGS, GOOD
from vidgate.cli._screen import Screen, plain, problems


def models(screen: Screen, model: str | None, *, provider: str | None, as_json: bool) -> int:
    """List the models, or the parameters of one."""
    if model is not None:
        row, info = _request.find_model(model, provider)
        if as_json:
            screen.json(_model_json(row, info))
        else:
            _show_model(screen, row, info)
        return GOOD
    known = _request.models(provider)
    if as_json:
        screen.json([_model_json(row, info) for row, info in known])
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


def _model_json(row: Provider, info: ModelInfo) -> dict[str, Any]:
    return {
        "provider": row.name,
        "model": info.id,
        "description": info.description,
        "request_class": info.request_class,
        "parameters": [
            {
                "name": field.name,
                "required": field.required,
                "type": field.type,
                "values": list(field.values),
                "default": field.default,
                "description": field.description,
            }
            for field in info.fields
        ],
    }


def _show_models(screen: Screen, known: list[tuple[Provider, ModelInfo]]) -> None:
    width = max(len(info.id) for _, info in known)
    for name, group in groupby(known, key=lambda pair: pair[0].name):
        rows = list(group)
        row = rows[0][0]
        screen.show(Text.assemble((row.title, "bold"), (f"  --provider {name}, key in {row.key_variable}", "dim")))
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


def _show_model(screen: Screen, row: Provider, info: ModelInfo) -> None:
    screen.show(Text.assemble((info.id, "bold cyan"), (f"  {row.title}", "dim")))
    if info.description:
        screen.show(Text(plain(_first_paragraph(info.description))))
    screen.show("")
    if screen.is_narrow():
        for field in info.fields:
            screen.show(_field_block(field))
    else:
        table = Table(box=None, padding=(0, 2, 0, 0), header_style="dim", pad_edge=False)
        table.add_column("parameter", no_wrap=True)
        table.add_column("must be", overflow="fold", ratio=2)
        table.add_column("at server", no_wrap=True)
        table.add_column("what it is", overflow="fold", ratio=3)
        for field in info.fields:
            table.add_row(_name(field), _must_be(field), _default(field), plain(_first_paragraph(field.description)))
        screen.show(table)
    screen.note("")
    screen.note("* required. `at server`: what the provider takes when you leave the parameter out.")
    screen.command("Try", f"vidgate check {info.id} {_example(info)}")


def _name(field: FieldInfo) -> Text:
    return Text(field.name + ("*" if field.required else ""), style="bold" if field.required else "")


def _field_block(field: FieldInfo) -> Padding:
    text = Text.assemble(_name(field), ": ", _must_be(field))
    if field.default is not None:
        text.append(f"; at server {_default(field)}", style="dim")
    text.append("\n" + plain(_first_paragraph(field.description)))
    return Padding(text, (0, 0, 1, 0))


def _must_be(field: FieldInfo) -> str:
    return plain(field.type)


def _default(field: FieldInfo) -> str:
    if field.default is None:
        return ""
    return plain(field.default if isinstance(field.default, str) else json.dumps(field.default, ensure_ascii=False))


def _first_paragraph(text: str) -> str:
    return " ".join(text.strip().split("\n\n", 1)[0].split()).replace("**", "").replace("`", "")


def _example(info: ModelInfo) -> str:
    shown = {"prompt": '"A paper boat drifts down a street"'}
    return " ".join(
        f"{field.name}={shown.get(field.name, 'https://...' if field.name.endswith('_urls') else '...')}"
        for field in info.fields
        if field.required
    )


def _count(number: int, word: str) -> str:
    return f"{number} {word}" if number == 1 else f"{number} {word}s"
