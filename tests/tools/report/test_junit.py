"""tools.report: changes as JUnit XML."""

from __future__ import annotations

import dataclasses
from xml.etree import ElementTree as ET

import pytest

from tools.report import Comparison, FailOn, render_comparisons


def suites(*comparisons: Comparison) -> ET.Element:
    """The output, read back."""
    return ET.fromstring(render_comparisons(comparisons, "junit").encode("utf-8"))


@pytest.mark.parametrize(("fail_on", "failures"), [("error", 3), ("warning", 6), ("any", 7), ("never", 0)])
def test_what_fails_is_a_failure(fail_on: FailOn, failures: int, comparison: Comparison) -> None:
    """And the numbers at the top are those of the cases."""
    root = suites(dataclasses.replace(comparison, fail_on=fail_on))
    (suite,) = root
    assert len(suite.findall("testcase/failure")) == failures
    assert (suite.get("failures"), root.get("failures")) == (str(failures), str(failures))
    assert suite.get("tests") == root.get("tests") == str(len(suite.findall("testcase"))) == "8"
    assert suite.get("skipped") == str(len(suite.findall("testcase/skipped"))) == "1"


def test_a_case(comparison: Comparison) -> None:
    """Named by rule and pointer, placed in a file, explained in its body."""
    (case, *_) = [
        one for one in suites(comparison)[0].findall("testcase") if "maximum-decreased" in one.get("name", "")
    ]
    assert dict(case.attrib) == {
        "classname": "example.CreateVideo",
        "name": "maximum-decreased /components/schemas/CreateVideo/properties/duration",
        "file": "specs/example/pages/en/create.md",
        "line": "14",
    }
    (failure,) = case
    assert failure.get("message") == "the maximum of duration went from 10 to 6"
    body = failure.text or ""
    assert 'valid before, invalid after: {"model": "m", "duration": 7}' in body
    assert "Callers that send more are refused." in body


def test_hostile_text_is_text(comparison: Comparison) -> None:
    """It adds no element, and what XML cannot hold stands written out."""
    names = {element.tag for element in suites(comparison).iter()}
    assert names == {
        "testsuites",
        "testsuite",
        "properties",
        "property",
        "testcase",
        "failure",
        "skipped",
        "system-out",
    }
    message = next(
        one.get("message", "") for one in suites(comparison).iter("failure") if one.get("type") == "enum-value-removed"
    )
    assert message.startswith("</script><img src=x onerror=alert(1)>")
    assert "⟨U+0000⟩ ⟨U+D800⟩ ⟨U+FFFE⟩" in message


def test_no_change_is_a_passed_test(nothing: Comparison) -> None:
    """A suite without cases looks broken to CI."""
    (suite,) = suites(nothing)
    assert [case.get("name") for case in suite.findall("testcase")] == ["no change"]
    assert suite.get("tests") == "1"
