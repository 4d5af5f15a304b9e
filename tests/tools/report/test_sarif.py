"""tools.report: changes as SARIF 2.1.0.

The standard's own schema is not on PyPI; `SHAPE` states the part of it that we write, closed.
"""

from __future__ import annotations

import dataclasses
import json
from typing import TYPE_CHECKING, Any

import jsonschema_rs
import pytest

from tools.errors import Place
from tools.report import Comparison, render_comparisons

if TYPE_CHECKING:
    from tools.model import JsonObject


def closed(required: str, optional: str = "", **properties: Any) -> JsonObject:
    """An object with these members and no others; those not given are strings."""
    names = [*required.split(), *optional.split()]
    return {
        "type": "object",
        "required": required.split(),
        "additionalProperties": False,
        "properties": {name: properties.get(name, {"type": "string", "minLength": 1}) for name in names},
    }


def many(items: JsonObject, **keywords: Any) -> JsonObject:
    """An array of these."""
    return {"type": "array", "items": items, **keywords}


TEXT = closed("text")
REGION = closed("startLine", startLine={"type": "integer", "minimum": 1})
ARTIFACT = closed("uri", uri={"type": "string", "format": "uri-reference", "minLength": 1})
PHYSICAL = closed("artifactLocation", "region", artifactLocation=ARTIFACT, region=REGION)
LOGICAL = closed("name fullyQualifiedName kind")
LOCATION = closed(
    "",
    "id message physicalLocation logicalLocations",
    id={"type": "integer", "minimum": -1},
    message=TEXT,
    physicalLocation=PHYSICAL,
    logicalLocations=many(LOGICAL),
)
SUPPRESSION = closed(
    "kind", "status justification", kind={"enum": ["inSource", "external"]}, status={"const": "accepted"}
)
RESULT = closed(
    "message",
    "ruleId ruleIndex level locations relatedLocations partialFingerprints suppressions properties",
    message=TEXT,
    ruleIndex={"type": "integer", "minimum": -1},
    level={"enum": ["none", "note", "warning", "error"]},
    locations=many(LOCATION),
    relatedLocations=many(LOCATION, uniqueItems=True),
    partialFingerprints={"type": "object", "additionalProperties": {"type": "string"}},
    suppressions=many(SUPPRESSION, uniqueItems=True),
    properties={"type": "object"},
)
RULE = closed(
    "id", "name shortDescription fullDescription help", shortDescription=TEXT, fullDescription=TEXT, help=TEXT
)
NOTIFICATION = closed("message", "level", message=TEXT, level={"enum": ["none", "note", "warning", "error"]})
INVOCATION = closed(
    "executionSuccessful",
    "toolExecutionNotifications",
    executionSuccessful={"type": "boolean"},
    toolExecutionNotifications=many(NOTIFICATION),
)
RUN = closed(
    "tool",
    "automationDetails columnKind results invocations properties",
    tool=closed("driver", driver=closed("name", "rules", rules=many(RULE, uniqueItems=True))),
    automationDetails=closed("id"),
    columnKind={"enum": ["utf16CodeUnits", "unicodeCodePoints"]},
    results=many(RESULT),
    invocations=many(INVOCATION),
    properties={"type": "object"},
)
SHAPE = jsonschema_rs.validator_for(
    closed("version runs", "$schema", version={"const": "2.1.0"}, runs=many(RUN)), validate_formats=True
)


def sarif(*comparisons: Comparison) -> Any:
    """The output, read back."""
    return json.loads(render_comparisons(comparisons, "sarif"))


def test_shape(comparison: Comparison, nothing: Comparison) -> None:
    """Everything, nothing, and no comparison at all."""
    for comparisons in ((comparison,), (nothing,), (comparison, nothing), ()):
        assert [error.message for error in SHAPE.iter_errors(sarif(*comparisons))] == []


def test_the_shape_is_closed(comparison: Comparison) -> None:
    """A member that SARIF does not know is refused."""
    value = sarif(comparison)
    value["runs"][0]["results"][0]["surprise"] = 1
    assert not SHAPE.is_valid(value)


def test_rules_and_results_agree(comparison: Comparison) -> None:
    """Each result names a rule of its run by id and index; each rule has help and at least one result."""
    (run,) = sarif(comparison)["runs"]
    rules = run["tool"]["driver"]["rules"]
    assert all(rules[result["ruleIndex"]]["id"] == result["ruleId"] for result in run["results"])
    assert {rule["id"] for rule in rules} == {result["ruleId"] for result in run["results"]}
    assert all(rule["help"]["text"] for rule in rules)
    helps = {rule["id"]: rule["help"]["text"] for rule in rules}
    assert helps["maximum-decreased"] == "Callers that send more are refused."


def test_where(comparison: Comparison) -> None:
    """Files as seen from the checkout, the line, the component; the old place beside it."""
    results = sarif(comparison)["runs"][0]["results"]
    (result,) = [one for one in results if one["ruleId"] == "maximum-decreased" and "suppressions" not in one]
    assert result["locations"] == [
        {
            "physicalLocation": {
                "artifactLocation": {"uri": "specs/example/pages/en/create.md"},
                "region": {"startLine": 14},
            },
            "logicalLocations": [
                {
                    "name": "CreateVideo",
                    "fullyQualifiedName": "/components/schemas/CreateVideo/properties/duration",
                    "kind": "member",
                }
            ],
        }
    ]
    assert result["relatedLocations"][0]["physicalLocation"]["region"] == {"startLine": 12}
    assert result["level"] == "error"


@pytest.mark.parametrize(
    ("path", "uri"),
    [
        ("pages/ko/영상 만들기.md", "specs/example/pages/ko/%EC%98%81%EC%83%81%20%EB%A7%8C%EB%93%A4%EA%B8%B0.md"),
        ("/data/new.json", "file:///data/new.json"),
        ("specs/example/openapi.json", "specs/example/openapi.json"),
        ("javascript:alert(1)", "javascript%3Aalert(1)"),
    ],
)
def test_uris(path: str, uri: str, comparison: Comparison) -> None:
    """Escaped, relative to the checkout, and never of another scheme."""
    change = dataclasses.replace(comparison.changes[0], new=Place(path=path))
    value = sarif(dataclasses.replace(comparison, changes=[change]))
    SHAPE.validate(value)
    location = value["runs"][0]["results"][0]["locations"][0]
    assert location["physicalLocation"] == {"artifactLocation": {"uri": uri}}


def test_fingerprints_are_stable_and_distinct(comparison: Comparison) -> None:
    """Moved lines and an edited message keep them; code scanning then shows no new alert."""
    moved = [
        dataclasses.replace(one, message="other", new=dataclasses.replace(one.new, line=999))
        for one in comparison.changes
    ]

    def prints(value: Any) -> list[str]:
        return sorted(result["partialFingerprints"]["vidgateChange/v1"] for result in value["runs"][0]["results"])

    before = prints(sarif(comparison))
    assert prints(sarif(dataclasses.replace(comparison, changes=moved))) == before
    assert len(set(before)) == len(before)


def test_accepted_is_suppressed(comparison: Comparison) -> None:
    """With reason and day; stale ones are told apart from results."""
    (run,) = sarif(comparison)["runs"]
    (suppressed,) = [result for result in run["results"] if "suppressions" in result]
    assert suppressed["suppressions"][0]["justification"] == "nobody sends it (until 2026-12-31)"
    told = [one["message"]["text"] for one in run["invocations"][0]["toolExecutionNotifications"]]
    assert told == ["Stale acceptance: maximum-decreased at /x matches nothing any more", "2 pages were left out"]


def test_messages_hold_no_links(comparison: Comparison) -> None:
    """`[text](1)` would be one."""
    for result in sarif(comparison)["runs"][0]["results"]:
        text = result["message"]["text"].replace("\\\\", "").replace("\\[", "").replace("\\]", "")
        assert not set("[]") & set(text)
