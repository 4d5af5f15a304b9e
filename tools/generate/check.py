"""What must hold of a written package before it replaces the old one."""

from __future__ import annotations

import ast
import json
import sys
import threading
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Final

from tools.errors import GenerateError, Place
from tools.generate.names import module_name
from tools.generate.run import run
from tools.store import read_tree

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from tools.generate.run import Workspace
    from tools.generate.variants import Families
    from tools.generate.view import View

_PARSER: Final = threading.Lock()
_BUG: Final = "This is a fault of the generator or of our templates: mend tools/generate, not the output."
_ALLOWED: Final = frozenset({"attrs", "httpx"})
# The calls that may run while a module is imported. Text from a page must never become another.
_CALLS: Final = frozenset(
    {"TypeVar", "TypedDict", "MappingProxyType", "_field", "field", "_define", "define", "object.__new__"}
)

_SIMPLE: Final = (ast.Expr, ast.Assign, ast.AnnAssign, ast.Return)
"""Statements that hold no others; most do not."""

_DECORATORS: Final = frozenset({"classmethod", "define", "final", "overload", "property"})

_IMPORT: Final = """
import gc, importlib, json, sys
gc.disable()
sys.path.insert(0, sys.argv[1])
with open(sys.argv[3], encoding="utf-8") as file:
    names = json.load(file)
for name in names:
    try:
        module = importlib.import_module(name)
        for public in getattr(module, "__all__", ()):
            getattr(module, public)
    except BaseException as error:
        sys.exit(f"{name}: {type(error).__name__}: {error}")
variants = importlib.import_module(sys.argv[2] + ".variants")
for operation, models in variants.MODELS.items():
    for model in models:
        variants.request_class(operation, model)
"""


def check_package(workspace: Workspace, view: View, families: Families, *, type_check: bool) -> dict[str, bytes]:
    """The files of the package; raises GenerateError when one of them is not sound."""
    files = {path: content for path, content in read_tree(workspace.target).items() if not path.endswith(".pyc")}
    trees = {path: _parsed(path, content) for path, content in files.items() if path.endswith(".py")}
    for path, tree in trees.items():
        _check_imports(path, tree)
        check_statements(path, tree.body)
    _check_classes(view, trees)
    _check_endpoints(view, trees)
    check_modules(workspace, trees)
    if type_check:
        check_types(workspace)
    expected = {model for family in families.operations for variant in family.variants for model in variant.models}
    known = {value for tree in [trees["variants.py"]] for value in _strings(tree)}
    if not expected <= known:
        problem = f"variants.py lacks the models {sorted(expected - known)}"
        raise GenerateError(problem, fix=_BUG)
    return dict(sorted(files.items()))


def check_modules(workspace: Workspace, paths: Iterable[str]) -> None:
    """Import every module, in a process of its own; that compiles it, too. Raises GenerateError with the module."""
    listed = workspace.folder / "modules.json"
    names = (".".join((workspace.package, *PurePosixPath(path).with_suffix("").parts)) for path in paths)
    listed.write_text(json.dumps([name.removesuffix(".__init__") for name in names]), encoding="ascii")
    command = [sys.executable, "-I", "-B", "-c", _IMPORT, str(workspace.source), workspace.package, str(listed)]
    run(workspace, command, "the generated package cannot be imported", fix=_BUG)


def check_types(workspace: Workspace) -> None:
    """Run mypy --strict over the package, whatever settings stand elsewhere."""
    settings = workspace.folder / "mypy.ini"
    settings.write_text("[mypy]\nstrict = True\npython_version = 3.11\n", encoding="ascii")
    command = [sys.executable, "-I", "-m", "mypy", "--config-file", str(settings)]
    command += ["--cache-dir", str(workspace.folder / "mypy")]
    command += ["--no-color-output", "--no-error-summary", "--hide-error-context", str(workspace.target)]
    run(workspace, command, "the generated package does not pass mypy --strict", fix=_BUG)


def _parsed(path: str, content: bytes) -> ast.Module:
    try:
        # CPython 3.11 counts the depth of syntax trees per process: two threads that parse at once may fail.
        with _PARSER:
            return ast.parse(content, filename=path)
    except (SyntaxError, ValueError, RecursionError) as error:
        raise GenerateError(f"does not compile: {error}", fix=_BUG, places=[Place(path=path)]) from None


def _check_imports(path: str, tree: ast.Module) -> None:
    for node in _statements(tree):
        if isinstance(node, ast.Import):
            roots = [alias.name.partition(".")[0] for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and not node.level:
            roots = [str(node.module).partition(".")[0]]
        else:
            continue
        for root in roots:
            if root not in _ALLOWED and root not in sys.stdlib_module_names:
                places = [Place(path=path, line=node.lineno)]
                raise GenerateError(f"imports {root}, which users do not have", fix=_BUG, places=places)


def _statements(tree: ast.Module) -> Iterator[ast.AST]:
    """Every statement at whatever depth, and none of the expressions, which are many times more."""
    stack: list[ast.AST] = list(tree.body)
    while stack:
        node = stack.pop()
        yield node
        if isinstance(node, _SIMPLE):
            continue
        for member in ("body", "orelse", "finalbody", "handlers", "cases"):
            inner = getattr(node, member, None)
            if isinstance(inner, list):  # of a lambda or a conditional expression it is one expression
                stack += inner


def check_statements(path: str, body: list[ast.stmt]) -> None:
    """Only definitions, imports and known calls run at import: a description that broke out would be something else.

    Raises GenerateError with the line.
    """
    for node in body:
        for value in _at_import(path, node):
            if isinstance(value, ast.Name | ast.Constant):
                continue
            if any(_dotted(call.func) not in _CALLS for call in _calls(value)):
                raise _runs(path, node)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            for decorator in node.decorator_list:
                if not isinstance(decorator, ast.Call) and _dotted(decorator) not in _DECORATORS:
                    raise _runs(path, node)


def _calls(value: ast.expr) -> Iterator[ast.Call]:
    """Every call in an expression."""
    stack: list[ast.AST] = [value]
    while stack:
        node = stack.pop()
        if isinstance(node, ast.Name | ast.Constant):  # most are, and nothing is inside
            continue
        if isinstance(node, ast.Call):
            yield node
        stack += ast.iter_child_nodes(node)


def _dotted(node: ast.expr) -> str:
    """`name` or `name.member`; of anything else the source, which is neither."""
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
        return f"{node.value.id}.{node.attr}"
    return ast.unparse(node)


def _at_import(path: str, node: ast.stmt) -> list[ast.expr]:
    """The expressions of a statement that are evaluated when its module is imported."""
    values: list[ast.expr | None] = []
    match node:
        case ast.FunctionDef() | ast.AsyncFunctionDef():
            given = [*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs, node.args.vararg, node.args.kwarg]
            values = [*node.decorator_list, *node.args.defaults, *node.args.kw_defaults, node.returns]
            values += [argument.annotation for argument in given if argument is not None]
        case ast.ClassDef():
            check_statements(path, node.body)
            values = [*node.decorator_list, *node.bases, *(keyword.value for keyword in node.keywords)]
        case ast.If(test=ast.Name(id="TYPE_CHECKING")):
            check_statements(path, [*node.body, *node.orelse])
        case ast.Assign():
            values = [*node.targets, node.value]
        case ast.AnnAssign():
            values = [node.target, node.annotation, node.value]
        case ast.Import() | ast.ImportFrom() | ast.Pass():
            pass
        case _:
            if not _is_text(node):
                raise _runs(path, node)
    return [value for value in values if value is not None]


def _is_text(node: ast.stmt) -> bool:
    if not isinstance(node, ast.Expr) or not isinstance(node.value, ast.Constant):
        return False
    return node.value.value is ... or isinstance(node.value.value, str)


def _runs(path: str, node: ast.stmt) -> GenerateError:
    problem = f"would run {ast.unparse(node)[:200]!r} when it is imported"
    return GenerateError(problem, fix=_BUG, places=[Place(path=path, line=node.lineno)])


def _check_classes(view: View, trees: dict[str, ast.Module]) -> None:
    """One class per schema, none more, none less, and nothing typed `Any` that the contract describes."""
    classes: dict[str, tuple[str, ast.ClassDef]] = {}
    literals: set[str] = set()
    for path, tree in trees.items():
        if not path.startswith("models/") or path == "models/__init__.py":
            continue
        for node in tree.body:
            if isinstance(node, ast.ClassDef):
                classes[node.name] = (path, node)
            elif isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
                literals.add(node.target.id)
    for found, wanted, what in ((classes.keys(), view.classes, "class"), (literals, view.literals, "alias")):
        for name in sorted(wanted.keys() - found):
            places = [Place(path="openapi.json", pointer=wanted[name])]
            raise GenerateError(f"the generator wrote no {what} {name} for this schema", fix=_BUG, places=places)
        for name in sorted(found - wanted.keys()):
            raise GenerateError(f"the generator wrote a {what} {name} that stands for no schema", fix=_BUG)
    for path, node in classes.values():
        _check_fields(view, path, node)


def _check_fields(view: View, path: str, node: ast.ClassDef) -> None:
    for field in node.body:
        if not isinstance(field, ast.AnnAssign) or not isinstance(field.target, ast.Name):
            continue
        name = field.target.id
        said_nothing = (node.name, name) in view.untyped or name == "additional_properties"
        if _is_any(field.annotation) and not said_nothing:
            problem = f"{node.name}.{name} is typed Any, though the contract types it"
            raise GenerateError(problem, fix=_BUG, places=[Place(path=path, line=field.lineno)])


def _check_endpoints(view: View, trees: dict[str, ast.Module]) -> None:
    """One module per operation, and no body or result typed `Any` that the contract describes."""
    for operation in view.operations:
        path = f"api/{module_name(operation.tag)}/{module_name(operation.id)}.py"
        places = [Place(path="openapi.json", pointer=operation.pointer)]
        if path not in trees:
            raise GenerateError(f"the generator wrote no module {path}", fix=_BUG, places=places)
        functions = {node.name: node for node in trees[path].body if isinstance(node, ast.FunctionDef)}
        body = [each.annotation for each in functions["request_arguments"].args.kwonlyargs if each.arg == "body"]
        value = view.openapi["paths"][operation.path][operation.method]
        typed = {"response": value["responses"], "body": value.get("requestBody", {}).get("content", {})}
        annotations = {"response": functions["parse_response"].returns, "body": body[0] if body else None}
        for what, annotation in annotations.items():
            if _says_something(typed[what]) and (annotation is None or _is_any(annotation)):
                raise GenerateError(f"the {what} of {operation.id} is typed Any", fix=_BUG, places=places)


def _is_any(annotation: ast.expr) -> bool:
    """Whether a union has `Any` in it. A loop: a union of hundreds is nested as deep as it is long."""
    members = [annotation]
    while members:
        member = members.pop()
        if isinstance(member, ast.BinOp):
            members += [member.left, member.right]
        elif isinstance(member, ast.Name) and member.id == "Any":
            return True
    return False


def _says_something(content: object) -> bool:
    return bool(content) and '"schema": {}' not in json.dumps(content)


def _strings(tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value
