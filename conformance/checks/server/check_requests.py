"""Requests that break one rule of the contract are refused. Refusals are free, so each is sent alone."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..._bodies import shortest
from ..._checks import check, check_each
from ..._generated import wrong_requests
from ..._preflight import sample_id
from ..._rules import refused
from ..._verdict import HarnessError, Unreachable
from ._told import told

if TYPE_CHECKING:
    from ..._json import JsonObject
    from ..._run import Run
    from ...observe import Exchange
    from ...requirements import Requirement

REFUSALS = (
    *("TYPE", "NULL", "MIN", "MAX", "MIN-LENGTH", "MAX-LENGTH", "MIN-ITEMS", "MAX-ITEMS", "ENUM", "CONST"),
    *("REQUIRED", "ONE-OF", "FORMAT", "PATTERN", "CONDITION"),
)
BAD_REQUEST = 400
FAULT = 500
NO_OBJECTS = (
    ("nothing", b""),
    ("a text that is no JSON", b"prompt=a+boat"),
    ("an object without its end", b'{"model": "gemini-omni-flash-text-to-video", "prompt": "a boat"'),
    ("single quotes", b"{'model': 'Omni-Flash-Ext', 'prompt': 'a boat'}"),
    ("an array", b"[]"),
    ("a string", b'"a boat"'),
    ("a number", b"7"),
    ("null", b"null"),
    ("bytes that are no UTF-8", b'{"model": "\xff\xfe", "prompt": "a boat"}'),
)
ELSEWHERE = ("localhost", "169.254.169.254", "[::1]")


@check_each("request", rules=REFUSALS)
def check_a_broken_rule_is_refused(run: Run, requirement: Requirement) -> None:
    """Each body that breaks the rule by one step is answered with 400."""
    if requirement.ambiguous:
        return  # whatever the answer, it would say nothing
    cases = list(refused(run, requirement))
    if not cases:
        message = f"{requirement.id}: no body breaks this rule alone"
        raise HarnessError(message)
    channel = run.client("valid")
    for name, body in cases:
        answer = channel.submit(body, purpose=f"{requirement.id}: {name}")
        run.saw(requirement.id)
        _judge(run, requirement.id, name, answer)


@check("REQ-CALLBACK-URL-PRIVATE")
def check_other_private_addresses_are_refused(run: Run) -> None:
    """The pages' list of private ranges ends with "and so on"."""
    for host in ELSEWHERE:
        body = shortest(run) | {"callback_url": f"https://{host}/hook"}
        run.saw("REQ-CALLBACK-URL-PRIVATE")
        _judge(run, "REQ-CALLBACK-URL-PRIVATE", host, run.client().submit(body, purpose=f"callback to {host}"))


@check("REQ-FRAME-IMAGE")
def check_a_first_frame_needs_an_image(run: Run) -> None:
    """No image at all is another number than the one that is supported, too."""
    frame: JsonObject = shortest(run) | {"generation_type": "frame"}
    bodies: dict[str, JsonObject] = {"no image_urls": frame, "an empty list of images": frame | {"image_urls": []}}
    for name, body in bodies.items():
        run.saw("REQ-FRAME-IMAGE")
        _judge(run, "REQ-FRAME-IMAGE", f"frame with {name}", run.client().submit(body, purpose=f"frame with {name}"))


@check_each("parameter")
def check_a_malformed_parameter_is_refused(run: Run, requirement: Requirement) -> None:
    """A task id of another form is answered with 400."""
    channel = run.client("valid")
    derived = requirement.derived
    if derived is None or derived.rule != "PATTERN":
        url = f"{run.wire.base_url}{run.reading.path.replace('{task_id}', '')}"
        answer = channel.request("GET", url, purpose="the query of a task without an id")
        run.saw(requirement.id)
        if answer.ok:
            run.broken(requirement.id, f"a query without an id is {told(answer)}", answer)
        return
    known = sample_id(run)
    for task_id in ("not-a-task", known.upper(), f"x{known}", known.removeprefix("task-")):
        answer = channel.poll(task_id, purpose="a malformed task id")
        run.saw(requirement.id)
        if answer.status != BAD_REQUEST:
            run.broken(requirement.id, f"the task id {task_id} is {told(answer)} instead of 400", answer)


@check("REQ-BODY-JSON")
def check_a_body_that_is_no_object_is_refused(run: Run) -> None:
    """Whatever is no JSON object is answered with 400."""
    for name, body in NO_OBJECTS:
        answer = run.client().submit(body, purpose=f"a body that is {name}")
        run.saw("REQ-BODY-JSON")
        if answer.status != BAD_REQUEST:
            run.broken("REQ-BODY-JSON", f"{name} is {told(answer)} instead of 400", answer)


@check("REQ-GENERATED-REFUSED")
def check_generated_requests_are_refused(run: Run) -> None:
    """Where time is real there is time for what chance makes up; in process it has to be asked for."""
    if run.is_virtual and not (run.thorough or run.few):
        message = "requests made up by chance are sent to servers on a socket, or with --thorough"
        raise Unreachable(message)
    channel = run.client("valid")
    for number, body in enumerate(wrong_requests(run)):
        answer = channel.submit(body, purpose=f"generated {number}")
        run.saw("REQ-GENERATED-REFUSED")
        if answer.status >= FAULT:
            run.broken("REQ-GENERATED-REFUSED", f"a wrong request is {told(answer)} instead of 400", answer)
        else:
            _judge(run, "REQ-GENERATED-REFUSED", "a wrong request", answer)


def _judge(run: Run, name: str, case: str, answer: Exchange) -> None:
    """Taken: the rule is broken. Refused with another status: the status is."""
    if answer.ok and run.task_id(answer) is not None:
        run.broken(name, f"{case}: {told(answer)} instead of 400", answer)
    elif answer.status != BAD_REQUEST:
        run.saw("ERR-400")
        run.broken("ERR-400", f"{case}: {told(answer)} instead of 400", answer)
