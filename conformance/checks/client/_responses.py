"""What comes in is kept without loss: documented answers, all single changes of them, and answers by chance."""

from __future__ import annotations

import copy
import pickle
import random
from typing import TYPE_CHECKING, Any

import httpx

from vidgate import errors

from ..._answers import TASK_ID, answers, bad_answers, status_of, unexpected, valid_request
from ..._contract import GOOD
from ..._expected import expected_error
from ..._json import differences, follow, is_object
from ..._samples import UNKNOWN_TEXT
from ..._subject import COLOURS, TEST_KEY
from ..._verdict import describe
from ._chance import Chance, nested
from ._findings import Findings
from ._reading import VERDICTS, links_in, task_in
from ._script import REQUEST_ID, always, on_stage, shown

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import TypeAlias

    from ..._contract import Example, Operation
    from ..._json import Json, JsonObject
    from ..._samples import Mutation
    from ..._subject import Subject
    from ._script import Stage
    from ._space import Effort

    Changes: TypeAlias = list[tuple[Example, list[Mutation]]]
    """Documented answers, each with all its single changes."""

TYPED_KEPT = "TYPED-RESPONSE-KEPT"
TYPED_UNKNOWN_VALUE = "TYPED-RESPONSE-UNKNOWN-VALUE"
TYPED_EXTRA = "TYPED-RESPONSE-EXTRA-FIELD"
TYPED_ODD = "TYPED-RESPONSE-ODD-FIELD"
TYPED_STATUS = "TYPED-RESPONSE-STATUS"
PAYLOAD = "FACADE-RESPONSE-KEPT"
FACTS = "FACADE-TASK-FACTS"
WORDS = "FACADE-TASK-STATUS"
SURVIVES = "FACADE-RESPONSE-UNEXPECTED"
ERROR_CLASS = "FACADE-ERROR-CLASS"
ERROR_FACTS = "FACADE-ERROR-FACTS"
ERROR_SECRET = "FACADE-ERROR-SECRET"  # noqa: S105 - a rule's name
ERROR_PICKLE = "FACADE-ERROR-PICKLE"
UNDOCUMENTED = "FACADE-ERROR-UNDOCUMENTED"

RULE_OF_CHANGE = {"unknown value": TYPED_UNKNOWN_VALUE, "extra field": TYPED_EXTRA}
"""Other changes (null, another type, missing) are odd fields."""
UNDOCUMENTED_STATUSES = (
    *(201, 202, 204, 206, 301, 302, 304, 307, 308, 404, 405, 406, 408, 410, 411, 412, 413, 414, 415, 416, 418, 421),
    *(422, 423, 424, 425, 426, 428, 431, 451, 499, 501, 502, 503, 504, 505, 507, 508, 511, 520, 521, 522, 523, 524),
    *(525, 526, 527, 529, 530, 598, 599),
)


def judge_responses(subject: Subject, seed: int, effort: Effort) -> Findings:
    """Hand every answer to the generated client and to the facade."""
    findings = Findings()
    source = random.Random(f"responses {seed}")  # noqa: S311 - repeatable on purpose
    chance = Chance(subject.contract, source)
    drawn = [*_by_chance(subject, chance, 2 * effort.chances)]
    documented = [answer for _, answer in answers(subject)]
    changes = [(answer, [*unexpected(subject, answer)]) for answer in documented]
    typed = _Typed(findings, subject, changes)
    typed.documented()
    typed.changed()
    typed.drawn(drawn)
    typed.statuses()
    for index, colour in enumerate(COLOURS):
        with on_stage(findings, subject, colour) as stage:
            judge = _Facade(stage, changes)
            judge.documented()
            judge.errors()
            judge.undocumented()
            judge.drawn(drawn if effort.both_colours else drawn[index::5])
            judge.changed(every=effort.both_colours or colour == "sync")
            judge.words()
    return findings


def _by_chance(subject: Subject, chance: Chance, count: int) -> Iterator[tuple[Operation, int, Json, bool]]:
    """Answers of good statuses; the last member tells whether the schema allows it."""
    operations = subject.contract.operations
    for number in range(count):
        operation = operations[number % len(operations)]
        schema = operation.response_schema(200) or {}
        value = chance.answer(schema)
        yield operation, 200, value, True
        yield operation, 200, chance.unexpected(value), False
    for value in nested(60):
        for operation in operations:
            yield operation, 200, {"id": "task-1", "data": value, "deep": value}, False


class _Typed:
    """The generated client's parsing; it does no I/O."""

    def __init__(self, findings: Findings, subject: Subject, changes: Changes) -> None:
        self._findings = findings
        self._subject = subject
        self._changes = changes
        self._connections = {each.id: subject.connection(each) for each in subject.contract.operations}
        self._endpoints = {each.id: subject.endpoint(each) for each in subject.contract.operations}

    def documented(self) -> None:
        for answer, _ in self._changes:
            self._kept(TYPED_KEPT, answer.operation, status_of(answer), answer.value, answer.id)

    def changed(self) -> None:
        for answer, changes in self._changes:
            for change in changes:
                rule = RULE_OF_CHANGE.get(change.kind, TYPED_ODD)
                what = f"{answer.id}, {change.id}"
                self._kept(rule, answer.operation, status_of(answer), change.value, what, at=change.pointer)

    def drawn(self, drawn: list[tuple[Operation, int, Json, bool]]) -> None:
        for operation, status, value, valid in drawn:
            self._kept(TYPED_KEPT if valid else TYPED_ODD, operation, status, value, f"{operation.id}, by chance")

    def statuses(self) -> None:
        """Each documented status has its class; others, and what is no JSON object, give None and no exception."""
        for operation in self._subject.contract.operations:
            for status in operation.statuses:
                schema = operation.response_schema(status) or {}
                wanted = str(schema.get("$ref", "")).rpartition("/")[2]
                parsed = self._parsed(operation, httpx.Response(status, json={}))
                self._findings.saw(TYPED_STATUS)
                if type(parsed).__name__ != wanted:
                    self._findings.add(TYPED_STATUS, f"{operation.id} {status}: {shown(parsed)} instead of {wanted}")
                for content in (b"", b"<html>", b"{", b"[]", b"null", b'"text"', b"\xff\xfe", b"NaN", b"[" * 100_000):
                    self._nothing(operation, httpx.Response(status, content=content))
            for status in set(UNDOCUMENTED_STATUSES) - set(operation.statuses):
                self._nothing(operation, httpx.Response(status, json={"error": {"code": "x"}}))

    def _nothing(self, operation: Operation, response: httpx.Response) -> None:
        self._findings.saw(TYPED_STATUS)
        parsed = self._parsed(operation, response)
        if parsed is not None:
            what = f"{operation.id} {response.status_code} {response.content[:20]!r}"
            self._findings.add(TYPED_STATUS, f"{what}: {shown(parsed)} instead of None")

    def _kept(self, rule: str, operation: Operation, status: int, value: Json, what: str, *, at: str = "") -> None:
        """Parse and serialise; only what is at `at` counts, the rest belongs to other rules."""
        self._findings.saw(rule)
        response = httpx.Response(status, json=value)
        parsed = self._parsed(operation, response)
        if isinstance(parsed, Exception) or not hasattr(parsed, "to_dict"):
            self._findings.add(rule, f"{what}: {shown(parsed)}", response=response)
            return
        try:
            given = parsed.to_dict()
        except Exception as error:  # noqa: BLE001 - whatever it is, the client let it escape
            self._findings.add(rule, f"{what}: to_dict raised {describe(error)}", response=response)
            return
        if found := [each for each in differences(value, given) if each.startswith(at)]:
            self._findings.add(rule, f"{what}: {'; '.join(found[:5])}", response=response)

    def _parsed(self, operation: Operation, response: httpx.Response) -> Any:
        try:
            return self._endpoints[operation.id].parse_response(
                client=self._connections[operation.id], response=response
            )
        except Exception as error:  # noqa: BLE001 - the same
            return error


class _Facade:
    """The public client on a server that answers what it is told."""

    def __init__(self, stage: Stage, changes: Changes) -> None:
        self._stage = stage
        self._subject = subject = stage.subject
        self._changes = changes
        self._body = valid_request(subject, subject.contract.one(paid=True))

    def documented(self) -> None:
        """A documented good answer becomes a task with all that it says."""
        for answer, _ in self._changes:
            if status_of(answer) in GOOD:
                self._good(answer.operation, status_of(answer), answer.value, answer.id, must_be_task=True)

    def drawn(self, drawn: list[tuple[Operation, int, Json, bool]]) -> None:
        """Good answers by chance: a task that keeps them, or a typed error when no task is in them."""
        for operation, status, value, _ in drawn:
            self._good(operation, status, value, f"{operation.id}, by chance", must_be_task=False)

    def changed(self, *, every: bool) -> None:
        """Every single change to a documented answer: a task that keeps it, or a typed error; never anything else."""
        for answer, changes in self._changes:
            for index, change in enumerate(changes):
                if every or index % 7 == 0:
                    what = f"{answer.id}, {change.id}"
                    self._good(answer.operation, status_of(answer), change.value, what, must_be_task=False)

    def words(self) -> None:
        """The documented words for a status mean what they say; any other word counts as running, and is shown."""
        operation = self._subject.contract.one(paid=False)
        for answer, changes in self._changes:
            if answer.operation is not operation or status_of(answer) not in GOOD:
                continue
            for change in changes:
                if not change.pointer.endswith("/status") or change.kind != "unknown value":
                    continue
                for word in (*VERDICTS, UNKNOWN_TEXT):
                    value = _with(change.value, change.pointer, word)
                    self._stage.findings.saw(WORDS)
                    task = self._asked(operation, 200, value)
                    seen = (getattr(task, "status", None), getattr(task, "verdict", None), getattr(task, "done", None))
                    wanted = VERDICTS.get(word, "unknown")
                    if seen != (word, wanted, wanted not in {"running", "unknown"}):
                        self._stage.add(WORDS, f"the status {word!r} means {wanted}; it became {shown(task)}, {seen}")

    def errors(self) -> None:
        """Each documented error becomes its class, with what the answer says, without the key."""
        for _, answer in bad_answers(self._subject):
            self._stage.findings.saw(ERROR_CLASS, ERROR_FACTS, ERROR_SECRET, ERROR_PICKLE)
            error = self._asked(answer.operation, status_of(answer), answer.value)
            wanted = expected_error(answer)
            if type(error) is not wanted:
                message = f"{answer.id} became {shown(error)} instead of {wanted.__name__}"
                self._stage.add(ERROR_CLASS, message)
                continue
            for problem in error_facts(answer, error):
                self._stage.add(ERROR_FACTS, f"{answer.id}: {problem}")
            self._secret(error, answer.id)
            self._pickled(error, answer.id)

    def undocumented(self) -> None:
        """No status becomes anything but a task or a typed error, and a paid request is never sent twice."""
        for operation in self._subject.contract.operations:
            for status in UNDOCUMENTED_STATUSES:
                if status in operation.statuses:
                    continue
                self._stage.findings.saw(UNDOCUMENTED)
                error = self._asked(
                    operation, status, {"error": {"code": "odd", "message": f"it was {TEST_KEY}", "type": "odd"}}
                )
                kinds = self._kinds(operation, status)
                if not isinstance(error, kinds):
                    names = " or ".join(kind.__name__ for kind in kinds)
                    message = f"{operation.id} {status} became {shown(error)} instead of {names}"
                    self._stage.add(UNDOCUMENTED, message)
                else:
                    self._secret(error, f"{operation.id} {status}")
                count = len(self._stage.script.requests)
                if operation.is_paid and count != 1:
                    message = f"{operation.id} was sent {count} times on status {status}"
                    self._stage.add(UNDOCUMENTED, message)

    def _kinds(self, operation: Operation, status: int) -> tuple[type[BaseException], ...]:
        # Of the redirects only those that repeat the request say that nothing was done yet.
        refused = status in {301, 307, 308} or status in range(400, 500)
        unsure = not refused or status in {408, 425, 499}
        return (errors.SubmitUnknown,) if operation.is_paid and unsure else (errors.APIError,)

    def _secret(self, error: Any, what: str) -> None:
        chain = f"{error!s}{error!r}{vars(error)!r}{error.__cause__!r}"
        if TEST_KEY in chain:
            self._stage.add(ERROR_SECRET, f"the error of {what} shows the key")

    def _pickled(self, error: Any, what: str) -> None:
        try:
            again = pickle.loads(pickle.dumps(error))  # noqa: S301 - what we have pickled ourselves
            same = (type(again), str(again), vars(again)) == (type(error), str(error), vars(error))
        except Exception as failed:  # noqa: BLE001 - whatever it is, the error does not survive
            same, again = False, failed
        if not same:
            self._stage.add(ERROR_PICKLE, f"{what} became {shown(again)} by pickling")

    def _good(self, operation: Operation, status: int, value: Json, what: str, *, must_be_task: bool) -> None:
        self._stage.findings.saw(SURVIVES)
        task = self._asked(operation, status, value)
        if isinstance(task, errors.VidgateError) and not must_be_task:
            self._secret(task, what)
            return
        if isinstance(task, Exception):
            rule = FACTS if must_be_task else SURVIVES
            self._stage.add(rule, f"{what} became {shown(task)}")
            return
        if status not in GOOD:
            self._stage.add(SURVIVES, f"{what}: HTTP {status} became a task")
            return
        self._stage.findings.saw(PAYLOAD, FACTS)
        try:
            kept = [*differences(value, dict(task.payload))]
            wanted = str((operation.response_schema(status) or {}).get("$ref", "")).rpartition("/")[2]
            if must_be_task and type(task.raw).__name__ != wanted:
                kept.append(f"task.raw is {shown(task.raw)} instead of {wanted}")
        except Exception as error:  # noqa: BLE001 - whatever it is, the facade let it escape
            kept = [describe(error)]
        if kept:
            self._stage.add(PAYLOAD, f"{what}: {'; '.join(kept[:5])}")
        if facts := self._facts(operation, task, value):
            self._stage.add(FACTS, f"{what}: {'; '.join(facts[:5])}")

    def _facts(self, operation: Operation, task: Any, value: Json) -> list[str]:
        """What a task says otherwise than the answer it was made of; what the answer does not say plainly is free."""
        said = task_in(self._subject.provider, value, submitted=operation.is_paid)
        found: list[str] = []
        wanted_id = TASK_ID
        if operation.task_pointer is not None:
            try:
                wanted_id = follow(value, operation.task_pointer)
            except (LookupError, ValueError):
                wanted_id = said.get("id", task.id)
        if task.id != str(wanted_id).strip():
            found.append(f"task.id is {task.id!r}, it should be {wanted_id!r}")
        status = said.get("status")
        if isinstance(status, str) and (task.status != status or task.verdict != VERDICTS.get(status, task.verdict)):
            found.append(f"task.status is {task.status!r} ({task.verdict}), the answer says {status!r}")
        progress = said.get("progress")
        if type(progress) is int and 0 <= progress <= 100 and task.progress != progress:  # noqa: PLR2004 - percent
            found.append(f"task.progress is {task.progress!r}, the answer says {progress!r}")
        created = said.get("created")
        if type(created) is int and task.created != created:
            found.append(f"task.created is {task.created!r}, the answer says {created!r}")
        links = [*links_in(self._subject.provider, said)]
        if [result.url for result in task.results] != links:
            found.append(f"task.results are {[result.url for result in task.results]}, the answer says {links}")
        fault = said.get("error")
        reason = fault.get("message") if is_object(fault) else None
        if isinstance(reason, str) and reason.strip() and getattr(task.error, "message", None) not in told(reason):
            found.append(f"task.error is {task.error!r}, the answer says {fault!r}")
        return found

    def _asked(self, operation: Operation, status: int, value: Json) -> Any:
        """The task or the exception that an answer becomes."""
        call = (lambda: self._stage.facade.create(self._body)) if operation.is_paid else self._read
        return self._stage.called(always(status, value), call)

    def _read(self) -> Any:
        return self._stage.facade.get(TASK_ID)


def told(reason: str) -> tuple[str, str]:
    """How a reason may be passed on: as it is, or fit for a file, which takes neither NUL nor half a surrogate pair."""
    fit = "".join("?" if character == "\0" or "\ud800" <= character <= "\udfff" else character for character in reason)
    return reason.strip(), fit.strip()


def error_facts(answer: Example, error: Any) -> Iterator[str]:
    """What an error says otherwise than the answer it was made of."""
    if getattr(error, "status", None) != answer.status:
        yield f"error.status is {getattr(error, 'status', None)!r}"
    if error.request_id != REQUEST_ID:
        yield f"error.request_id is {error.request_id!r}, the answer said {REQUEST_ID!r}"
    documented: JsonObject = answer.value["error"]
    # A code that repeats the status says nothing, and an error may leave it out.
    code = getattr(error, "code", None)
    if str(documented["code"]) not in {str(answer.status), str(code)}:
        yield f"error.code is {code!r}, the answer said {documented['code']!r}"
    if isinstance(error, errors.APIError):
        if documented.get("type") not in {None, error.type}:
            yield f"error.type is {error.type!r}, the answer said {documented['type']!r}"
        if " ".join(str(documented.get("message", "")).split()) not in error.message:
            yield f"error.message is {error.message!r}, the answer said {documented['message']!r}"


def _with(value: Json, pointer: str, word: str) -> Json:
    changed = copy.deepcopy(value)
    holder, _, name = pointer.rpartition("/")
    follow(changed, holder)[name] = word
    return changed
