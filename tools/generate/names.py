"""The Python names the generator will choose, computed before it runs, and what must not happen to them.

The generator drops a schema whose name is taken, overwrites a module whose name is taken, and leaves characters out of
names; each of these is an error here, with the place in the contract.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from functools import cache
from typing import TYPE_CHECKING, Final

from openapi_python_client.strings import ClassName, PythonIdentifier, pascal_case

from tools.errors import GenerateError, Place

if TYPE_CHECKING:
    from collections.abc import Iterable

FIELD_PREFIX: Final = "field_"
"""The generator's own default: what it puts before a name that would be no identifier."""

_SCHEMA: Final = re.compile(r"[A-Za-z][A-Za-z0-9._-]{0,99}")
_OPERATION: Final = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,99}")
_TAG: Final = re.compile(r"[A-Za-z][A-Za-z0-9_ -]{0,99}")
_PATH: Final = re.compile(r"(?:/(?:[A-Za-z0-9._~:-]|\{[A-Za-z_][A-Za-z0-9_-]*\})*)+")

# What the modules of a generated package import or define, whatever the contract says.
_TAKEN_CLASSES: Final = frozenset(
    {
        "Any",
        "AudioCalls",
        "AudiosT",
        "AuthenticatedClient",
        "BinaryIO",
        "BytesIO",
        "Callable",
        "Client",
        "File",
        "FileContent",
        "FileTypes",
        "Final",
        "Generic",
        "HTTPStatus",
        "IO",
        "ImageCalls",
        "ImagesT",
        "Literal",
        "Mapping",
        "MappingProxyType",
        "MODELS",
        "MediaResources",
        "MutableMapping",
        "NoCalls",
        "NotRequired",
        "Protocol",
        "Required",
        "RequestFiles",
        "Response",
        "RCo",
        "Self",
        "T",
        "TYPECHECKING",
        "TypeAlias",
        "TypedDict",
        "TypeVar",
        "UNSET",
        "Unpack",
        "Unset",
        "VideoCalls",
        "VideosT",
    }
)
_TAKEN_PROPERTIES: Final = frozenset(
    {"additional_keys", "additional_properties", "from_dict", "to_dict", "to_multipart"}
)
_TAKEN_PARAMETERS: Final = frozenset(
    {
        "arguments",
        "body",
        "client",
        "cookies",
        "errors",
        "from_json",
        "headers",
        "httpx",
        "json_body",
        "params",
        "parse_response",
        "path_segment",
        "request_arguments",
        "response",
        "sync",
        "asyncio",
        "sync_detailed",
        "asyncio_detailed",
        "to_json",
        "cast",
    }
)
# The tag becomes a package beside modules of ours, the operation a module inside it.
_TAKEN_MODULES: Final = frozenset({"__init__", "test", "tests"})


def refuse(problem: str, pointer: str, *, fix: str) -> GenerateError:
    """An error at a place of the contract."""
    return GenerateError(problem, fix=fix, places=[Place(path="openapi.json", pointer=pointer)])


def class_name(first: str, *rest: str) -> str:
    """The class that the generator makes of a schema's name; several names are joined in PascalCase."""
    return _settled("".join(map(_pascal_case, (first, *rest))) if rest else first)


_pascal_case = cache(pascal_case)


@cache  # an API has few words
def _settled(name: str) -> str:
    # The generator applies its rule once more when it reads what we hand it, so look for a name the rule leaves alone.
    for _ in range(4):
        again = str(ClassName(name, FIELD_PREFIX))
        if again == name:
            break
        name = again
    return name


def module_name(name: str) -> str:
    """The module that the generator makes of a class, an operation or a tag."""
    return str(PythonIdentifier(name, FIELD_PREFIX))


@cache
def attribute_name(name: str) -> str:
    """The attribute that the generator makes of a property."""
    return str(PythonIdentifier(name, FIELD_PREFIX))


def check_schema_name(name: str, pointer: str) -> None:
    """Raise GenerateError for a schema name that cannot be a class and a module."""
    if not _SCHEMA.fullmatch(name):
        problem = f"{name!r} cannot name a class"
        raise refuse(problem, pointer, fix="Rename the schema in overlay.yaml: ASCII letters, digits, `.`, `_`, `-`.")


def check_classes(classes: Iterable[tuple[str, str]]) -> None:
    """Raise GenerateError for classes (name, pointer) that would overwrite each other or what we import."""
    seen: dict[str, tuple[str, str]] = {}
    for name, pointer in classes:
        if name in _TAKEN_CLASSES:
            problem = f"the class {name} would hide what generated modules import under that name"
            raise refuse(problem, pointer, fix="Rename the schema in overlay.yaml.")
        # File systems may ignore case, so modules are compared without it.
        module = module_name(name).casefold()
        if module in seen:
            other, place = seen[module]
            problem = f"{name} and {other} (#{place}) would become one class or module"
            raise refuse(problem, pointer, fix="Rename one of the two schemas in overlay.yaml.")
        seen[module] = (name, pointer)


def attributes_of(names: Iterable[tuple[str, str]]) -> dict[str, str]:
    """The attribute of each property (name, pointer); raises GenerateError for one that a class cannot carry."""
    advice = "Remove the property in overlay.yaml: objects are open, so users still reach it by its key."
    pointers = dict(names)
    short = {name: _as_python_reads(attribute_name(name)) for name in pointers}
    shared = Counter(short.values())
    # Where two would share an attribute, the generator keeps the spelling of both.
    found = {name: _spelled(name) if shared[attribute] > 1 else attribute for name, attribute in short.items()}
    taken: dict[str, str] = {}
    for name, attribute in found.items():
        check_text(name, pointers[name])
        if attribute in _TAKEN_PROPERTIES:
            raise refuse(f"the property {name!r} would hide {attribute} of the class", pointers[name], fix=advice)
        if not attribute.isidentifier():
            raise refuse(f"the property {name!r} cannot become an attribute", pointers[name], fix=advice)
        if attribute in taken:
            problem = f"the properties {name!r} and {taken[attribute]!r} would become one attribute"
            raise refuse(problem, pointers[name], fix=advice)
        taken[attribute] = name
    return found


def _spelled(name: str) -> str:
    return _as_python_reads(str(PythonIdentifier(name, FIELD_PREFIX, skip_snake_case=True)))


def _as_python_reads(name: str) -> str:
    """Python reads identifiers in NFKC, so two spellings may be one name."""
    return unicodedata.normalize("NFKC", name)


def check_operation(operation_id: object, tag: object, path: str, pointer: str) -> None:
    """Raise GenerateError for names of an operation that cannot be a module in a package."""
    if not isinstance(operation_id, str) or not _OPERATION.fullmatch(operation_id):
        problem = f"the operation id {operation_id!r} cannot name a module"
        raise refuse(problem, pointer, fix="Give an operationId of ASCII letters and digits in overlay.yaml.")
    if not isinstance(tag, str) or not _TAG.fullmatch(tag) or module_name(tag) in _TAKEN_MODULES:
        raise refuse(f"the tag {tag!r} cannot name a package", pointer, fix="Give one ASCII tag in overlay.yaml.")
    if not _PATH.fullmatch(path):
        raise refuse(f"the path {path!r} holds characters no path has", pointer, fix="Mend the path in overlay.yaml.")


def check_parameters(names: Iterable[tuple[str, str]]) -> None:
    """Raise GenerateError for parameters (name, pointer) that an endpoint function cannot take."""
    seen: dict[str, str] = {}
    for name, pointer in names:
        check_text(name, pointer)
        argument = attribute_name(name)
        if argument in _TAKEN_PARAMETERS:
            problem = f"the parameter {name!r} would hide what the endpoint uses under that name"
            raise refuse(problem, pointer, fix="Remove the parameter in overlay.yaml.")
        if argument in seen:
            problem = f"the parameters {name!r} and {seen[argument]!r} would become one argument"
            raise refuse(problem, pointer, fix="Remove one of the two in overlay.yaml.")
        seen[argument] = name
    for argument, name in seen.items():
        if f"json_{argument}" in seen:  # what the endpoint calls the value it sends
            problem = f"the parameters {name!r} and {seen[f'json_{argument}']!r} would use one name"
            raise refuse(problem, "", fix="Remove one of the two in overlay.yaml.")


def check_text(text: str, pointer: str) -> None:
    """Raise GenerateError for characters in a wire name or value that the generator would leave out in silence."""
    for character in text:
        if unicodedata.category(character) in {"Cc", "Cf", "Cs", "Zl", "Zp"}:
            problem = f"{text!r} holds the invisible character U+{ord(character):04X}"
            raise refuse(problem, pointer, fix="Correct the name or value in overlay.yaml.")
