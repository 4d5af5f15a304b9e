"""What goes out is what was asked for: every request within the bound, and many by chance, each sent and compared.

The generated client and the facade are asked side by side, sync and async; nothing leaves the process.
"""

from __future__ import annotations

import asyncio
import itertools
import json
import random
import re
from collections import Counter
from typing import TYPE_CHECKING, Any, TypeAlias

import httpx

from vidgate import errors

from ..._answers import good_answer
from ..._json import join, read_wire
from ..._subject import COLOURS, TEST_KEY
from ..._verdict import NonConformance, describe
from ._chance import Chance
from ._findings import Findings
from ._script import Script, address_problem, always, header_problems, in_turn, lost_and_added, on_stage
from ._space import Variant, variants

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from ..._contract import Operation
    from ..._json import JsonObject
    from ..._subject import Colour, Subject
    from ._script import Stage
    from ._space import Effort

TYPED_KEEPS = "TYPED-REQUEST-KEPT"
TYPED_ADDS_NOTHING = "TYPED-REQUEST-NOTHING-ADDED"
TYPED_EXTRA = "TYPED-REQUEST-EXTRA-FIELD"
TYPED_ADDRESS = "TYPED-REQUEST-ADDRESS"
TYPED_HEADERS = "TYPED-REQUEST-HEADERS"
TYPED_ONCE = "TYPED-REQUEST-ONCE"
TYPED_MODELS = "TYPED-REQUEST-MODELS"
KEEPS = "FACADE-REQUEST-KEPT"
ADDS_NOTHING = "FACADE-REQUEST-NOTHING-ADDED"
ADDRESS = "FACADE-REQUEST-ADDRESS"
HEADERS = "FACADE-REQUEST-HEADERS"
ONCE = "FACADE-REQUEST-ONCE"
FORMS = "FACADE-REQUEST-FORMS"
ACCEPTS = "FACADE-VALID-ACCEPTED"
REFUSES = "FACADE-INVALID-REFUSED"
NAMES_FIELD = "FACADE-INVALID-FIELD-NAMED"
UNKNOWN_KEYWORD = "FACADE-UNKNOWN-KEYWORD"
IDEMPOTENCY = "FACADE-IDEMPOTENCY-KEY"

KEY_FORM = re.compile(r"[A-Za-z0-9._-]{16,96}")
"""What a gateway takes as an idempotency key."""


def judge_requests(subject: Subject, seed: int, effort: Effort) -> Findings:
    """Send everything."""
    findings = Findings()
    operation = subject.contract.one(paid=True)
    tried = variants(subject.contract)
    source = random.Random(f"requests {seed}")  # noqa: S311 - repeatable on purpose
    chance = Chance(subject.contract, source)
    drawn = list(itertools.islice(itertools.cycle(tried), effort.chances))
    bodies = [body for variant in tried for body in variant.requests(effort)]
    bodies += [chance.request(variant) for variant in drawn]
    extended = [chance.extended(variant) for variant in drawn[: effort.chances // 4]]
    coins = [source.choice((True, False)) for _ in bodies]
    _models(findings, subject, operation)
    for colour in COLOURS:
        chosen = [effort.both_colours or coin is (colour == "sync") for coin in coins]
        _Typed(findings, subject, operation, colour).send(itertools.compress(bodies, chosen), extended)
        with on_stage(findings, subject, colour) as stage:
            judge = _Facade(stage, operation)
            # What goes the one way through the generated client goes the other way through the facade.
            judge.send(body for body, typed in zip(bodies, chosen, strict=True) if effort.both_colours or not typed)
            judge.refuse(tried, every=colour == "sync" or effort.both_colours)
            judge.forms(tried)
            judge.keys(tried[0])
        with on_stage(findings, subject, colour, validate=False) as stage:
            _Facade(stage, operation).unchecked(extended)
    return findings


def _models(findings: Findings, subject: Subject, operation: Operation) -> None:
    """The package knows the models of the contract, and its classes say which model they are for."""
    known = subject.contract.variants(operation)
    table: dict[str, str] = dict(subject.generated("variants").MODELS[operation.id])
    findings.saw(TYPED_MODELS, cases=len(known))
    if table != known:
        findings.add(TYPED_MODELS, f"the package knows {table}, the contract {known}")
    for model in known.keys() & table.keys():
        try:
            default = subject.request_class(operation, model).__attrs_attrs__.model.default
        except Exception as error:  # noqa: BLE001 - whatever it is, the package let it escape
            default = describe(error)
        if default != model:
            findings.add(TYPED_MODELS, f"the class for {model!r} stands for {default!r}")


Rules: TypeAlias = tuple[str, str, str, str, str]
"""Kept, nothing added, address, headers, once."""


class _Sent:
    """Judges what a call sent."""

    def __init__(self, findings: Findings, script: Script, operation: Operation, colour: Colour) -> None:
        self.findings = findings
        self.script = script
        self.operation = operation
        self.colour = colour

    def judge(self, body: JsonObject, rules: Rules, extra: str = "", extras: Iterable[str] = ()) -> None:
        """Compare the last exchange with what was asked; `extras`: members that no page names, of the rule `extra`."""
        kept, nothing_added, address, headers, once = rules
        extras = frozenset(extras)
        request, response = self.script.last
        count = len(self.script.taken())
        self.findings.saw(*rules, *([extra] if extra else []))
        if count != 1 or request is None:
            self.findings.add(
                once, f"{self.colour}: {count} requests for one call with {_shown(body)}", request, response
            )
            return
        if problem := address_problem(request, self.operation):
            self.findings.add(address, f"{self.colour}: {problem}", request, response)
        for problem in header_problems(request):
            self.findings.add(headers, f"{self.colour}: {problem}", request, response)
        try:
            sent = read_wire(request.content)
        except NonConformance as error:
            self.findings.add(kept, f"{self.colour}: {error}", request, response)
            return
        lost, added = lost_and_added({name: body[name] for name in body if name not in extras}, sent)
        if lost:
            self.findings.add(kept, f"{self.colour}: {'; '.join(lost)}", request, response)
        lost_extras, _ = lost_and_added({name: body[name] for name in extras}, sent)
        if lost_extras:
            self.findings.add(extra, f"{self.colour}: {'; '.join(lost_extras)}", request, response)
        added = [pointer for pointer in added if pointer not in {join("", name) for name in extras}]
        if added:
            self.findings.add(nothing_added, f"{self.colour}: added {', '.join(added)}", request, response)


class _Typed(_Sent):
    """The generated client."""

    def __init__(self, findings: Findings, subject: Subject, operation: Operation, colour: Colour) -> None:
        super().__init__(findings, Script(always(200, good_answer(subject, operation))), operation, colour)
        self._subject = subject
        self._endpoint = subject.endpoint(operation)
        self._variants = subject.contract.variants(operation)

    def send(self, bodies: Iterable[JsonObject], extended: Iterable[JsonObject]) -> None:
        """Send everything with one connection."""
        connection = self._subject.generated("client").AuthenticatedClient(
            base_url=self.operation.server, token=TEST_KEY, httpx_args={"transport": self.script}
        )
        todo = itertools.chain(((body, False) for body in bodies), ((body, True) for body in extended))
        if self.colour == "sync":
            for body, is_extended in todo:
                try:
                    self._endpoint.sync_detailed(client=connection, body=self._request(body))
                except Exception as error:  # noqa: BLE001 - whatever it is, the client let it escape
                    self._raised(error, body, TYPED_KEEPS)
                else:
                    self._compare(body, is_extended=is_extended)
        else:
            asyncio.run(self._all(todo, connection))

    async def _all(self, todo: Iterable[tuple[JsonObject, bool]], connection: Any) -> None:
        for body, is_extended in todo:
            try:
                await self._endpoint.asyncio_detailed(client=connection, body=self._request(body))
            except Exception as error:  # noqa: BLE001 - the same
                self._raised(error, body, TYPED_KEEPS)
            else:
                self._compare(body, is_extended=is_extended)

    def _request(self, body: JsonObject) -> Any:
        return self._subject.request_class(self.operation, body["model"]).from_dict(body)

    def _compare(self, body: JsonObject, *, is_extended: bool) -> None:
        rules = (TYPED_KEEPS, TYPED_ADDS_NOTHING, TYPED_ADDRESS, TYPED_HEADERS, TYPED_ONCE)
        if is_extended:
            known = self._subject.contract.component(self._variants[body["model"]])["properties"]
            self.judge(body, rules, TYPED_EXTRA, body.keys() - known.keys())
        else:
            self.judge(body, rules)

    def _raised(self, error: Exception, body: JsonObject, rule: str) -> None:
        request, response = self.script.last
        self.script.taken()
        self.findings.saw(rule)
        self.findings.add(rule, f"{self.colour}: {describe(error)} for {_shown(body)}", request, response)


class _Facade(_Sent):
    """The public client."""

    def __init__(self, stage: Stage, operation: Operation) -> None:
        super().__init__(stage.findings, stage.script, operation, stage.colour)
        stage.script.answer = always(200, good_answer(stage.subject, operation))
        self._facade = stage.facade
        self._subject = stage.subject

    def send(self, bodies: Iterable[JsonObject]) -> None:
        """Valid requests are accepted, and go out as they are."""
        for body in bodies:
            self.findings.saw(ACCEPTS)
            try:
                self._facade.create(body)
            except errors.InvalidRequest as error:
                self.findings.add(ACCEPTS, f"{self.colour}: {error.report.errors[0]} for {_shown(body)}")
            except Exception as error:  # noqa: BLE001 - whatever it is, the facade let it escape
                request, response = self.script.last
                self.findings.add(KEEPS, f"{self.colour}: {describe(error)} for {_shown(body)}", request, response)
                self.script.taken()
            else:
                self.judge(body, (KEEPS, ADDS_NOTHING, ADDRESS, HEADERS, ONCE))

    def unchecked(self, bodies: Iterable[JsonObject]) -> None:
        """Without validation, members that no page names go out, too."""
        variants_of = self._subject.contract.variants(self.operation)
        for body in bodies:
            known = self._subject.contract.component(variants_of[body["model"]])["properties"]
            try:
                self._facade.create(body)
            except Exception as error:  # noqa: BLE001 - the same
                self.findings.add(UNKNOWN_KEYWORD, f"{self.colour}: {describe(error)} for {_shown(body)}")
            else:
                rules = (KEEPS, ADDS_NOTHING, ADDRESS, HEADERS, ONCE)
                self.judge(body, rules, UNKNOWN_KEYWORD, body.keys() - known.keys())

    def refuse(self, tried: Iterable[Variant], *, every: bool) -> None:
        """What the contract forbids is refused offline, with the field's name, and nothing is sent."""
        for variant in tried:
            for wrong in itertools.islice(variant.refused(), None, None, 1 if every else 7):
                self._refused(wrong.body, wrong.field, REFUSES)
            smallest = next(variant.bases())
            self._refused({**smallest, "promt": "a typing error"}, "promt", UNKNOWN_KEYWORD)
            self._refused({**smallest, "prompt": {"an", "unordered", "set"}}, "prompt", REFUSES)
            self._refused({**smallest, "prompt": float("nan")}, "prompt", REFUSES)
        self._refused({"prompt": "no model"}, "model", REFUSES)
        self._refused({"model": "no-such-model", "prompt": "text"}, "model", REFUSES)

    def _refused(self, body: JsonObject, field: str, rule: str) -> None:
        self.findings.saw(rule, NAMES_FIELD)
        outcome = "it was sent"
        named: list[str] = []
        try:
            self._facade.create(body)
        except errors.InvalidRequest as error:
            named, outcome = [problem.field for problem in error.report.errors], ""
        except Exception as error:  # noqa: BLE001 - the same
            outcome = describe(error)
        request, response = self.script.last
        if self.script.taken():
            outcome = "it was sent"
        if outcome:
            self.findings.add(rule, f"{self.colour}: {outcome}, with {field} wrong: {_shown(body)}", request, response)
        elif not any(name.startswith(field) for name in named):
            self.findings.add(NAMES_FIELD, f"{self.colour}: {named} are named where {field} is wrong: {_shown(body)}")

    def forms(self, tried: Iterable[Variant]) -> None:
        """Keywords and a request object send what a mapping with the same values sends."""
        videos = self._facade.client.videos
        for variant in tried:
            for body in variant.bases():
                wanted = self._bodies_of(lambda: videos.create_from(body))  # noqa: B023 - called at once
                calls: dict[str, Callable[[], Any]] = {
                    "keywords": lambda: videos.create(**body),  # noqa: B023 - the same
                    "object": lambda: videos.create(self._subject.request_class(self.operation, variant.model)(**body)),  # noqa: B023 - the same
                }
                for name, call in calls.items():
                    self.findings.saw(FORMS)
                    sent = self._bodies_of(call)
                    if sent != wanted:
                        message = f"{self.colour}: as {name} {_shown(body)} became {_shown(sent)}"
                        self.findings.add(FORMS, message, *self.script.last)
        self.script.taken()

    def _bodies_of(self, call: Callable[[], Any]) -> list[str]:
        """What a call sends, or what it raises; members in one order."""
        self.script.taken()
        try:
            self._facade.finish(call())
            return [json.dumps(read_wire(each.content), sort_keys=True) for each in self.script.requests]
        except Exception as error:  # noqa: BLE001 - the same
            return [describe(error)]

    def keys(self, variant: Variant) -> None:
        """A key for each submission: its own, kept when it is sent again; the caller's if there is one."""
        body = next(variant.bases())
        honest = self.script.answer
        seen: Counter[str] = Counter()
        for _ in range(5):
            seen.update(self._keys_of(lambda: self._facade.create(body)))
        self.findings.saw(IDEMPOTENCY, cases=7)
        if len(seen) != 5 or not all(KEY_FORM.fullmatch(key) for key in seen):  # noqa: PLR2004 - as many as calls
            self.findings.add(IDEMPOTENCY, f"{self.colour}: five submissions had the keys {sorted(seen)}")
        self.script.answer = in_turn([httpx.ConnectError("refused"), honest(httpx.Request("GET", "http://x"))])
        again = self._keys_of(lambda: self._facade.create(body))
        self.script.answer = honest
        if len(again) != 2 or len(set(again)) != 1:  # noqa: PLR2004 - the first one and the second
            self.findings.add(IDEMPOTENCY, f"{self.colour}: sent anew after no connection with the keys {again}")
        given = "conformance-own-key-0001"
        twin = self._facade.client.with_options(idempotency_key=given)
        own = self._keys_of(lambda: self._facade.finish(twin.videos.create_from(body)))
        if own != [given]:
            self.findings.add(IDEMPOTENCY, f"{self.colour}: the caller's key {given!r} went out as {own}")

    def _keys_of(self, call: Callable[[], Any]) -> list[str]:
        try:
            call()
        except Exception as error:  # noqa: BLE001 - the same
            self.findings.add(IDEMPOTENCY, f"{self.colour}: {describe(error)}", *self.script.last)
        return [request.headers.get("idempotency-key", "") for request in self.script.taken()]


def _shown(body: Any) -> str:
    text = json.dumps(body, ensure_ascii=True, default=repr)
    return text if len(text) <= 300 else f"{text[:299]}…"  # noqa: PLR2004 - enough to see which
