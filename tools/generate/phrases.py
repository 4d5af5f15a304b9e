"""What the generator's view adds to the contract's own descriptions, in the languages docstrings come in."""

from __future__ import annotations

import json
import unicodedata
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from tools.model import Json


@dataclass(frozen=True, kw_only=True, slots=True)
class Phrases:
    """Sentences with one gap each."""

    default: str
    one_of: str
    accepted: str
    known: str


PHRASES: Final[Mapping[str, Phrases]] = {
    "en": Phrases(
        default="Default at the server: {}.",
        one_of="One of {}.",
        accepted="Common values: {}; others are accepted.",
        known="Known values: {}; new ones may follow.",
    ),
    "ko": Phrases(
        default="서버 기본값: {}.",
        one_of="다음 중 하나: {}.",
        accepted="일반적인 값: {} (다른 값도 허용).",
        known="알려진 값: {} (추가될 수 있음).",
    ),
    "ja": Phrases(
        default="サーバー側の既定値: {}。",
        one_of="次のいずれか: {}。",
        accepted="よく使う値: {}（ほかの値も可）。",
        known="既知の値: {}（今後増える可能性あり）。",
    ),
    "cn": Phrases(
        default="服务器端默认值：{}。",
        one_of="取值之一：{}。",
        accepted="常用取值：{}（也接受其他值）。",
        known="已知取值：{}（以后可能增加）。",
    ),
}


def phrases(locale: str | None) -> Phrases:
    """The phrases of a locale; English for those we do not write."""
    return PHRASES.get(locale or "en", PHRASES["en"])


def neutral(text: object) -> str:
    """A description that can do nothing but be read: no control, format or surrogate characters, no triple quotes.

    Backslashes stay: the generator doubles them.
    """
    if not isinstance(text, str):
        return ""
    kept: list[str] = []
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    if text.replace("\n", "").isprintable():  # nothing of what is sought is
        kept.append(text)
        text = ""
    for character in text:
        category = unicodedata.category(character)
        if character == "\n" or category not in {"Cc", "Cf", "Cs", "Zl", "Zp"}:
            kept.append(character)
        elif character in "\t\u2028\u2029\x85":
            kept.append(" ")
    rows = (row.rstrip() for row in "".join(kept).replace('"""', "'''").split("\n"))
    return "\n".join(rows).strip()


def sentence(text: str, *, additions: Iterable[str]) -> str:
    """A description with our sentences after it: on the same line, or as a paragraph after several lines."""
    extra = " ".join(addition for addition in additions if addition)
    if not text or not extra:
        return text or extra
    if "\n" in text:
        return f"{text}\n\n{extra}"
    end = "" if text[-1] in ".!?:;。！？：；" else "."
    return f"{text}{end} {extra}"


def shown(value: Json) -> str:
    """A value as it stands in JSON."""
    return neutral(json.dumps(value, ensure_ascii=False))


def listed(values: Iterable[Json]) -> str:
    """Several values as they stand in JSON."""
    return ", ".join(shown(value) for value in values)
