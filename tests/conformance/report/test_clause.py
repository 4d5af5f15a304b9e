"""The words of the contract beside a requirement."""

from __future__ import annotations

import pytest

from conformance._subject import load
from conformance.report._clause import clause_of
from conformance.requirements import load as requirements


@pytest.mark.parametrize(
    ("identity", "begins"),
    [
        pytest.param("EVO-REQ-DURATION-MAX", "Length of the video in seconds", id="above-the-bound"),
        pytest.param("EVO-RES-CREATE-VIDEO-PROGRESS-REQUIRED", "How far the task is", id="a-required-field"),
        pytest.param("EVO-ERR-401", "The API key", id="an-answer"),
        pytest.param("EVO-TASK-RESULTS", "Links to the results", id="by-hand"),
        pytest.param("EVO-CLIENT-WAIT-FAILED", None, id="the-client"),
    ],
)
def test_the_nearest_words(identity: str, begins: str | None) -> None:
    """Those of the field or answer that the requirement is about, and none that speak of something larger."""
    found = clause_of(load("evolink").contract, requirements("evolink")[identity])
    assert (found or "").startswith(begins or "")
    assert (found is None) is (begins is None)
