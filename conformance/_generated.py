"""Requests that schemathesis makes of the contract, by chance but the same for the same seed. It judges nothing.

Its hook keeps what plainly breaks the contract, so that each of them has to be refused, and none is paid for.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from ._bodies import invalid, shortest
from ._json import is_object
from ._verdict import HarnessError, describe

if TYPE_CHECKING:
    from ._json import Json, JsonObject
    from ._run import Run

ENOUGH = 20
NO_URI = 'is not a "uri"'


_MADE: dict[tuple[str, str, int, int], tuple[JsonObject, ...]] = {}


def wrong_requests(run: Run, count: int = ENOUGH) -> tuple[JsonObject, ...]:
    """Objects that a server has to refuse, each once; raises HarnessError when schemathesis makes none."""
    key = run.provider, run.contract.digest, run.seed, count
    if key not in _MADE:
        _MADE[key] = tuple(_make(run, count).values())
    return _MADE[key]


def _make(run: Run, count: int) -> dict[str, JsonObject]:
    # Imported late: this takes longer than a whole run in process.
    import hypothesis
    import schemathesis
    from hypothesis.errors import HypothesisException
    from schemathesis.config import SchemathesisConfig
    from schemathesis.generation import GenerationMode

    from ._examination import no_traces

    found: dict[str, JsonObject] = {}
    config = cast("Any", SchemathesisConfig).from_dict({"seed": run.seed, "generation": {"database": "none"}})
    schema: Any = schemathesis.openapi.from_dict(run.contract.document, config=config)

    def filter_body(context: object, body: Json) -> bool:  # noqa: ARG001 - its signature
        return is_object(body) and is_plainly_wrong(run, body)

    schema.hook(filter_body)

    strategy = schema[run.submitting.path][run.submitting.method].as_strategy(generation_mode=GenerationMode.NEGATIVE)

    @hypothesis.seed(run.seed)
    @hypothesis.settings(
        max_examples=count,
        deadline=None,
        database=None,
        phases=[hypothesis.Phase.generate],
        suppress_health_check=cast("Any", list(hypothesis.HealthCheck)),
    )
    @hypothesis.given(case=strategy)
    def collect(case: Any) -> None:
        found.setdefault(repr(case.body), case.body)

    with no_traces():
        try:
            cast("Any", collect)()
        except HypothesisException as error:
            message = f"schemathesis makes no wrong requests: {describe(error)}"
            raise HarnessError(message) from error
    return found


def is_plainly_wrong(run: Run, body: JsonObject) -> bool:
    """Whether a body breaks the contract where the pages are plain.

    A null for what may be left out, a text that is nearly a URI, and what the documents leave open do not count.
    """
    model: Json = body.get("model")
    known = isinstance(model, str) and model in run.contract.variants(run.submitting)
    base = shortest(run, model) if known else {}
    repaired = {
        **{name: value for name, value in base.items() if name in {"image_urls", "video_urls"}},
        **{name: value for name, value in body.items() if value is not None or name in {"model", "prompt"}},
    }
    if repaired.get("generation_type") in {"frame", "reference"}:
        del repaired["generation_type"]
    return any(NO_URI not in problem for problem in invalid(run, repaired))
