"""Faulty variations of the honest gateway: each breaks one promise of a page, invented from the pages alone.

Nothing here was derived from the suite's own mutants, so the share that it finds is an independent figure. Sources are
lines of the vendored pages: T, E, R are EvoLink's text-to-video (ja), video-edit (ko) and reference-to-video (cn), A is
APIMart's page; ST, SI and SA are the supplements on EvoLink's task query, its image-to-video and APIMart's task query.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.conformance.faults import apimart, evolink_answers, evolink_around, evolink_requests

if TYPE_CHECKING:
    from tests.conformance.faults.crooked import Fault

# In the order in which a sample is taken.
FAULTS: tuple[Fault, ...] = tuple(
    fault for module in (evolink_requests, evolink_answers, evolink_around, apimart) for fault in module.FAULTS
)
