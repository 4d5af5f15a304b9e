"""Hostile pages: refused or made harmless, at little cost."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from tools.errors import HostilePage
from tools.schema.pointers import resolve

if TYPE_CHECKING:
    from collections.abc import Callable

    from tools.model import Extracted

    Read = Callable[[str], Extracted]

CODE = '"""\nimport os\nos.system("x")\n"""\n{{ 7 * 7 }} {% x %} \\" \' ${y}'

PROBE = """
import json, sys, time
from tools.errors import HostilePage, PageError
from tools.extract import extract
from tools.model import Page

def fenced(yaml):
    head = "# T\\n\\n> D\\n\\n## OpenAPI\\n\\n````yaml GET /x\\n"
    return head + "openapi: 3.1.0\\npaths: {/x: {get: {}}}\\n" + yaml + "\\n````\\n"

def sampled(rest):
    return "# T\\n\\n<RequestExample>\\n```bash\\ncurl https://a.example/b\\n```\\n" + rest

def legacy(yaml, response="{}"):
    head = "# T\\n\\n````yaml GET /x\\npaths:\\n  path: /x\\n  method: get\\n"
    return head + "  response: " + response + "\\n" + yaml + "\\n````\\n"

def several(number, yaml):
    fence = "# T\\n\\n````yaml GET /x%d\\nopenapi: 3.1.0\\npaths: {/x%d: {get: {}}}\\n" + yaml + "\\n````\\n"
    return "".join(fence % (n, n) for n in range(number))

content = eval(sys.argv[1])
if isinstance(content, str):
    content = content.encode("utf-8", "surrogatepass")
page = Page(provider="p", locale="en", path="en/x.md", content=content)
before = time.process_time()
try:
    outcome = extract(page).kind
except HostilePage as error:
    outcome = f"hostile: {error}"
except PageError as error:
    outcome = f"refused: {error}"
seconds = time.process_time() - before
# Not getrusage: its maximum counts the parent's memory too, which a child has until it starts its own program.
peak = next(int(row.split()[1]) for row in open("/proc/self/status") if row.startswith("VmHWM"))
print(json.dumps([outcome, seconds, peak / 1024]))
"""

COSTLY = [
    pytest.param("b'x' * 50_000_000", "hostile: pages/en/x.md: the page has 50,000,000 bytes", id="50 MB"),
    pytest.param("fenced('a: ' + '['*100_000)", "hostile: pages/en/x.md:10", id="100,000 brackets in YAML"),
    pytest.param("fenced('a: ' + '{a: '*100_000)", "hostile: pages/en/x.md:10", id="100,000 mappings in YAML"),
    pytest.param("fenced('a:\\n  ' + '- '*100_000)", "hostile: pages/en/x.md:11", id="100,000 dashes in YAML"),
    pytest.param("sampled('</RequestExample>\\n```json\\n' + '['*100_000 + '\\n```\\n')", "hostile: pages/en/x.md:9",
                 id="100,000 brackets in JSON"),
    pytest.param("sampled('```js\\npayload = ' + '{a:'*100_000 + '\\n```\\n</RequestExample>')", "mintlify",
                 id="100,000 braces in code"),
    pytest.param("'<A>'*100_000", "hostile: pages/en/x.md:1: tags nest", id="100,000 tags on a line"),
    pytest.param("'<A>\\n'*20_000", "hostile: pages/en/x.md:51: tags nest", id="20,000 tags on lines"),
    pytest.param("'<A></A>'*100_000", "hostile: pages/en/x.md:1: more than", id="100,000 pairs of tags"),
    pytest.param("'<'*100_000", "prose", id="100,000 angle brackets"),
    pytest.param("'<A\\n'*20_000", "prose", id="20,000 heads without end"),
    pytest.param("'<A ' + 'a=\"b\" '*300_000", "prose", id="300,000 attributes"),
    pytest.param("'<A a={' + '{'*1_900_000", "prose", id="1.9 million braces"),
    pytest.param("'`'*1_900_000", "refused: pages/en/x.md:1", id="1.9 million back-ticks"),
    pytest.param("'`\\n'*20_000", "prose", id="20,000 lines of a back-tick"),
    pytest.param("'```\\n```\\n'*12_000", "prose", id="12,000 fences"),
    pytest.param("'*'*1_900_000", "prose", id="1.9 million stars"),
    pytest.param("'# ' + ' '*1_900_000 + 'x'", "prose", id="1.9 million blanks"),
    pytest.param("'|a|\\n|-|\\n' + '|400|x|\\n'*20_000", "prose", id="20,000 rows of a table"),
    pytest.param("'a' + '\\u0301\\u0316'*450_000", "hostile: pages/en/x.md:1", id="900,000 combining marks"),
    pytest.param("'가\\n'*20_000", "prose", id="20,000 lines of text"),
    pytest.param("fenced('a: &a [x, x]\\n' + ''.join(f'b{i}: &b{i} [*a, *a]\\n' for i in range(50)))",
                 "hostile: pages/en/x.md:10", id="alias bomb"),
    pytest.param("legacy('a: &a [x, x]\\n' + ''.join(f'b{i}: &b{i} [*{\"b\" + str(i - 1) if i else \"a\"},"
                 " *{\"b\" + str(i - 1) if i else \"a\"}]\\n' for i in range(50)))",
                 "hostile: pages/en/x.md:", id="alias bomb in the older export"),
    pytest.param("legacy('', '\\n' + ''.join(f\"    '{i}':\\n      a/b:\\n        schemaArray:\\n"
                 "          - type: any\\n            refIdentifier: '#/components/schemas/A'\\n\""
                 " for i in range(4_500)))",
                 "legacy", id="4,500 responses of one name"),
    pytest.param("several(11, '')", "refused: 11 operations", id="eleven pages in one file"),
    pytest.param("several(10, 'components:\\n  schemas:\\n' + ''.join("
                 "f'    a{i}: {{type: string}}\\n' for i in range(1_400)))",
                 "openapi", id="ten large pages in one file"),
    pytest.param("several(2, 'components:\\n  schemas:\\n' + ''.join("
                 "f'    a{i}: {{example: 1, nullable: true, type: string}}\\n' for i in range(7_000)))",
                 "hostile: pages/en/x.md:", id="two pages with the nodes of two"),
    pytest.param("sampled('```js\\n') + '-d \\''*400_000", "refused", id="400,000 open quotes"),
    pytest.param("fenced('a: [' + 'x, '*600_000 + 'x]')", "hostile: pages/en/x.md:10", id="600,000 nodes"),
    pytest.param("fenced('components:\\n  schemas:\\n' + ''.join("
                 "f'    a{i}: {{example: 1, nullable: true, type: string}}\\n' for i in range(7_000)))",
                 "openapi", id="7,000 repairs"),
    pytest.param("sampled(''.join('```js\\npayload = {a: %d}\\n```\\n' % i"
                 " for i in range(6_000)) + '</RequestExample>')",
                 "mintlify", id="6,000 samples"),
    pytest.param("sampled('</RequestExample>\\n' + ''.join("
                 "f'<ParamField body=\"p{i}\" type=\"string\">\\n</ParamField>\\n' for i in range(9_000)))",
                 "mintlify", id="9,000 parameters"),
]  # fmt: skip


@pytest.mark.parametrize(("expression", "outcome"), COSTLY)
def test_hostile_pages_cost_little(expression: str, outcome: str) -> None:
    """Less than a second of processor time and 200 MB, interpreter included, whatever the page."""
    command = (sys.executable, "-c", PROBE, expression)
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    found, seconds, megabytes = json.loads(done.stdout)
    assert found.startswith(outcome)
    assert seconds < 1.0
    assert megabytes < 200


def test_code_in_a_description_is_text(read: Read) -> None:
    """Quotes, code and template marks come out as they went in: data, for the generator to quote."""
    quoted = "".join(f"        {line}\n" for line in CODE.split("\n"))
    found = read(
        "# T\n\n````yaml GET /x\nopenapi: 3.1.0\npaths:\n  /x:\n    get:\n      description: |-\n" + quoted + "````\n"
    )
    assert resolve(found.document, "/paths/~1x/get/description") == CODE
    assert found.leftovers == ()


def test_code_in_a_parameter_is_text(read_parameters: Read) -> None:
    """The same on a page of parameters."""
    found = read_parameters(f'<ParamField body="a" type="string">\n{CODE}\n</ParamField>\n')
    pointer = "/paths/~1v1~1make/post/requestBody/content/application~1json/schema/properties/a/description"
    assert resolve(found.document, pointer) == CODE


NAMES = [
    pytest.param("components: {schemas: {'../../x': {}}}", "../../x", id="a component that leaves its folder"),
    pytest.param("components: {schemas: {'..': {}}}", "..", id="a component of dots"),
    pytest.param("components: {schemas: {'a b': {}}}", "a b", id="a component with a blank"),
    pytest.param("components: {schemas: {'a\"b': {}}}", 'a"b', id="a component with a quote"),
    pytest.param('components: {schemas: {"a\\nb": {}}}', "a\\\\nb", id="a component with a line end"),
    pytest.param("components: {schemas: {'': {}}}", "''", id="a component without name"),
    pytest.param("components: {schemas: {" + "a" * 129 + ": {}}}", "aaa", id="a component of 129 letters"),
    pytest.param("components: {schemas: {한국: {}}}", "", id="a component outside ASCII"),
    pytest.param("components: {securitySchemes: {'a/b': {}}}", "a/b", id="a security scheme with a slash"),
    pytest.param("components: {schemas: {A: {properties: {'a\"b': {}}}}}", 'a"b', id="a property with a quote"),
    pytest.param('components: {schemas: {A: {properties: {"a\\nb": {}}}}}', "a", id="a property with a line end"),
    pytest.param(
        "components: {schemas: {A: {items: {properties: {'a\\b': {}}}}}}", "a", id="a property with a backslash"
    ),
    pytest.param(
        "components: {parameters: {A: {name: '../x', in: path}}}", "../x", id="a parameter that leaves its path"
    ),
    pytest.param("components: {schemas: {A: {x-vidgate-source: []}}}", "x-vidgate-source", id="our own extension"),
    pytest.param("x: {x-vidgate-reading: 1}", "x-vidgate-reading", id="our own extension, anywhere"),
]


@pytest.mark.parametrize(("yaml", "words"), NAMES)
def test_dangerous_names_are_refused(read_operation: Read, yaml: str, words: str) -> None:
    """Names become files, classes and keys; a bad one is refused with its place."""
    with pytest.raises(HostilePage) as caught:
        read_operation(f"paths: {{/x: {{get: {{}}}}}}\n{yaml}")
    (place,) = caught.value.places
    assert place.line == 10
    assert place.pointer
    assert words.replace("\\\\", "\\") in caught.value.problem


@pytest.mark.parametrize(
    "path",
    ["/a/../b", "x", '/a"b', "/a b", "/a\\b", "/한"],
)
def test_dangerous_paths_are_refused(read_operation: Read, path: str) -> None:
    """A path goes into URLs and file names."""
    with pytest.raises(HostilePage, match="path name"):
        read_operation(f"paths: {{/x: {{get: {{}}}}, {json.dumps(path, ensure_ascii=False)}: {{}}}}")


CHARACTERS = [
    pytest.param("description: a\u202eb", "U+202E", id="raw override"),
    pytest.param('description: "a\\u202eb"', "U+202E", id="escaped override"),
    pytest.param('description: "a\\x1b"', "U+001B", id="escaped control"),
    pytest.param("description: a\ud800b", "not UTF-8", id="lone surrogate"),
    pytest.param('description: "a\\u200d"', "U+200D", id="escaped joiner"),
]


@pytest.mark.parametrize(("yaml", "words"), CHARACTERS)
def test_misleading_characters_are_refused_with_their_line(read_operation: Read, yaml: str, words: str) -> None:
    """Raw or escaped, nothing that changes how text reads gets as far as a docstring."""
    with pytest.raises(HostilePage) as caught:
        read_operation(f"info:\n  {yaml}\npaths: {{/x: {{get: {{}}}}}}")
    assert caught.value.places[0].line == 10
    assert words in caught.value.problem
    assert str(caught.value).replace("\n", "").isprintable()


def test_a_duplicate_key_names_both_lines(read_operation: Read) -> None:
    """Which of the two the site meant nobody can know."""
    with pytest.raises(HostilePage, match="lines 9 and 11"):
        read_operation("paths: {/x: {get: {}}}\ninfo: {}\npaths: {}")
