"""The parts of the client's proof, and the requirements that each of them serves."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Literal, TypeAlias

from ._faults import judge_faults
from ._journeys import judge_journeys
from ._requests import judge_requests
from ._responses import judge_responses

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from ..._subject import Subject
    from ._findings import Findings
    from ._space import Effort

Part: TypeAlias = Literal["requests", "responses", "faults", "journeys"]

PARTS: Mapping[Part, Callable[[Subject, int, Effort], Findings]] = MappingProxyType(
    {
        "requests": judge_requests,
        "responses": judge_responses,
        "faults": lambda subject, _seed, _effort: judge_faults(subject),
        "journeys": lambda subject, _seed, _effort: judge_journeys(subject),
    }
)
"""Each looks once and serves many requirements."""


RULES: Mapping[Part, tuple[str, ...]] = MappingProxyType(
    {
        "requests": (
            "TYPED-REQUEST-KEPT",
            "TYPED-REQUEST-NOTHING-ADDED",
            "TYPED-REQUEST-EXTRA-FIELD",
            "TYPED-REQUEST-ADDRESS",
            "TYPED-REQUEST-HEADERS",
            "TYPED-REQUEST-ONCE",
            "TYPED-REQUEST-MODELS",
            "FACADE-REQUEST-KEPT",
            "FACADE-REQUEST-NOTHING-ADDED",
            "FACADE-REQUEST-ADDRESS",
            "FACADE-REQUEST-HEADERS",
            "FACADE-REQUEST-ONCE",
            "FACADE-REQUEST-FORMS",
            "FACADE-VALID-ACCEPTED",
            "FACADE-INVALID-REFUSED",
            "FACADE-INVALID-FIELD-NAMED",
            "FACADE-UNKNOWN-KEYWORD",
            "FACADE-IDEMPOTENCY-KEY",
        ),
        "responses": (
            "TYPED-RESPONSE-KEPT",
            "TYPED-RESPONSE-UNKNOWN-VALUE",
            "TYPED-RESPONSE-EXTRA-FIELD",
            "TYPED-RESPONSE-ODD-FIELD",
            "TYPED-RESPONSE-STATUS",
            "FACADE-RESPONSE-KEPT",
            "FACADE-RESPONSE-UNEXPECTED",
            "FACADE-TASK-FACTS",
            "FACADE-TASK-STATUS",
            "FACADE-ERROR-CLASS",
            "FACADE-ERROR-FACTS",
            "FACADE-ERROR-SECRET",
            "FACADE-ERROR-PICKLE",
            "FACADE-ERROR-UNDOCUMENTED",
        ),
        "faults": (
            "FAULT-SUBMIT-UNSURE",
            "FAULT-SUBMIT-NOT-ARRIVED",
            "FAULT-SUBMIT-ANSWER",
            "FAULT-READ-BROKEN",
            "FAULT-READ-ANSWER",
            "FAULT-READ-PASSING",
            "FAULT-SECRET",
        ),
        "journeys": (
            "WAIT-COMPLETED",
            "WAIT-FAILED",
            "WAIT-CANCELLED",
            "WAIT-TIMEOUT",
            "WAIT-NO-RESULT",
            "WAIT-UNKNOWN-STATUS",
            "WAIT-OUTAGE",
            "WAIT-STOPS",
            "DOWNLOAD-WHOLE",
            "DOWNLOAD-ATOMIC",
            "DOWNLOAD-WITHOUT-KEY",
        ),
    }
)
"""What each part looks at. A requirement's id is `PROVIDER-CLIENT-` and one of these; its row says what it demands."""
