"""Overlay 1.1: actions, their errors, and JSONPaths that name one node."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from tools.errors import JudgementError
from tools.schema.overlay import apply_overlay, json_path, json_paths, perform
from tools.schema.pointers import walk

if TYPE_CHECKING:
    from tools.schema.overlay import Outcome


def apply(document: dict[str, Any], *actions: dict[str, Any]) -> dict[str, Any]:
    """The document after the actions, all of which must match."""
    result, unmatched = apply_overlay(document, {"actions": list(actions)}, path="overlay.yaml")
    assert not unmatched
    return result


CASES: list[Any] = [
    pytest.param({"a": {"b": 1}}, {"target": "$.a", "update": {"c": 2}}, {"a": {"b": 1, "c": 2}}, id="merge"),
    pytest.param({"a": {"b": 1}}, {"target": "$.a.b", "update": 2}, {"a": {"b": 2}}, id="primitive"),
    pytest.param({"a": {"b": [1]}}, {"target": "$.a", "update": {"b": [2]}}, {"a": {"b": [1, 2]}}, id="lists join"),
    pytest.param({"a": [1]}, {"target": "$.a", "update": 2}, {"a": [1, 2]}, id="append"),
    pytest.param({"a": {"b": 1, "c": 2}}, {"target": "$.a.b", "remove": True}, {"a": {"c": 2}}, id="remove"),
    pytest.param({"a": [1, 2, 3]}, {"target": "$.a[0,2]", "remove": True}, {"a": [2]}, id="remove several items"),
    pytest.param({"a": {"x": 1}, "b": {}}, {"target": "$.b", "copy": "$.a"}, {"a": {"x": 1}, "b": {"x": 1}}, id="copy"),
    pytest.param({"a": [{"n": 1}, {"n": 2}]}, {"target": "$.a[?@.n == 2]", "update": {"m": 0}},
                 {"a": [{"n": 1}, {"n": 2, "m": 0}]}, id="filter"),
    pytest.param({"a": 1}, {"target": "$", "update": {"b": 2}}, {"a": 1, "b": 2}, id="root"),
]  # fmt: skip


@pytest.mark.parametrize(("document", "action", "expected"), CASES)
def test_action(document: dict[str, Any], action: dict[str, Any], expected: dict[str, Any]) -> None:
    """Each kind of action does what Overlay 1.1 says."""
    assert apply(document, action) == expected


def test_the_document_given_is_left_as_it_was() -> None:
    """Applying makes a copy."""
    document = {"a": {"b": 1}}
    apply(document, {"target": "$.a", "update": {"b": 2}})
    assert document == {"a": {"b": 1}}


def test_one_update_of_two_nodes_shares_nothing() -> None:
    """A later action on one node must not change the other."""
    shared = {"target": "$.a[*]", "update": {"list": [1]}}
    result = apply({"a": [{}, {}]}, shared, {"target": "$.a[0].list", "update": 2})
    assert result == {"a": [{"list": [1, 2]}, {"list": [1]}]}


def test_an_action_that_matches_nothing_is_returned() -> None:
    """Nothing is skipped in silence."""
    _, unmatched = apply_overlay({}, {"actions": [{"target": "$.a", "remove": True}]}, path="overlay.yaml")
    assert [(one.pointer, one.target) for one in unmatched] == [("/actions/0", "$.a")]


WRONG: list[Any] = [
    pytest.param({"update": {}}, "needs a target", id="no target"),
    pytest.param({"target": "$.a"}, "one of update, copy and remove", id="no change"),
    pytest.param({"target": "$.a", "update": {}, "remove": True}, "one of update, copy and remove", id="two changes"),
    pytest.param({"target": "a[", "update": {}}, "no JSONPath", id="no JSONPath"),
    pytest.param({"target": "$.a", "update": 1}, "cannot be updated", id="a text for an object"),
    pytest.param({"target": "$.a", "copy": "$.none"}, "exactly one node", id="copy of nothing"),
]


@pytest.mark.parametrize(("action", "problem"), WRONG)
def test_a_malformed_action_names_its_line(action: dict[str, Any], problem: str) -> None:
    """What is no action is refused with file, line and pointer."""
    overlay = {"actions": [action]}
    with pytest.raises(JudgementError, match=problem) as caught:
        apply_overlay({"a": {}}, overlay, path="overlay.yaml", lines={"/actions/0": 7})
    assert [(place.path, place.line, place.pointer) for place in caught.value.places] == [
        ("overlay.yaml", 7, "/actions/0")
    ]


def test_json_path_names_every_node_of_a_document_and_nothing_else() -> None:
    """Names that look like numbers, hold quotes, slashes or another script included."""
    document = {"paths": {"/v1/{id}": {"responses": {"200": [{"it's": 1}, "b\\"]}}}, "비": {"x-y": [[1]]}}
    for pointer, value in walk(document):
        path = json_path(document, pointer)
        if pointer:
            marked, unmatched = apply_overlay(document, {"actions": [{"target": path, "remove": True}]}, path="o")
            assert not unmatched, path
            assert len(list(walk(marked))) == len(list(walk(document))) - len(list(walk(value))), path


@pytest.mark.parametrize(
    ("pointers", "paths"),
    [
        pytest.param(["/a/x/t"], ["$.a.x.t"], id="one"),
        pytest.param(["/a/x/t", '/a/it\'s "y"\n/t'], ["$.a['x', 'it\\'s \"y\"\\n'].t"], id="one-name"),
        pytest.param(["/a/x/t", "/b/x/u"], ["$.a.x.t", "$.b.x.u"], id="two-names"),
        pytest.param(["/a/x", "/a/x/t"], ["$.a.x", "$.a.x.t"], id="depth"),
        pytest.param(["/c/0/t", "/c/1/t"], ["$.c[0].t", "$.c[1].t"], id="items"),
    ],
)
def test_nodes_that_differ_in_one_name_share_a_path(pointers: list[str], paths: list[str]) -> None:
    """And the paths select these nodes, all of them and nothing else."""
    document = {"a": {"x": {"t": 1, "u": 2}, 'it\'s "y"\n': {"t": 1}}, "b": {"x": {"u": 1}}, "c": [{"t": 1}, {"t": 2}]}
    assert json_paths(document, pointers) == paths
    actions = [{"target": path, "update": {}} for path in paths]
    _, outcomes = perform(document, {"overlay": "1.1.0", "actions": actions}, path="overlay.yaml")
    assert sorted(pointer for one in outcomes for pointer in one.matched) == sorted(pointers)


def outcomes(document: dict[str, Any], *actions: dict[str, Any]) -> tuple[Outcome, ...]:
    """What becomes of each action."""
    return perform(document, {"actions": list(actions)}, path="overlay.yaml")[1]


HEALTH: list[Any] = [
    pytest.param({"a": {"b": 1}}, {"target": "$.a", "update": {"b": 1}}, "obsolete", id="says so"),
    pytest.param({"a": {"b": 1, "c": 2}}, {"target": "$.a", "update": {"b": 1}}, "obsolete", id="says more"),
    pytest.param({"a": {"b": 1}}, {"target": "$.a", "update": {"b": 2}}, "applied", id="says otherwise"),
    pytest.param({"a": {}}, {"target": "$.a", "update": {"b": None}}, "applied", id="says nothing, not null"),
    pytest.param({"a": {"b": True}}, {"target": "$.a", "update": {"b": 1}}, "applied", id="true is not 1"),
    pytest.param({"a": {"b": "x"}}, {"target": "$.a.b", "update": "x"}, "obsolete", id="a primitive"),
    pytest.param({"a": {"text": "動画"}}, {"target": "$.a", "update": {"text": "A video"}}, "applied", id="language"),
    pytest.param({"a": [{"b": 1}, {"b": 2}]}, {"target": "$.a[*]", "update": {"b": 1}}, "applied", id="one of two"),
    pytest.param({"a": [{"b": 1}, {"b": 1}]}, {"target": "$.a[*]", "update": {"b": 1}}, "obsolete", id="both of two"),
    pytest.param({"a": {"r": ["x", "y"]}}, {"target": "$.a", "update": {"r": ["y"]}}, "obsolete", id="an item"),
    pytest.param({"a": {"r": ["x"]}}, {"target": "$.a", "update": {"r": ["x", "y"]}}, "applied", id="one item new"),
    pytest.param({"a": ["x"]}, {"target": "$.a", "update": "x"}, "obsolete", id="an item to append"),
    pytest.param({"a": ["x"]}, {"target": "$.a", "update": "y"}, "applied", id="a new item to append"),
    pytest.param({"a": {"b": 1}, "c": {"b": 1}}, {"target": "$.a", "copy": "$.c"}, "obsolete", id="copy"),
    pytest.param({"a": {"b": 1}, "c": {"b": 2}}, {"target": "$.a", "copy": "$.c"}, "applied", id="copy of other"),
    pytest.param({"a": {"b": 1}}, {"target": "$.a.b", "remove": True}, "applied", id="remove"),
    pytest.param({"a": {"b": {"c": {}}}}, {"target": "$.a", "update": {"b": {"c": {}}}}, "obsolete", id="empty object"),
    pytest.param({"a": {"b": {}}}, {"target": "$.a", "update": {"b": {"c": {}}}}, "applied", id="a new empty object"),
    pytest.param({}, {"target": "$.a", "update": {}}, "stale", id="stale"),
    pytest.param({"a": {"m": 9}}, {"target": "$.a", "update": {"m": 9, "x-vidgate-reading": "at most 9"}}, "obsolete",
                 id="our remark beside it counts for nothing"),
    pytest.param({"a": {"m": 9}}, {"target": "$.a", "update": {"x-vidgate-reading": "at most 9"}}, "applied",
                 id="our remark alone is the action"),
]  # fmt: skip


@pytest.mark.parametrize(("document", "action", "state"), HEALTH)
def test_what_becomes_of_an_action(document: dict[str, Any], action: dict[str, Any], state: str) -> None:
    """Applied, obsolete because the document says all of it, or stale; an obsolete one is what changes nothing."""
    result, [outcome] = perform(document, {"actions": [action]}, path="overlay.yaml")
    assert outcome.state == state
    assert (json.dumps(result) == json.dumps(document)) is (state != "applied")
    assert outcome.upstream is (state == "obsolete")


def test_an_action_is_judged_on_the_document_before_it() -> None:
    """Not on the pages alone: what an earlier action changed counts; who said it first is told apart."""
    update = {"target": "$.a", "update": {"b": 2}}
    first, second = outcomes({"a": {"b": 1}}, update, update)
    assert (first.state, second.state, second.upstream) == ("applied", "obsolete", False)
    away = {"target": "$.a", "update": {"b": 1}}
    assert [one.state for one in outcomes({"a": {"b": 1}}, update, away)] == ["applied", "applied"]
    last = outcomes({"a": {"b": 2}}, away, update)[1]
    assert last.state == "applied"


def test_an_obsolete_action_repeats_nothing() -> None:
    """Overlay appends to lists, so that applying it would say `required` twice; the plain way does as Overlay says."""
    document = {"a": {"required": ["id"]}}
    overlay = {"actions": [{"target": "$.a", "update": {"required": ["id"]}}]}
    assert perform(document, overlay, path="o")[0] == document
    assert apply_overlay(document, overlay, path="o")[0] == {"a": {"required": ["id", "id"]}}


def test_what_an_action_says_in_vain_is_named() -> None:
    """Parts that every node said before, and list items that would stand there twice."""
    document = {"a": [{"b": 1, "required": ["id"]}, {"b": 1, "c": 3, "required": ["id", "model"]}]}
    update = {"b": 1, "c": 3, "required": ["id", "model", "status"]}
    [outcome] = outcomes(document, {"target": "$.a[*]", "update": update})
    assert outcome.said == ("/actions/0/update/b", "/actions/0/update/required/0")
    assert outcome.repeated == ("/actions/0/update/required/0", "/actions/0/update/required/1")
    assert outcome.matched == ("/a/0", "/a/1")


@pytest.mark.parametrize(("expected", "miscounted"), [(1, True), (2, False), (3, True)])
def test_an_action_may_pin_how_many_nodes_it_matches(expected: int, miscounted: bool) -> None:  # noqa: FBT001 - a case
    """More are as wrong as fewer."""
    [outcome] = outcomes({"a": [{}, {}]}, {"target": "$.a[*]", "update": {"b": 1}, "x-matches": expected})
    assert outcome.miscounted is miscounted


@pytest.mark.parametrize("value", [0, -1, True, "2", 1.5, None, [2]])
def test_a_pin_is_a_number_of_nodes(value: Any) -> None:
    """Anything else is refused, with file, line and pointer."""
    overlay = {"actions": [{"target": "$.a", "update": {}, "x-matches": value}]}
    with pytest.raises(JudgementError, match="no number of nodes") as caught:
        perform({"a": {}}, overlay, path="overlay.yaml", lines={"/actions/0/x-matches": 9})
    [place] = caught.value.places
    assert (place.path, place.line, place.pointer) == ("overlay.yaml", 9, "/actions/0/x-matches")
