"""Changes as JUnit XML: one suite per comparison, one test case per change; what fails the run is a failure."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING, Final

from tools.report._comparison import component, copies, ordered, ordered_acceptances
from tools.report._values import compact, line, listed, verdict, visible

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from tools.model import Change
    from tools.report._comparison import Comparison

_VALUE: Final = 2_000
_NAMES: Final = 20


def render(comparisons: Sequence[Comparison]) -> str:
    """Names are what CI compares from run to run, so they hold no line numbers."""
    suites = [row for one in comparisons for row in _suite(one)]
    cases = [_cases(one) for one in comparisons]
    totals = _attributes(
        tests=str(sum(cases)), failures=str(sum(map(_failures, comparisons))), errors="0", name="vidgate diff"
    )
    return (
        "\n".join(['<?xml version="1.0" encoding="UTF-8"?>', f"<testsuites{totals}>", *suites, "</testsuites>"]) + "\n"
    )


def _cases(comparison: Comparison) -> int:
    return len(comparison.changes) + len(comparison.accepted) or 1


def _failures(comparison: Comparison) -> int:
    return sum(comparison.fails(change) for change in comparison.changes)


def _suite(comparison: Comparison) -> Iterator[str]:
    attributes = _attributes(
        name=comparison.title,
        tests=str(_cases(comparison)),
        failures=str(_failures(comparison)),
        errors="0",
        skipped=str(len(comparison.accepted)),
    )
    yield f"  <testsuite{attributes}>"
    yield f"    <properties>{_property('old', comparison.old)}{_property('new', comparison.new)}</properties>"
    for change in ordered(comparison.changes):
        yield from _case(comparison, change)
    for one in ordered_acceptances(comparison):
        until = f" (until {one.until})" if one.until else ""
        yield f"    <testcase{_naming(comparison, one.change)}>"
        yield f"      <skipped{_attributes(message=f'accepted{until}: {one.reason}')}/>"
        yield "    </testcase>"
    if not comparison.changes and not comparison.accepted:
        yield f"    <testcase{_attributes(classname=comparison.title, name='no change')}/>"
    told = [f"stale acceptance: {line(text)}" for text in comparison.stale] + [line(text) for text in comparison.notes]
    if told:
        yield f"    <system-out>{_text(chr(10).join(told))}</system-out>"
    yield "  </testsuite>"


def _case(comparison: Comparison, change: Change) -> Iterator[str]:
    yield f"    <testcase{_naming(comparison, change)}>"
    body = _text("\n".join(_body(comparison, change)))
    if comparison.fails(change):
        yield f"      <failure{_attributes(type=change.rule, message=change.message)}>{body}</failure>"
    else:
        yield f"      <system-out>{body}</system-out>"
    yield "    </testcase>"


def _naming(comparison: Comparison, change: Change) -> str:
    new = bool(change.new.path)
    place = change.new if new else change.old
    known = {} if place.line is None else {"line": str(place.line)}
    classname = f"{comparison.provider or comparison.title}.{component(change)}"
    name = f"{change.rule} {change.pointer}".strip()
    return _attributes(classname=classname, name=name, file=comparison.file(change, new=new), **known)


def _body(comparison: Comparison, change: Change) -> Iterator[str]:
    yield f"{change.level}: {line(change.message)}"
    yield f"old: {line(str(change.old))}"
    yield f"new: {line(str(change.new))}"
    yield f"before: {compact(change.before, _VALUE)}"
    yield f"after: {compact(change.after, _VALUE)}"
    if change.copies:
        yield f"and in {listed(list(map(line, copies(change))), _NAMES)}"
    if change.usages:
        yield f"used by {line(change.usages[0].operation)}, {len(change.usages)} in all"
    if change.witness is not None:
        yield f"{verdict(change.witness)}: {compact(change.witness.payload, _VALUE)}"
    yield from (line(text) for text in (change.why, comparison.rules.get(change.rule, "")) if text)


def _property(name: str, value: str) -> str:
    return f"<property{_attributes(name=name, value=value)}/>"


def _attributes(**values: str) -> str:
    return "".join(f' {name}="{escape(line(value))}"' for name, value in values.items())


def _text(value: str) -> str:
    """XML 1.0 has no way at all to write most control characters; `visible` leaves none."""
    return escape(visible(value), quote=False)
