"""The simulators keep what schemathesis knows to ask, but for the listed exclusions."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from conformance._contract import shipped
from conformance._examination import examine, known_checks
from conformance._exclusions import judge
from conformance._subject import ROWS
from vidgate.simulator import DEFAULT_KEY, Simulator

if TYPE_CHECKING:
    from conformance._settings import ProviderName


@pytest.mark.parametrize("provider", ROWS)
def test_schemathesis_finds_nothing(provider: ProviderName) -> None:
    """All its checks in all its phases; an exclusion that is no longer needed is a finding, too."""
    done = examine(shipped(ROWS[provider].package), Simulator(provider, seconds=0).app, key=DEFAULT_KEY)
    assert judge(done, provider, known_checks()) == []
    assert done.interactions > 100
