"""Runs single checks of the suite against a subject that a test has broken."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from conformance._settings import Settings
from conformance._subject import load
from conformance._suite import run

if TYPE_CHECKING:
    from collections.abc import Callable

    from conformance._settings import ProviderName
    from conformance._suite import Verdicts


@pytest.fixture
def judge() -> Callable[[str, ProviderName], Verdicts]:
    """Run the check of one requirement against one provider, as it is at that moment."""

    def judge_one(requirement: str, provider: ProviderName) -> Verdicts:
        from conformance import requirements

        profile = requirements.load()[requirement].profile
        return run(Settings(profile=profile, subjects=(load(provider),), only=frozenset({requirement})))

    return judge_one
