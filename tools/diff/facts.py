"""What a text states whatever its language: literals in code spans, numbers, URLs, and what must or must not be.

The same number is written in many ways (`2,000`, `２０００`, `2千`, `1~6` and `1-6`, `24 hours` and `24시간`, `three`):
`Text` knows everything a text may be taken to state, `facts` only what it surely states.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING, Final, Literal, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

FactKind: TypeAlias = Literal["code", "number", "url", "must"]


@dataclass(frozen=True, kw_only=True, slots=True, order=True)
class Fact:
    """One thing a text states: `value` is the same in every language, `shown` is how this text writes it."""

    kind: FactKind
    value: str
    shown: str


_FENCE: Final = re.compile(r"^ {0,3}(```+|~~~+).*?(?:^ {0,3}\1`*\s*$|\Z)", re.MULTILINE | re.DOTALL)
_CODE: Final = re.compile(r"(?<!`)(`+)(?!`)(.+?)(?<!`)\1(?!`)", re.DOTALL)
_URL: Final = re.compile(r"https?\\?://[!#-&*+./0-9:;=?-Z_a-z~-]+|(?<=\]\()/[!#-&*+./0-9:;=?-Z_a-z~-]*")
_URL_ENDS: Final = ".;:!?*_"
_LOCALE: Final = re.compile(r"^((?:https?://[^/]+)?)/(?:[a-z]{2}|[a-z]{2}-[A-Za-z]{2,4})(?=/|$)")

_SCALES: Final[Mapping[str, int]] = {
    **dict.fromkeys("k千천", 1_000), "thousand": 1_000,
    **dict.fromkeys("万萬만", 10_000),
    "m": 1_000_000, "million": 1_000_000,
    **dict.fromkeys("億亿억", 100_000_000),
    "billion": 1_000_000_000,
}  # fmt: skip

_UNITS: Final[Mapping[str, tuple[str, int, tuple[str, ...]]]] = {
    "second": ("time", 1, ("s", "sec", "secs", "second", "seconds", "秒", "秒間", "秒钟", "초")),
    "minute": ("time", 60, ("min", "mins", "minute", "minutes", "分", "分間", "分钟", "분")),
    "hour": ("time", 3_600, ("h", "hr", "hrs", "hour", "hours", "時間", "小时", "小時", "시간")),
    "day": ("time", 86_400, ("day", "days", "日", "日間", "天", "일", "일간")),
    "KB": ("size", 2**10, ("kb", "kib")),
    "MB": ("size", 2**20, ("mb", "mib", "メガバイト")),
    "GB": ("size", 2**30, ("gb", "gib")),
    "%": ("share", 1, ("%", "percent")),
    "px": ("pixel", 1, ("px", "pixel", "pixels", "像素", "ピクセル", "픽셀")),
}
"""Units whose confusion is worth an alarm: dimension, size in the smallest, spellings."""

_UNIT_NAMES: Final = {spelling: name for name, (_, _, spellings) in _UNITS.items() for spelling in spellings}

_GROUPS: Final = r"\d{1,3}(?:,\d{3})+(?!,?\d)|\d+"
_NUMBER: Final = re.compile(rf"({_GROUPS})(\.\d+)?")
_STATED: Final = re.compile(
    rf"(?<![A-Za-z0-9_.])(?P<number>(?:{_GROUPS})(?:\.\d+)?)"
    r"(?P<scale>\s?(?:[万萬億亿만억千천]|thousand\b|million\b|billion\b)|[kKM](?![A-Za-z]))?"
    rf"(?:[\s-]?(?P<unit>{'|'.join(sorted(map(re.escape, _UNIT_NAMES), key=len, reverse=True))})(?![A-Za-z]))?",
    re.IGNORECASE,
)
"""A number that is no part of a name: `720p` is one, `mp4` and `gemini-3.1` are none."""

_NAME: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]*(?:[-.][A-Za-z0-9_]+)*")
_ADDRESS: Final = re.compile(r"\d+(?:\.(?:\d+|x)){3}|\d+\.x\.x\.x|\d+\.\d+-\d+\.x\.x", re.IGNORECASE)
_ROW: Final = re.compile(r"^[ \t]*(?:\d+[.)、]\s|#+\s*\d+[.)、]?\s)", re.MULTILINE)
"""The number of an item of a list counts the text, not what it speaks of."""

_MONTHS: Final = (
    "jan(?:uary)?", "feb(?:ruary)?", "mar(?:ch)?", "apr(?:il)?", "may", "june?", "july?", "aug(?:ust)?",
    "sep(?:t|tember)?", "oct(?:ober)?", "nov(?:ember)?", "dec(?:ember)?",
)  # fmt: skip

_COUNTED: Final = r"(?=[个個次回张張枚つ種种度段本人项項件步天日分秒小時年月度倍组組対对条名点])"
_COUNTED_KOREAN: Final = r"(?=\s|번|개|장|가지|시간|차례|명|배|건|편|달|단계|쌍)"

_WORDS: Final[Mapping[str, tuple[str, str, str]]] = {
    "0": (r"zero|no", "零|無|无|なし", "없"),
    "1": (r"one|once|single|first|an?", f"一{_COUNTED}|首|单|単|最初", f"하나|첫|단일|(?<![가-힣])한{_COUNTED_KOREAN}"),
    "2": (r"two|twice|both|second|double|pair", f"[二两両]{_COUNTED}|双", f"둘|(?<![가-힣])두{_COUNTED_KOREAN}"),
    "3": (r"three|third|triple", f"三{_COUNTED}", f"셋|(?<![가-힣])세{_COUNTED_KOREAN}"),
    "4": (r"four|fourth", f"四{_COUNTED}", f"넷|(?<![가-힣])네{_COUNTED_KOREAN}"),
    "5": (r"five|fifth", f"五{_COUNTED}", "다섯"),
    "6": (r"six|sixth", f"六{_COUNTED}", "여섯"),
    "7": (r"seven|week", f"七{_COUNTED}|一周|一週", "일곱|일주일"),
    "8": (r"eight", f"八{_COUNTED}", "여덟"),
    "9": (r"nine", f"九{_COUNTED}", "아홉"),
    "10": (r"ten", f"十{_COUNTED}", f"(?<![가-힣])열{_COUNTED_KOREAN}"),
    "12": (r"twelve|dozen", f"十二{_COUNTED}", "열두"),
    "24": (r"a day|one day", "一天|一日", "하루"),
    "100": (r"hundred", "百", "백"),
}  # fmt: skip
"""Words that may stand for a number: English, Chinese and Japanese, Korean. They only ever silence an alarm."""

_ALIASES: Final[tuple[tuple[str, str], ...]] = tuple(
    (rf"\b(?:{english})\b|{han}|{korean}", value) for value, (english, han, korean) in _WORDS.items()
) + tuple((rf"\b{name}\b\.?", str(number)) for number, name in enumerate(_MONTHS, start=1))
"""Compiled by `re` when a text is read: most comparisons read none."""

_MUST: Final[Mapping[str, tuple[str, ...]]] = {
    "must not": (
        r"\b(?:must|may|can|shall)(?:\s?not|n't)\b", r"\bnot (?:be )?(?:supported|allowed|permitted)\b",
        r"\b(?:forbidden|prohibited|unsupported)\b", r"\bdoes not support\b",
        "不可", "不能", "不支持", "禁止", "不得", "できません", "できない", "しないでください", "非対応", "未対応",
        "サポートされていません", "サポートしません", "불가", "안 됩니다", "안 된다", "지원되지 않",
        "지원하지 않", "금지", "할 수 없",
    ),
    "must": (
        r"\bmust\b(?!\s?not)", r"\bshall\b(?!\s?not)", r"\brequired\b", r"\bmandatory\b",
        "必须", "必需", "必填", "必传", "必須", "必ず", "なければなりません", "する必要があります",
        "필수", "반드시", "해야 합니다", "해야 한다", "하여야", "필요합니다",
    ),
    "optional": (
        r"\boptional(?:ly)?\b", "可选", "选填", "任意", "省略可", "オプション", "선택 사항", "선택사항", "생략 가능",
    ),
}  # fmt: skip
_MUST_PATTERNS: Final = {value: "|".join(patterns) for value, patterns in _MUST.items()}


def number_of(digits: str) -> str:
    """The canonical spelling of a number: no separators, no leading or trailing zeros."""
    value = Decimal(digits.replace(",", ""))
    text = format(value.normalize(), "f")
    return "0" if text == "-0" else text


def link(url: str) -> str:
    """A URL without what a translation may change: the locale it leads into, the anchor, a slash at the end."""
    url = url.replace("\\", "").partition("#")[0].rstrip(_URL_ENDS)
    return _LOCALE.sub(r"\1", url).rstrip("/")


def literal(code: str) -> str | None:
    """A code span as a literal, or None when it holds words that may be translated."""
    text = " ".join(_plain(code).split()).strip("\"'“”")
    text = _squeeze(text)
    if not text or not text.isascii() or " " in text or len(text) > _LONGEST:
        return None
    return text.casefold()


_LONGEST: Final = 80


@dataclass(frozen=True)
class Text:
    """One text, taken apart once."""

    source: str

    @cached_property
    def plain(self) -> str:
        """The text in one spelling of width and dashes, without fenced code."""
        return _FENCE.sub("\n", _plain(self.source))

    @cached_property
    def facts(self) -> tuple[Fact, ...]:
        """What the text surely states, in order, each once."""
        seen: dict[tuple[str, str], Fact] = {}
        for fact in (*self._codes(), *self._links(), *self._counts()):
            seen.setdefault((fact.kind, fact.value), fact)
        return tuple(seen.values())

    @cached_property
    def counted(self) -> Counter[str]:
        """How often the text states each value, in code or not."""
        return Counter(fact.value for fact in (*self._codes(), *self._links(), *self._counts()))

    @cached_property
    def musts(self) -> frozenset[str]:
        """Which of must, must not and optional the text says."""
        found = (value for value, said in _MUST_PATTERNS.items() if re.search(said, self._bare, re.IGNORECASE))
        return frozenset(found)

    def states(self, fact: Fact) -> bool:
        """Whether the text may be taken to state a fact of another text."""
        if fact.kind == "must":
            return fact.value in self.musts
        if fact.kind == "number":
            return self._counts_as(*fact.value.split())
        if fact.kind == "url":
            return fact.value in self._addresses
        return self._writes(fact.value)

    def _counts_as(self, number: str, unit: str | None = None) -> bool:
        if number not in self._numbers:
            return False
        units = {name for value, name in self._measures if value == number}
        if unit is None or not units or None in units or unit in units:
            return True
        dimension, size, _ = _UNITS[unit]
        base = Decimal(number) * size
        return not any(name and _UNITS[name][0] == dimension for name in units) or any(
            value and name and _UNITS[name][0] == dimension and Decimal(value) * _UNITS[name][1] == base
            for value, name in self._measures
        )

    @cached_property
    def _measures(self) -> frozenset[tuple[str, str | None]]:
        return frozenset((_value(found), _unit(found)) for found in _STATED.finditer(self.plain))

    def _writes(self, value: str) -> bool:
        if re.fullmatch(r"\d+(?:\.\d+)?", value):
            return number_of(value) in self._digits
        edge = r"[A-Za-z0-9_]"
        pattern = rf"(?<!{edge}){re.escape(value)}(?!{edge})"
        return re.search(pattern, self._squeezed) is not None

    @cached_property
    def _squeezed(self) -> str:
        return _squeeze(self.plain).casefold()

    @cached_property
    def _bare(self) -> str:
        """The text without code, URLs and addresses of hosts."""
        return _ROW.sub(" ", _ADDRESS.sub(" ", _URL.sub(" ", _CODE.sub(" ; ", self.plain))))

    def _codes(self) -> Iterator[Fact]:
        for found in _CODE.finditer(self.plain):
            value = literal(found[2])
            if value is None or _URL.fullmatch(found[2].strip("\"' ")):
                continue
            if re.fullmatch(r"\d+(?:\.\d+)?", value):
                value = number_of(value)
            yield Fact(kind="code", value=value, shown=f"`{found[2].strip()}`")

    def _links(self) -> Iterator[Fact]:
        for found in _URL.finditer(self.plain):
            url = found[0].rstrip(_URL_ENDS)
            yield Fact(kind="url", value=link(url), shown=url)

    def _counts(self) -> Iterator[Fact]:
        for found in _STATED.finditer(_NAME.sub(_blank, self._bare)):
            unit = _unit(found)
            value = _value(found) if unit is None else f"{_value(found)} {unit}"
            yield Fact(kind="number", value=value, shown=found[0].strip())

    @cached_property
    def _addresses(self) -> frozenset[str]:
        return frozenset(link(found[0]) for found in _URL.finditer(self.plain))

    @cached_property
    def _numbers(self) -> frozenset[str]:
        return self._digits | {value for said, value in _ALIASES if re.search(said, self.plain, re.IGNORECASE)}

    @cached_property
    def _digits(self) -> frozenset[str]:
        text = self.plain
        found = {number_of(match[0]) for match in _NUMBER.finditer(text)}
        found |= {number_of(match[1]) for match in _NUMBER.finditer(text)}
        for match in _STATED.finditer(text):
            found.add(_value(match))
            found.update(_converted(match))
        for match in re.finditer(r"(\d+)\s?([kKM])(?![A-Za-z])", text):
            found.add(number_of(str(Decimal(match[1]) * _SCALES[match[2].casefold()])))
        return frozenset(found)


@lru_cache(maxsize=8192)
def read(source: str) -> Text:
    """A text taken apart; the same text of many pages is read once."""
    return Text(source)


def facts(source: str) -> tuple[Fact, ...]:
    """What a Markdown text surely states in any language: literals, numbers and URLs, in order, each once."""
    return read(source).facts


def _plain(text: str) -> str:
    """Full-width forms in their usual width, every dash and wave of a range as `-`."""
    text = unicodedata.normalize("NFKC", text).replace("\\", "")
    text = re.sub(r"[ \t]+", " ", text)  # long runs would cost the patterns below their square
    text = re.sub(r"(\d{20})\d+", r"\1", text)  # no number of a text is longer, and Decimal keeps 28 digits
    text = re.sub(r"(?<=[\d\s])[〜~–—−‐-―](?=[\d\s])", "-", text)
    return text.replace("，", ",")


def _squeeze(text: str) -> str:
    """No blanks around signs: `[1, 15]` and `3 - 10` are `[1,15]` and `3-10`."""
    return re.sub(r"(?<=\d)[ \t]*-[ \t]*(?=\d)", "-", re.sub(r"[ \t]*([:=,/|<>×\[\]{}()])[ \t]*", r"\1", text))


def _blank(found: re.Match[str]) -> str:
    """A name loses its digits, and keeps its place so that what stands beside it stays apart."""
    text = found[0]
    return text if text.isalpha() else "_" * len(text)


def _value(found: re.Match[str]) -> str:
    scale = (found["scale"] or "").strip()
    value = Decimal(found["number"].replace(",", ""))
    if scale and scale not in "kKmM":  # `4K` is the name of a resolution more often than four thousand
        value *= _SCALES[scale.casefold()]
    return number_of(str(value))


def _unit(found: re.Match[str]) -> str | None:
    return _UNIT_NAMES.get((found["unit"] or "").casefold())


def _converted(found: re.Match[str]) -> Iterator[str]:
    """The same measure in smaller and larger units: `1 hour` is 60 minutes and 3600 seconds."""
    unit = _unit(found)
    if unit is not None:
        dimension, size, _ = _UNITS[unit]
        base = Decimal(found["number"].replace(",", "")) * size
        for other, other_size, _ in _UNITS.values():
            if other == dimension and base % other_size == 0:
                yield number_of(str(base / other_size))
