"""What a text says its own value may be, in every language, and where it says nothing sure."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tools.diff.constraints import stated

if TYPE_CHECKING:
    from tools.model import JsonObject


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("Supported values: `5`, `10`, `15` seconds only", id="en"),
        pytest.param("支持的值：`5`、`10`、`15` 秒", id="cn"),
        pytest.param("サポート値：`5`、`10`、`15` 秒のみ", id="ja"),
        pytest.param("지원 값: `5`, `10`, `15`초만 가능", id="ko"),
        pytest.param("**Unterstützte Werte:**\n- `5`: kurz\n- `10`\n- `15`", id="de"),
        pytest.param("Valeurs prises en charge : `5`, `10`, `15`", id="fr"),
        pytest.param("Valores admitidos:\n\n* `5`\n* `10`\n* `15`", id="es"),
    ],
)
def test_values_under_a_label(text: str) -> None:
    """The label is the language's, the literals are the same, of the type that the schema says."""
    assert stated(text, {"type": "integer"}) == {"enum": [5, 10, 15]}
    assert stated(text, {"type": "string"}) == {"enum": ["5", "10", "15"]}


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(
            "**Supported values:**\n\n| Value | Seconds |\n|---|---|\n| `5` | five |\n| `10` (default) | ten |", id="en"
        ),
        pytest.param("支持的值：\n| 档位 | 说明 |\n| :-- | --- |\n| `5` | 短 |\n| `10` | 长 |", id="cn"),
        pytest.param("| サポート値 | 説明 |\n|:---:|---|\n| `5` | 短い |\n| `10` | 長い |", id="ja"),
        pytest.param("설명입니다.\n\n| 값 | 설명 |\n| --- | --- |\n| 5 | 짧음 |\n| 10 | 김 |\n\n끝.", id="ko"),
        pytest.param("### Unterstützte Werte\n\nName | Wert\n--- | ---\nkurz | `5`\nlang | `10`", id="de"),
        pytest.param("| Valeurs possibles |\n| --- |\n| `5`, `10` |", id="fr"),
        pytest.param(
            "- **Valores admitidos:**\n\n  | Duración | Uso |\n  | --- | --- |\n  | `5` o `10` | todo |", id="es"
        ),
    ],
)
def test_values_in_a_table(text: str) -> None:
    """Below a label, or in a first column that one heads, with or without code spans."""
    assert stated(text, {"type": "integer"}) == {"enum": [5, 10]}
    assert stated(text, {"type": "string"}) == {"enum": ["5", "10"]}


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("| Model | Values |\n|---|---|\n| a | `5` |\n| b | `10` |", id="values-of-something-else"),
        pytest.param("| Ratio | 480p |\n|---|---|\n| `16:9` | 1 |\n| `1:1` | 2 |", id="no-label"),
        pytest.param("| Value | Use |\n|---|---|\n| `5` | x |\n| any number | y |", id="a-cell-of-words"),
        pytest.param("| Value | Use |\n|---|---|\n| `5` and up | x |\n| `10` | y |", id="words-beside-a-value"),
        pytest.param("| Value | Use |\n|---|---|\n| `5` | a | b |\n| `10` | c |", id="another-number-of-cells"),
        pytest.param("| Value | Use |\n|---|---|\n| `5` | x |", id="one-value-is-no-choice"),
        pytest.param(
            "Values: `1`, `2`\n\n| Value | Use |\n|---|---|\n| `5` | x |\n| `10` | y |", id="list-and-table-differ"
        ),
        pytest.param(
            "Supported values:\n\nText.\n\n| a | b |\n|---|---|\n| `5` | x |\n| `10` | y |", id="text-between"
        ),
        pytest.param("Value | Use\n`5` | x\n`10` | y", id="no-table"),
    ],
)
def test_no_table_of_values(text: str) -> None:
    """What is about something else, or not clear to the last cell, lists nothing."""
    assert stated(text, {"type": "string"}) == {}


@pytest.mark.parametrize(
    ("text", "kind", "expected"),
    [
        pytest.param("Range: `1` to `16`", "integer", {"minimum": 1, "maximum": 16}, id="range in English"),
        pytest.param("取值范围：0-6，数值越高越宽松", "integer", {"minimum": 0, "maximum": 6}, id="range in Chinese"),
        pytest.param("範囲：`1` から `16`", "integer", {"minimum": 1, "maximum": 16}, id="range in Japanese"),
        pytest.param("`2` 에서 `10` 사이의 정수", "integer", {"minimum": 2, "maximum": 10}, id="range in Korean"),
        pytest.param("Ganze Zahl von `2` bis `10`", "integer", {"minimum": 2, "maximum": 10}, id="range in German"),
        pytest.param("Entier de `2` à `10`", "integer", {"minimum": 2, "maximum": 10}, id="range in French"),
        pytest.param("Entero de `2` a `10`", "integer", {"minimum": 2, "maximum": 10}, id="range in Spanish"),
        pytest.param("支持 1~6", "integer", {"minimum": 1, "maximum": 6}, id="a wave"),
        pytest.param("Length ≤ 2048", "string", {"maxLength": 2048}, id="a sign"),
        pytest.param("Höchstens `2048` Zeichen", "string", {"maxLength": 2048}, id="length in German"),
        pytest.param("Au plus `9` fichiers", "array", {"maxItems": 9}, id="items in French"),
    ],
)
def test_bounds(text: str, kind: str, expected: JsonObject) -> None:
    """One range, one length or one number of items, whatever the language."""
    assert stated(text, {"type": kind}) == expected


@pytest.mark.parametrize(
    ("text", "schema"),
    [
        pytest.param("Supported values: `a`, `b`", {"type": "string", "enum": ["a"]}, id="the schema lists values"),
        pytest.param("Range: 1 to 16", {"type": "integer", "maximum": 9}, id="the schema has a bound"),
        pytest.param("Supported values: `a`", {"type": "string"}, id="one value is no choice"),
        pytest.param("Supported values: `fast`, `2`", {"type": "integer"}, id="a value of another type"),
        pytest.param("Values such as `a` or `b`", {"type": "string"}, id="examples"),
        pytest.param("Range: 1 to 8, on pro range: 1 to 16", {"type": "integer"}, id="two ranges"),
        pytest.param("Supported values: `a`, `b`", {"type": "string", "default": "c"}, id="the default is another"),
        pytest.param("Range: 1 to 16", {"type": "integer", "default": 20}, id="the default is beyond"),
        pytest.param("Supported values: `a`, `b`", {"oneOf": [{"type": "string"}]}, id="a union"),
        pytest.param("It is what it is", {"type": "string"}, id="nothing"),
    ],
)
def test_nothing_sure(text: str, schema: JsonObject) -> None:
    """A false proposal costs more than a missed one."""
    assert stated(text, schema) == {}
