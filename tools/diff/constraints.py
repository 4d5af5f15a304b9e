"""What a text says its own value may be, in seven languages, where the schema says nothing of the kind.

Labels and words stand in tables, one row per language; numbers and literals are the same in all of them.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from tools.diff._tables import tabled_values
from tools.diff.contradictions import COUNT, LENGTH, RANGE, listed_values, said_limits, said_ranges
from tools.diff.facts import read
from tools.schema.shapes import is_array

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from tools.model import Json, JsonObject

LABELS: Final[Mapping[str, str]] = {
    "en": r"(?:supported|allowed|permitted|possible|available|accepted|valid|enum) (?:values?|options?)|"
    r"values?|options?|(?:must be )?one of|choices",
    "cn": r"支持的?(?:取?值|选项)|可选值|可选项|可选|允许的?(?:取?值|选项)|可用值|有效值|枚举值|取值|选项",
    "ja": r"サポート(?:される|されている|する)?値|対応(?:する)?値|(?:選択|利用|使用|指定|設定)?可能な値|"
    r"(?:許可される|許容される|有効な)値|選択肢|オプション",
    "ko": r"지원(?:되는|하는)? ?값|(?:선택|사용|이용)? ?가능한? ?값|허용(?:되는)? ?값|유효한? ?값|선택값|선택지|옵션",
    "de": r"(?:unterstützte|mögliche|erlaubte|zulässige|verfügbare|gültige) (?:werte|optionen)|optionen",
    "fr": r"(?:valeurs|options) (?:prises en charge|possibles|autorisées|acceptées|permises|disponibles|valides)|"
    r"options",
    "es": r"(?:valores|opciones) (?:admitid[oa]s|posibles|permitid[oa]s|aceptad[oa]s|disponibles|válid[oa]s)|opciones",
}
"""What stands above a list of values."""

_LABEL: Final = f"(?:{'|'.join(LABELS.values())})"
_N: Final = r"[`*\"']*(\d{1,3}(?:,\d{3})+|\d+)[`*\"']*"
_MOST: Final = r"(?:höchstens|maximal|au plus|au maximum|como máximo|máximo(?: de)?|hasta|≤|<=)"
_SIGNED: Final = r"[`*]*(-?\d+(?:\.\d+)?)[`*]*"
_FROM: Final = rf"(?:von|zwischen|de|entre)\s*{_SIGNED}"
_TO: Final = rf"\s*(?:bis|und|à|et|a|y)\s*{_SIGNED}"
_LENGTHS: Final = (
    *LENGTH,
    rf"{_MOST}[^\n.;。`\d]{{0,16}}{_N}\s*(?:zeichen|caractères|caracteres|characters?|字符|文字|자)\b",
    rf"(?:length|长度|長さ|길이|länge|longueur|longitud)[^\n.;。`\d]{{0,8}}(?:≤|<=)\s*{_N}",
)
_COUNTS: Final = (
    *COUNT,
    rf"{_MOST}[^\n.;。`\d]{{0,16}}{_N}\s*(?:dateien|bilder|videos|links|fichiers|images|vidéos|archivos|imágenes)\b",
)
_RANGES: Final = (
    RANGE,
    rf"(?:支持|サポート|지원)[^\n\d.;。-]{{0,12}}?[\[(]?{_SIGNED}\s*-\s*{_SIGNED}",
    rf"(?:ganze zahl|bereich|werte?|entier|plage|valeurs?|entero|rango|valores?)[^\n\d.;。-]{{0,12}}?{_FROM}{_TO}",
    rf"{_SIGNED}\s*(?:から|에서|부터|到|至|-)\s*{_SIGNED}\s*(?:までの(?:任意の)?整数|사이의 정수|之间的(?:任意)?整数)",
)
_CHOICES: Final = 2


def stated(text: str, schema: JsonObject) -> JsonObject:
    """The keywords that `text`, the description of `schema`, states and the schema has not; empty where unsure."""
    if not _open(schema):
        return {}
    plain = read(text).plain
    kinds = _types(schema)
    found: JsonObject = {}
    if kinds & {"string", "integer", "number"} and (values := _values(plain, kinds)):
        found["enum"] = values
    elif kinds & {"integer", "number"} and schema.keys().isdisjoint(_BOUNDS):
        found |= _range(plain, kinds)
    elif "string" in kinds and "maxLength" not in schema:
        found |= _limit(plain, "maxLength", _LENGTHS)
    elif "array" in kinds and "maxItems" not in schema:
        found |= _limit(plain, "maxItems", _COUNTS)
    return found if _admits(found, schema.get("default")) else {}


_BOUNDS: Final = frozenset({"minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"})
_CLOSED: Final = ("enum", "const", "$ref", "oneOf", "anyOf", "allOf")


def _open(schema: JsonObject) -> bool:
    return "type" in schema and not any(name in schema for name in _CLOSED)


def _types(schema: JsonObject) -> set[str]:
    kind: Json = schema["type"]
    return {str(one) for one in (kind if is_array(kind) else [kind])}


def _values(text: str, kinds: set[str]) -> list[Json]:
    listed, tabled = list(listed_values(text, _LABEL).values()), tabled_values(text, _LABEL)
    if listed and tabled and sorted(listed) != sorted(tabled):
        return []
    values: list[Json] = [_literal(one, kinds) for one in listed or tabled]
    return values if len(values) >= _CHOICES and None not in values else []


def _literal(shown: str, kinds: set[str]) -> Json:
    """A literal as a value of that type; None where it is none."""
    if "string" in kinds:
        return shown
    if re.fullmatch(r"-?\d+", shown):
        return int(shown)
    return float(shown) if "number" in kinds and re.fullmatch(r"-?\d+\.\d+", shown) else None


def _range(text: str, kinds: set[str]) -> JsonObject:
    said = said_ranges(text, _RANGES)
    if len(said) != 1:
        return {}
    low, high = (_literal(one, kinds) for one in said.pop())
    return {"minimum": low, "maximum": high} if None not in (low, high) and low < high else {}


def _limit(text: str, keyword: str, patterns: Sequence[str]) -> JsonObject:
    said = set(said_limits(text, patterns))
    return {keyword: int(said.pop())} if len(said) == 1 else {}


def _admits(found: JsonObject, default: Json) -> bool:
    """Whether the schema's own default is allowed; else the text speaks of something else."""
    if default is None:
        return True
    if "enum" in found:
        return default in found["enum"]
    if "minimum" in found and not isinstance(default, str):
        return bool(found["minimum"] <= default <= found["maximum"])
    return True
