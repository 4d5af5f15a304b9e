"""Flows are stepped by hand: no client, no transport, no clock."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from vidgate import errors
from vidgate._effects import Changed, Failure, Limits, Now, Reply, Send, Sleep
from vidgate._flow import NOT_FOUND_GRACE, Target, check_task_id, read, submit, wait
from vidgate._providers import APIMART, EVOLINK
from vidgate._state import TaskState

if TYPE_CHECKING:
    from collections.abc import Sequence

    from vidgate._effects import Effect, Flow
    from vidgate._providers import Provider

LIMITS = Limits(connect=10.0, read=15.0, write=120.0, total=60.0)
KEY = "key-0123456789abcdef"
ID = "task-unified-1-abc"
LOST = Failure(error=errors.ConnectionLost("it broke", retryable=True))
REFUSED = Failure(error=errors.ConnectionFailed("no connection", retryable=True), arrived=False)


def target(provider: Provider = EVOLINK, **changes: Any) -> Target:
    given: dict[str, Any] = {"attempts": 3, "patience": 60.0, "jitter": lambda: 0.5, **changes}
    return Target(provider=provider, base_url="https://api.example", read=LIMITS, submit=LIMITS, **given)


def reply(status: int = 200, body: Any = None, **headers: str) -> Reply:
    return Reply(status=status, headers={name.replace("_", "-"): value for name, value in headers.items()}, body=body)


def task(status: str = "processing", **more: Any) -> Reply:
    return reply(body={"id": ID, "status": status, "type": "video", "progress": 5, **more})


def state(status: str = "pending", verdict: Any = "running") -> TaskState:
    return TaskState(provider="evolink", id=ID, status=status, verdict=verdict, kind="video", progress=0)


class Stepper:
    """Performs effects from a list of answers to Send, and keeps what was asked for."""

    def __init__(self, answers: Sequence[Reply | Failure]) -> None:
        self.answers = iter(answers)
        self.time = 1000.0
        self.effects: list[Effect] = []

    def run(self, flow: Flow[Any]) -> Any:
        answer: Any = None
        while True:
            try:
                effect = flow.send(answer)
            except StopIteration as stop:
                return stop.value
            self.effects.append(effect)
            match effect:
                case Now():
                    answer = self.time
                case Sleep(seconds):
                    assert seconds >= 0
                    self.time += seconds
                    answer = None
                case Send():
                    answer = next(self.answers)
                case _:
                    answer = None

    @property
    def sent(self) -> list[Send]:
        return [effect for effect in self.effects if isinstance(effect, Send)]

    @property
    def slept(self) -> list[float]:
        return [effect.seconds for effect in self.effects if isinstance(effect, Sleep)]

    @property
    def changes(self) -> list[str]:
        return [effect.state.status for effect in self.effects if isinstance(effect, Changed)]


def submitting(answers: Sequence[Reply | Failure], provider: Provider = EVOLINK, **changes: Any) -> tuple[Stepper, Any]:
    stepper = Stepper(answers)
    try:
        return stepper, stepper.run(submit(target(provider, **changes), {"model": "m"}, b'{"model":"m"}', KEY))
    except errors.VidgateError as error:
        return stepper, error


def waiting(
    answers: Sequence[Reply | Failure], timeout: float = 600.0, provider: Provider = EVOLINK
) -> tuple[Stepper, Any]:
    stepper = Stepper(answers)
    try:
        return stepper, stepper.run(wait(target(provider), state(), timeout))
    except errors.VidgateError as error:
        return stepper, error
    except StopIteration:  # no answers are left, which is what some tests want
        return stepper, None


AMBIGUOUS: dict[str, Reply | Failure] = {
    "connection lost": LOST,
    "no answer in time": Failure(error=errors.RequestTimeout("hangs", retryable=True)),
    "500": reply(500, {"error": {"code": "internal_error", "message": "boom"}}),
    "502 page": Reply(status=502, headers={}, text="<html><title>Bad gateway</title></html>"),
    "504": reply(504),
    "520": Reply(status=520, headers={}, text="error"),
    "524": reply(524, {"error": {"type": "timeout_error"}}),
    "408": reply(408),
    "499": reply(499),
    "303": reply(303, None, location="https://elsewhere.example/"),
    "200 without id": reply(200, {"status": "pending"}),
    "200 with null id": reply(200, {"id": None, "status": "pending"}),
    "200 with an id that is a path": reply(200, {"id": "../credits", "status": "pending"}),
    "200 page": Reply(status=200, headers={}, text="<html></html>"),
    "200 empty": Reply(status=200, headers={}),
    "200 list": reply(200, [1]),
    "200 with an unknown error": reply(200, {"success": False, "code": 123, "msg": "hm"}),
    "outcome unknown by code": reply(409, {"error": {"code": "paid_outcome_unknown", "message": "hm"}}),
    "channel error": reply(503, {"error": {"code": "channel:timeout", "message": "hm"}}),
}


@pytest.mark.parametrize("name", AMBIGUOUS)
def test_an_unclear_outcome_is_never_sent_again(name: str) -> None:
    """Whatever leaves open whether a paid request counted ends at once, with the key that settles it."""
    stepper, outcome = submitting([AMBIGUOUS[name]])
    assert isinstance(outcome, errors.SubmitUnknown)
    assert len(stepper.sent) == 1
    assert stepper.slept == []
    assert outcome.idempotency_key == KEY
    assert not outcome.retryable
    answer = AMBIGUOUS[name]
    assert outcome.status == (answer.status if isinstance(answer, Reply) else None)


REJECTED: dict[str, tuple[Reply, type[errors.APIError]]] = {
    "400": (reply(400, {"error": {"code": "invalid_request", "message": "no"}}), errors.BadRequest),
    "401": (reply(401, {"error": {"code": "", "message": "no"}}), errors.AuthenticationError),
    "402": (reply(402, {"error": {"code": "insufficient_quota", "message": "no"}}), errors.PaymentRequired),
    "403": (reply(403), errors.PermissionDenied),
    "404": (reply(404), errors.NotFound),
    "409": (reply(409, {"error": {"code": "idempotency_conflict"}}), errors.Conflict),
    "413": (reply(413), errors.BadRequest),
    "422": (reply(422), errors.BadRequest),
    "429 without Retry-After": (reply(429), errors.RateLimited),
    "503 before the charge": (reply(503, {"error": {"code": "no_available_channel"}}), errors.ServerError),
    "200 with a known refusal": (
        reply(200, {"success": False, "code": "insufficient_user_quota", "msg": "no"}),
        errors.PaymentRequired,
    ),
    "301": (reply(301, None, location="https://api.example/x"), errors.UnexpectedReply),
}


@pytest.mark.parametrize("name", REJECTED)
def test_a_clear_refusal_is_typed_and_not_sent_again(name: str) -> None:
    """A refusal before any charge is a typed error, after one request."""
    answer, kind = REJECTED[name]
    stepper, outcome = submitting([answer])
    assert type(outcome) is kind
    assert outcome.status == answer.status
    assert outcome.hint
    assert len(stepper.sent) == 1


def test_a_request_that_did_not_arrive_is_sent_again_unchanged() -> None:
    """No connection, no charge: the very same request goes out again, key included."""
    stepper, outcome = submitting([REFUSED, REFUSED, task("pending")])
    assert outcome.id == ID
    assert len(stepper.sent) == 3
    assert len({id(effect.request) for effect in stepper.sent}) == 1
    assert stepper.sent[0].request.headers["idempotency-key"] == KEY
    assert all(seconds > 0 for seconds in stepper.slept)


def test_attempts_to_connect_are_bounded() -> None:
    """After the last attempt the failure itself is raised, which says that nothing was charged."""
    stepper, outcome = submitting([REFUSED] * 9)
    assert isinstance(outcome, errors.ConnectionFailed)
    assert len(stepper.sent) == 3


def test_a_misconfigured_address_is_not_tried_again() -> None:
    """What cannot get better is raised at once."""
    fault = Failure(error=errors.ConfigurationError("no http"), arrived=False)
    stepper, outcome = submitting([fault, fault])
    assert isinstance(outcome, errors.ConfigurationError)
    assert len(stepper.sent) == 1


def test_a_rate_limit_is_waited_out_as_asked() -> None:
    """429 with Retry-After is a rejection: after the time asked for, the same request goes out again."""
    stepper, outcome = submitting([reply(429, None, retry_after="7"), task("pending")])
    assert outcome.id == ID
    assert stepper.slept == [7.0]
    assert len(stepper.sent) == 2


@pytest.mark.parametrize("asked", ["61", "86400", "Fri, 01 Jan 2100 00:00:00 GMT"])
def test_a_rate_limit_beyond_patience_is_raised_at_once(asked: str) -> None:
    """Nobody sleeps for an hour behind the caller's back."""
    stepper, outcome = submitting([reply(429, None, retry_after=asked)])
    assert isinstance(outcome, errors.RateLimited)
    assert outcome.retry_after is not None
    assert outcome.retry_after > 60
    assert stepper.slept == []


def test_rate_limits_without_end_are_bounded() -> None:
    """The number of attempts holds for rate limits, too."""
    stepper, outcome = submitting([reply(429, None, retry_after="1")] * 9)
    assert isinstance(outcome, errors.RateLimited)
    assert len(stepper.sent) == 3


def test_a_loss_after_a_failed_connection_is_still_unknown() -> None:
    """An attempt that arrived decides, whatever came before it."""
    stepper, outcome = submitting([REFUSED, LOST, task()])
    assert isinstance(outcome, errors.SubmitUnknown)
    assert len(stepper.sent) == 2


@pytest.mark.parametrize(
    "body",
    [
        {"code": 200, "data": [{"status": "submitted", "task_id": "task_01"}]},
        {"code": 200, "data": {"status": "submitted", "task_id": "task_01"}},
        {"code": 200, "data": [{"status": None, "task_id": "task_01", "extra": 1}]},
    ],
    ids=["as documented", "no list", "null status"],
)
def test_apimart_answers_in_an_envelope(body: Any) -> None:
    """The submission's id is found in APIMart's list of one."""
    _, outcome = submitting([reply(200, body)], APIMART)
    assert outcome.id == "task_01"


@pytest.mark.parametrize("code", ["idempotency_in_progress", "idempotency_result_indeterminate"])
def test_apimart_codes_that_leave_it_open(code: str) -> None:
    """409 with these codes speaks of a first request whose outcome nobody knows."""
    _, outcome = submitting([reply(409, {"error": {"code": code, "message": "wait"}})], APIMART)
    assert isinstance(outcome, errors.SubmitUnknown)
    assert outcome.code == code


def test_apimart_refusal_before_execution() -> None:
    """503 idempotency_unavailable is documented as not executed."""
    _, outcome = submitting([reply(503, {"error": {"code": "idempotency_unavailable"}})], APIMART)
    assert isinstance(outcome, errors.ServerError)
    assert outcome.retryable


def test_waiting_reads_until_the_end() -> None:
    """EvoLink is read at once, then every eight seconds or so, and each change is told once."""
    done = task("completed", results=["https://x.example/v.mp4"], progress=100)
    stepper, outcome = waiting([task("pending"), task(), task(), done])
    assert outcome.results[0].url == "https://x.example/v.mp4"
    assert stepper.slept[0] == 0.0
    assert stepper.slept[1:] == [8.0, 8.0, 8.0]
    assert stepper.changes == ["pending", "processing", "completed"]


@pytest.mark.parametrize(
    ("kind", "seconds"), [("video", 8.0), ("image", 3.0), ("audio", 6.0), ("hologram", 8.0)], ids=str
)
def test_the_pace_follows_what_is_made(kind: str, seconds: float) -> None:
    """Images are asked for more often than videos; an unknown kind counts as a video."""
    first = reply(body={"id": ID, "status": "pending", "type": kind})
    stepper, _ = waiting([first, task("completed", results=["https://x.example/v"], type=kind)])
    assert stepper.slept[1] == seconds


def paused(estimate: float, readings: int = 40) -> list[float]:
    """The pauses between the readings of a task that goes on; its ages are their sums."""
    stepper, _ = waiting([task(task_info={"estimated_time": estimate})] * readings, timeout=100_000.0)
    return stepper.slept[1:-1]


def test_a_long_estimate_is_asked_for_less_often() -> None:
    """Far from the end of an estimate the pauses are longer, up to four times; behind it they are as usual."""
    pauses = paused(400.0)
    ages = [sum(pauses[:count]) for count in range(len(pauses))]
    before = [pause for pause, age in zip(pauses, ages, strict=True) if age < 392.0]
    assert before[0] == 32.0
    assert before == sorted(before, reverse=True)
    assert min(before) >= 8.0
    assert len(before) <= 25
    assert pauses[-10:] == [8.0] * 10
    assert 400.0 in ages, "one reading is made just when the task should be ready"


@pytest.mark.parametrize("estimate", [1.0, 3.0, 6.0])
def test_a_short_task_is_not_overslept(estimate: float) -> None:
    """A task of three seconds is read after three, then in steps of a quarter of its age, and in the end as usual."""
    pauses = paused(estimate)
    ages = [sum(pauses[:count]) for count in range(len(pauses))]
    assert pauses[0] == estimate
    for pause, age in zip(pauses[1:], ages[1:], strict=True):
        assert pause == min(8.0, max(1.0, age / 4.0))
    assert pauses[-1] == 8.0


def test_an_estimate_of_the_submission_counts_at_once() -> None:
    """APIMart is not read at once, so the first pause knows the estimate."""
    known = TaskState(provider="apimart", id=ID, status="submitted", verdict="running", estimated_seconds=3.0)
    body = {"code": 200, "data": {"id": ID, "status": "completed", "result": {"videos": [{"url": ["https://x/v"]}]}}}
    stepper = Stepper([reply(body=body)])
    stepper.run(wait(target(APIMART), known, 60.0))
    assert stepper.slept == [3.0]


def test_a_task_that_has_run_for_long_is_not_new() -> None:
    """The estimate counts from the creation, also when the wait begins later; a provider's fast clock is no matter."""
    stepper, _ = waiting([task(task_info={"estimated_time": 400}, created=1000.0 - 380.0)] * 9, timeout=10_000.0)
    assert stepper.slept[1] == 8.0
    stepper, _ = waiting([task(task_info={"estimated_time": 400}, created=5000.0)] * 9, timeout=10_000.0)
    assert stepper.slept[1] == 32.0


def test_apimart_is_first_read_after_a_pause() -> None:
    """Its first answers are always pending, so none is asked for."""
    body = {"code": 200, "data": {"id": ID, "status": "completed", "result": {"videos": [{"url": ["https://x/v"]}]}}}
    stepper, _ = waiting([reply(body=body)], provider=APIMART)
    assert stepper.slept == [5.0]


SURVIVED: dict[str, Reply | Failure] = {
    "reset": LOST,
    "refused": REFUSED,
    "timeout": Failure(error=errors.RequestTimeout("slow", retryable=True)),
    "500": reply(500),
    "502 page": Reply(status=502, headers={}, text="<html></html>"),
    "520": reply(520),
    "429": reply(429),
    "408": reply(408),
    "200 page": Reply(status=200, headers={}, text="<html></html>"),
    "200 without a task": reply(body={}),
    "early 404": reply(404),
    "unknown status": task("thinking"),
    "no status": reply(body={"id": ID}),
    "null everything": reply(body={"id": None, "status": None, "progress": None, "results": None, "error": None}),
    "odd types": reply(body={"id": 5, "status": 7, "progress": "half", "results": "x", "type": [], "created": True}),
}


@pytest.mark.parametrize("times", [1, 5])
@pytest.mark.parametrize("name", SURVIVED)
@pytest.mark.filterwarnings("ignore::vidgate.errors.UnknownStatus")
def test_waiting_survives(name: str, times: int) -> None:
    """One bad reading or five in a row do not end a wait."""
    if name == "early 404" and times > 1:
        times = 2  # the grace is a minute
    done = task("completed", results=["https://x.example/v.mp4"])
    _, outcome = waiting([*[SURVIVED[name]] * times, done])
    assert isinstance(outcome, TaskState)
    assert outcome.verdict == "completed"


FINAL: dict[str, tuple[Reply, type[errors.VidgateError]]] = {
    "401": (reply(401), errors.AuthenticationError),
    "402": (reply(402), errors.PaymentRequired),
    "403": (reply(403), errors.PermissionDenied),
    "400": (reply(400, {"error": {"code": "invalid_task_id"}}), errors.BadRequest),
    "302": (reply(302, None, location="https://login.example/"), errors.UnexpectedReply),
    "error in 200": (reply(200, {"success": False, "code": 401, "msg": "no"}), errors.AuthenticationError),
    "failed": (task("failed", error={"code": "service_error", "message": "busy"}), errors.TaskFailed),
    "FAILURE": (task("FAILURE", error="why not"), errors.TaskFailed),
    "failed without reason": (task("error"), errors.TaskFailed),
    "cancelled": (task("cancelled"), errors.TaskCancelled),
    "canceled": (task("Canceled"), errors.TaskCancelled),
    "completed without link": (task("completed"), errors.ResultMissing),
    "completed with null links": (task("completed", results=None), errors.ResultMissing),
    "completed with an empty link": (task("completed", results=["", None]), errors.ResultMissing),
}


@pytest.mark.parametrize("name", FINAL)
def test_waiting_ends(name: str) -> None:
    """What a later reading cannot mend ends the wait at once, with the task's id."""
    answer, kind = FINAL[name]
    stepper, outcome = waiting([answer])
    assert type(outcome) is kind
    assert outcome.task_id == ID
    assert outcome.hint
    assert len(stepper.sent) == 1


@pytest.mark.parametrize("code", EVOLINK.task_codes)
def test_task_codes_tell_whether_a_new_submission_helps(code: str) -> None:
    """Each documented code has its own advice, and `retryable` as the provider's client decides."""
    _, outcome = waiting([task("failed", error={"code": code, "message": "because"})])
    assert outcome.code == code
    assert outcome.retryable is EVOLINK.task_codes[code].retryable
    assert outcome.hint == EVOLINK.task_codes[code].hint
    assert "because" in str(outcome)


def test_a_late_404_ends_the_wait() -> None:
    """After the grace, a task that is not found is not there."""
    stepper, outcome = waiting([task(), *[reply(404)] * 30])
    assert isinstance(outcome, errors.NotFound)
    assert stepper.time >= 1000 + NOT_FOUND_GRACE


def test_the_deadline_carries_the_task() -> None:
    """TaskTimeout holds what is needed to go on waiting, and why the last reading failed."""
    stepper, outcome = waiting([task(), *[LOST] * 200], timeout=120.0)
    assert isinstance(outcome, errors.TaskTimeout)
    assert (outcome.task_id, outcome.status, outcome.progress, outcome.timeout) == (ID, "processing", 5, 120.0)
    assert isinstance(outcome.last_error, errors.ConnectionLost)
    assert outcome.retryable
    assert stepper.time <= 1120.0


@pytest.mark.parametrize("timeout", [0, 0.2, 3, 8, 9, 100])
def test_the_deadline_bounds_everything(timeout: float) -> None:
    """No sleep goes beyond the deadline, at least one reading is made, and each is cut to what is left."""
    stepper, outcome = waiting([task()] * 200, timeout=timeout)
    assert isinstance(outcome, errors.TaskTimeout)
    assert stepper.sent
    assert stepper.time <= 1000 + timeout
    assert stepper.sent[-1].request.limits.read <= max(timeout, 0.5)
    assert stepper.slept.count(0.0) == 1, "no reading follows another without a pause"


def test_a_long_retry_after_is_cut_at_the_deadline() -> None:
    """The server's wish is heeded within the deadline, and the last reading still happens."""
    stepper, outcome = waiting([reply(429, None, retry_after="20"), reply(429, None, retry_after="9999"), task()], 60.0)
    assert isinstance(outcome, errors.TaskTimeout)
    assert stepper.slept[1] == 20.0
    assert len(stepper.sent) == 3
    assert stepper.time < 1060.0


def test_an_unknown_status_warns_once() -> None:
    """A status nobody documents counts as running; one warning says so."""
    answers: list[Reply | Failure] = [task("thinking"), task("dreaming"), task("completed", results=["https://x/v"])]
    with pytest.warns(errors.UnknownStatus) as caught:
        _, outcome = waiting(answers)
    assert outcome.verdict == "completed"
    assert len(caught) == 1


def test_a_task_that_has_ended_is_not_read_again() -> None:
    """Waiting for a completed task asks nobody."""
    ended = TaskState(provider="evolink", id=ID, status="failed", verdict="failed")
    stepper = Stepper([])
    with pytest.raises(errors.TaskFailed):
        stepper.run(wait(target(), ended, 10.0))
    assert stepper.sent == []


def test_reading_tries_again_within_bounds() -> None:
    """A single reading survives passing faults, a few times."""
    stepper = Stepper([LOST, reply(503), task()])
    assert stepper.run(read(target(), ID)).status == "processing"
    stepper = Stepper([reply(503)] * 9)
    with pytest.raises(errors.ServerError):
        stepper.run(read(target(), ID))
    assert len(stepper.sent) == 3


def test_reading_does_not_insist_on_a_refusal() -> None:
    """A task that is not there is asked for once."""
    stepper = Stepper([reply(404)] * 3)
    with pytest.raises(errors.NotFound):
        stepper.run(read(target(), ID))
    assert len(stepper.sent) == 1


def test_a_reading_that_is_no_task_is_an_error() -> None:
    """A page with status 200 is named for what it is."""
    stepper = Stepper([Reply(status=200, headers={}, text="<html><title>Login</title>")] * 3)
    with pytest.raises(errors.UnexpectedReply, match="Login"):
        stepper.run(read(target(), ID))


@pytest.mark.parametrize(
    "task_id",
    [
        "",
        " ",
        ".",
        "..",
        "a/..",
        "../credits",
        "a/b",
        "a\\b",
        "a\nb",
        "a\x00",
        "a b",
        "ä",
        "a?b",
        "a#b",
        "a%2fb",
        None,
        5,
    ],
    ids=ascii,
)
def test_ids_that_would_change_the_path_are_refused(task_id: Any) -> None:
    """An id never leads anywhere but to a task."""
    with pytest.raises(errors.ConfigurationError):
        check_task_id(task_id)


@pytest.mark.parametrize("task_id", ["task-unified-1757169743-7cvnl5zw", "task_01KS1H7ZYSJWH1N779S2FSHTKA", "7"])
def test_real_ids_pass(task_id: str) -> None:
    """What providers give out is an id."""
    assert check_task_id(task_id) == task_id
