"""Prose against schema: what a description says of its own node and the node denies.

Read narrowly, because a false alarm costs more than a missed one: only what is said of the value itself, only where the
schema has the keyword, and where a text states several bounds one that agrees is enough.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from tools.diff._sides import text_of
from tools.diff.facts import literal, number_of, read
from tools.diff.rules import BY_ID
from tools.errors import Place
from tools.model import Change
from tools.schema.common import NOTHING, apart
from tools.schema.pointers import join
from tools.schema.shapes import is_array, is_object

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from tools.model import Json, JsonObject

_N: Final = r"[`*\"']*(\d{1,3}(?:,\d{3})+|\d+)[`*\"']*"
_SIGNED: Final = r"[`*\"']*(-?\d+(?:\.\d+)?)\s*[a-z%秒초]{0,8}[`*\"']*"
_MOST: Final = (
    r"(?:max(?:imum)?(?: of)?|up to|at most|no more than|(?:must )?not exceed|limited to|"
    r"不超过|最多(?:支持)?|最大|上限|限制为?|不得超过|最長|最长|最大で|최대|제한)"
)
_CHARACTERS: Final = r"(?:characters?\b|chars?\b|字符|文字|글자|자(?![가-힣])|자를|자까지|자\s*이내)"
_MOST_AFTER: Final = r"(?:以内|以下|まで|を超え|이하|이내|까지|초과|max\b|or less|or fewer)"
_ITEMS: Final = (
    r"(?:(?:reference )?(?:images?|videos?|items?|files?|clips?|elements?|urls?)\b|张|枚|个|個|つ|件|段|本|장|개|건)"
)
_DEFAULT: Final = (
    r"(?:defaults? (?:to|is|value|value is)|default value:|default:|\bdefault(?= [`\"\d])|默认值?为?是?|"
    r"デフォルト値?は?|既定値?は?|기본값은?|기본)"
)
_VALUE: Final = r"(?:`+[\"']?([^`\s\"']+)[\"']?`+|(-?\d+(?:\.\d+)?)(?![\d:x×-])|(true|false)\b)"
_LABEL: Final = (
    r"(?:options?|(?:supported|allowed|possible|available|accepted|valid) (?:values?|formats?|models?|options?)|"
    r"values?|supports the following values|"
    r"可选值|可选项|支持的(?:值|模型|格式)?|取值|オプション|選択肢|対応(?:値|モデル)?|"
    r"サポートされる値|サポートする値|利用可能な値|옵션|선택값|지원 ?값|지원하는 값|지원 모델|가능한 값)"
)
_FIXED: Final = r"(?:fixed (?:to|as|at)|固定为|固定値?は?|고정값?:?)"
_LOOSE: Final = re.compile(
    r"e\.g\.|such as|for example|\betc\b|recommend|suggest|例如|如:|建议|推荐|等|例:|など|推奨|예:|예를|등\b|권장|"
    r"depend|varies|取决|모델에 따라|モデルにより",
    re.IGNORECASE,
)
"""A sentence that gives examples or advice bounds nothing."""

LENGTH: Final = (
    rf"{_MOST}[^\n.;。`\d]{{0,24}}{_N}\s*{_CHARACTERS}",
    rf"{_N}\s*{_CHARACTERS}\s*{_MOST_AFTER}",
)
COUNT: Final = (
    rf"{_MOST}[^\n.;。`\d(]{{0,16}}{_N}\s*{_ITEMS}",
    rf"{_N}\s*{_ITEMS}\s*{_MOST_AFTER}",
)
RANGE: Final = (
    r"(?:range|between|supports any integer(?: value)?(?: between)?|integer|范围|取值|之间|整数|範囲|범위|정수)"
    rf"[^\n\d.;。-]{{0,24}}?[\[(]?{_SIGNED}\s*(?:-|to|and|,|から|至|到|에서|~)\s*{_SIGNED}"
)
_DEFAULTS: Final = (
    rf"{_DEFAULT}\s*:?\s*{_VALUE}",
    r"^\s*[-*]\s*`([^`\n]+)`[^\n`]*[(（](?:default|默认|デフォルト|기본값?)[^\n)]{0,12}\)",
)
_FIXED_VALUE: Final = rf"{_FIXED}\s*:?\s*`([^`\s]+)`"
_LISTED: Final = r"[ \t*]*:[ \t*]*(?P<inline>[^\n]*)\n*(?P<rows>(?:[ \t]*[-*] [^\n]*(?:\n|$))*)"
_ROW_START: Final = re.compile(r"^\s*[-*]\s+((?:`[^`\n]+`\s*(?:\([^)\n]*\)\s*)?(?:[,、/]|or\b|和|或|と|및|또는)?\s*)+)")
_SPAN: Final = re.compile(r"`([^`\n]+)`")

_DATA: Final = frozenset({"value", "example", "default", "properties"})
_BOUNDING: Final = frozenset({"maxLength", "maxItems", "minimum", "maximum", "default", "const", "enum"})
"""What a text may contradict; a schema without any of it is not read."""


@dataclass(frozen=True, kw_only=True, slots=True)
class _Node:
    """A described node: its text in one spelling, and the keywords that hold for it."""

    text: str
    schema: JsonObject


def contradictions(
    document: JsonObject, *, place: Callable[[str], Place] | None = None, beside: Json = NOTHING
) -> tuple[Change, ...]:
    """Every description that contradicts the schema it describes; `place` says where a pointer stands.

    Passed over is what is the very same object at the same place of `beside`.
    """
    return tuple(
        change for pointer, node in apart(document, beside) for change in _judge(pointer, node, place or _here)
    )


def _matches(pattern: str, text: str) -> Iterator[re.Match[str]]:
    """`re` keeps what it has compiled; most comparisons need few of these patterns."""
    return re.finditer(pattern, text, re.IGNORECASE | re.MULTILINE)


def _here(pointer: str) -> Place:
    return Place(path="document", pointer=pointer)


def _judge(pointer: str, value: Json, place: Callable[[str], Place]) -> Iterator[Change]:
    if not is_object(value) or pointer.rpartition("/")[2] in _DATA:
        return
    description: Json = value.get("description")
    if not isinstance(description, str):
        return
    told: Json = value.get("schema", value)  # a parameter describes its schema
    if not is_object(told) or _BOUNDING.isdisjoint(told):
        return
    at = pointer if told is value else join(pointer, "schema")
    node = _Node(text=read(description).plain, schema=told)
    rule = BY_ID["prose-contradicts-schema"]
    for keyword, said in (*_bounds(node), *_defaults(node), *_values(node)):
        here = place(join(pointer, "description"))
        yield Change(
            rule=rule.id,
            level=rule.level,
            axis="prose",
            pointer=join(pointer, "description"),
            message=f"the text {said}, but {keyword} is {_shown(told[keyword])}",
            old=place(join(at, keyword)),
            new=here,
            before=told[keyword],
            after=said,
        )


def _shown(value: Json) -> str:
    return json.dumps(value, ensure_ascii=False)


def _number(value: Json) -> str | None:
    return None if isinstance(value, bool) or not isinstance(value, int | float) else _canonical(str(value))


def _canonical(digits: str) -> str:
    return f"-{number_of(digits[1:])}" if digits.startswith("-") else number_of(digits)


def _sentence(found: re.Match[str]) -> str:
    text = found.string
    start = max(text.rfind(mark, 0, found.start()) for mark in ("\n", ". ", "。"))
    ends = [at for at in (text.find(mark, found.end()) for mark in ("\n", ". ", "。")) if at >= 0]
    return text[start + 1 : min(ends, default=len(text))]


def _firm(found: re.Match[str]) -> bool:
    """Whether a match stands in a sentence that means it."""
    return _LOOSE.search(_sentence(found)) is None


def _own(found: re.Match[str]) -> bool:
    """Whether a sentence is about the node itself: one that names something else may bound that."""
    return not any(re.search(r"[A-Za-z]{3}", span) for span in _SPAN.findall(_sentence(found)))


def said_limits(text: str, patterns: Sequence[str]) -> list[str]:
    """Every limit that a text in one spelling firmly states by one of the patterns, each of which captures it."""
    return [number_of(found[1]) for pattern in patterns for found in _matches(pattern, text) if _firm(found)]


def said_ranges(text: str, patterns: Sequence[str] = (RANGE,)) -> set[tuple[str, str]]:
    """Every range of its own value that a text firmly states."""
    return {
        (_canonical(found[1]), _canonical(found[2]))
        for pattern in patterns
        for found in _matches(pattern, text)
        if _firm(found) and _own(found)
    }


def _bounds(node: _Node) -> Iterator[tuple[str, str]]:
    for keyword, patterns, noun in (("maxLength", LENGTH, "characters"), ("maxItems", COUNT, "items")):
        limit = _number(node.schema.get(keyword))
        if limit is None:
            continue
        said = said_limits(node.text, patterns)
        if said and limit not in said:
            yield keyword, f"says at most {' or '.join(dict.fromkeys(said))} {noun}"
    bounded = "minimum" in node.schema or "maximum" in node.schema
    if not bounded or ("integer" not in _types(node) and "number" not in _types(node)):
        return
    ranges = said_ranges(node.text)
    if len(ranges) != 1:
        return  # several ranges are about several cases
    for keyword, said_bound in zip(("minimum", "maximum"), next(iter(ranges)), strict=True):
        bound = _number(node.schema.get(keyword))
        if bound is not None and bound != said_bound:
            low, high = next(iter(ranges))
            yield keyword, f"says {low} to {high}"


def _types(node: _Node) -> list[Json]:
    kind: Json = node.schema.get("type")
    return kind if is_array(kind) else [kind]


def _defaults(node: _Node) -> Iterator[tuple[str, str]]:
    value: Json = node.schema.get("default")
    if value is None or is_object(value) or is_array(value):
        return
    said = [
        next(group for group in found.groups() if group)
        for pattern in _DEFAULTS
        for line in node.text.split("\n")
        for found in _matches(pattern, line)
    ]
    known = _spelling(value)
    if said and known not in map(_spelling, said):
        yield "default", f"says the default is {' or '.join(dict.fromkeys(said))}"


def _spelling(value: Json) -> str:
    text = value if isinstance(value, str) else text_of(value)
    text = text.strip("\"' ")
    return _canonical(text) if re.fullmatch(r"-?\d+(?:\.\d+)?", text) else text.casefold()


def _values(node: _Node) -> Iterator[tuple[str, str]]:
    keyword = "const" if "const" in node.schema else "enum"
    found: Json = [node.schema["const"]] if keyword == "const" else node.schema.get("enum")
    if not is_array(found) or not found:
        return
    known = {_spelling(value): value for value in found if value is not None}
    fixed = {one[1] for one in _matches(_FIXED_VALUE, node.text)}
    if len(known) == 1 and fixed and not {_spelling(one) for one in fixed} & set(known):
        yield keyword, f"says it is fixed to {' or '.join(sorted(fixed))}"
    listed = listed_values(node.text)
    if not listed or len(listed.keys() & known.keys()) * 2 < min(len(listed), len(known)):
        return  # a list of something else
    more = [shown for value, shown in listed.items() if value not in known]
    fewer = [_spelling(value) for value in known if value not in listed]
    if more:
        yield keyword, f"also lists {', '.join(more)}"
    if fewer and not any(value in node.text.casefold() for value in fewer):
        yield keyword, f"does not list {', '.join(fewer)}"


def listed_values(text: str, label: str = _LABEL) -> dict[str, str]:
    """The values under a label such as `Options:`, by canonical spelling."""
    values: dict[str, str] = {}
    for found in _matches(rf"^[ \t*#]*{label}{_LISTED}", text):
        if _LOOSE.search(found[0].partition(":")[0]) or _LOOSE.search(found["inline"]):
            continue
        starts = [row[1] for line in found["rows"].splitlines() for row in [_ROW_START.match(line)] if row is not None]
        for part in (found["inline"], *starts):
            for span in _SPAN.findall(part):
                if literal(span) is not None:
                    values.setdefault(_spelling(span), span.strip("\"'"))
    return values
