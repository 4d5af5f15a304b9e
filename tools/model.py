"""The data between the stages: one frozen type per arrow, no I/O.

store ─ Page ▶ extract ─ Extracted ▶ merge ─ Document ▶ generate
                              └────▶ diff ─ Change ▶ report
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

from tools.errors import Place, ToolError

if TYPE_CHECKING:
    from collections.abc import Mapping

Json: TypeAlias = Any
"""A JSON value as `json.loads` returns it. Its shape is known only after a look."""

JsonObject: TypeAlias = dict[str, Any]

SUPPLEMENT = "supplement"
"""The locale of an entry of the supplement, which stands among the pages as if it were one."""

PageKind: TypeAlias = Literal["openapi", "legacy", "mintlify", "prose"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Page:
    """One vendored page, byte for byte.

    `path` is relative to the provider's `pages` folder and starts with the locale (`ko/api-reference/….md`).
    """

    provider: str
    locale: str
    path: str
    content: bytes = field(repr=False)

    @property
    def sha256(self) -> str:
        """Hex digest of the bytes; what `lock.json` records."""
        return hashlib.sha256(self.content).hexdigest()

    @property
    def stem(self) -> str:
        """The path without locale and suffix: the same for every translation of a page."""
        return self.path.partition("/")[2].removesuffix(".md")

    def place(self, line: int | None = None, pointer: str | None = None) -> Place:
        """A place on this page; `line` counts from 1 in the file, `pointer` goes into the page's fragment."""
        path = "supplement.yaml" if self.locale == SUPPLEMENT else f"pages/{self.path}"
        return Place(path=path, line=line, pointer=pointer)


@dataclass(frozen=True, kw_only=True, slots=True)
class Span:
    """Lines `first` to `last` (from 1, inclusive) of a page and what they became."""

    first: int
    last: int
    what: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Prose:
    """Text a reader kept as text.

    `heading` is the chain of headings above it; `role` is what the page marks it as
    (`title`, `description`, `heading`, `paragraph`, `list`, `table`, `code`, `warning`, `note`, …);
    `pointer`, where known, is the node of the fragment it speaks of.
    """

    line: int
    role: str
    text: str
    heading: tuple[str, ...] = ()
    pointer: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Leftover:
    """Part of a page that no reader understood."""

    place: Place
    text: str
    reason: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Repair:
    """A defect of the exporter that a reader mended: what stood there and what stands there now."""

    place: Place
    rule: str
    found: str
    made: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Extracted:
    """What one page states, as an OpenAPI 3.1 fragment, and everything else that stands on it.

    `document` is None for a page without operation. `lines` maps JSON pointers into `document` to lines of the page.
    Every line of the page that is not blank is covered by `spans` or by `leftovers`.
    """

    page: Page
    kind: PageKind
    document: JsonObject | None
    lines: Mapping[str, int] = field(default_factory=dict[str, int])
    prose: tuple[Prose, ...] = ()
    spans: tuple[Span, ...] = ()
    leftovers: tuple[Leftover, ...] = ()
    repairs: tuple[Repair, ...] = ()

    def place(self, pointer: str) -> Place:
        """The place of `pointer`, or of its nearest ancestor that has a line."""
        probe = pointer
        while probe and probe not in self.lines:
            probe = probe.rpartition("/")[0]
        return self.page.place(self.lines.get(probe), pointer)


Level: TypeAlias = Literal["error", "warning", "info"]
Axis: TypeAlias = Literal["wire", "sdk", "prose", "language"]
"""What a change touches: bytes on the wire, generated code, words, or the agreement of translations."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Usage:
    """One operation that uses what changed: `operation` is `POST /v1/videos/generations`."""

    operation: str
    role: Literal["request", "response", "callback"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Witness:
    """A payload on which the two sides disagree, as jsonschema-rs judges it."""

    payload: Json
    valid_before: bool
    valid_after: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class Change:
    """One difference between two sides, with a place on each.

    `rule` is a stable kebab-case id; `pointer` stands in the component that changed, however many operations use it
    (`usages`); `before` and `after` are the values at the pointer (None: absent). A breaking change carries its
    `witness`; `why` says why there is none. `locales` are the languages that already have the change. `copies` are the
    pointers of other schemas that the same lines of a page make.
    """

    rule: str
    level: Level
    pointer: str
    message: str
    old: Place
    new: Place
    before: Json = None
    after: Json = None
    axis: Axis = "wire"
    usages: tuple[Usage, ...] = ()
    witness: Witness | None = None
    why: str = ""
    locales: tuple[str, ...] = ()
    copies: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Judgements:
    """What people decided about a provider: the parsed overlay and supplement, with the lines of both."""

    overlay: JsonObject
    supplement: JsonObject
    overlay_lines: Mapping[str, int] = field(default_factory=dict[str, int])
    supplement_lines: Mapping[str, int] = field(default_factory=dict[str, int])


@dataclass(frozen=True, kw_only=True, slots=True)
class Source:
    """One provider's row of `sources.toml`; `locales` in order of precedence."""

    provider: str
    title: str
    docs: str
    index: str
    locales: tuple[str, ...]
    base_urls: tuple[str, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Decision:
    """A choice the merge made by rule, so that nothing is settled in silence.

    `action`, where somebody could have decided otherwise, is the overlay action, as YAML, that decides the same.
    """

    rule: str
    message: str
    places: tuple[Place, ...]
    action: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Proposal:
    """A constraint that a page's text states in every language and the contract lacks. Never applied by itself.

    `action` is the overlay action, as YAML, that would take it over; `places` are where the languages say it.
    """

    message: str
    places: tuple[Place, ...]
    action: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Document:
    """A provider's contract: an OpenAPI 3.1 document in canonical order.

    `locales` holds, per locale, an Overlay that turns the contract's prose back into that language.
    `findings` are what is still open (conflicts, leftovers, stale actions); the contract is good when there are none.
    """

    provider: str
    openapi: JsonObject
    locales: Mapping[str, JsonObject]
    decisions: tuple[Decision, ...] = ()
    findings: tuple[ToolError, ...] = ()
    notes: tuple[str, ...] = ()
    repairs: tuple[Repair, ...] = ()
