"""JSONPath expressions as `kubectl wait --for=jsonpath=` takes them, over plain Kubernetes objects.

Supported: `.name`, `['name']`, `\\.` for a dot in a name, `[0]`, `[-1]`, `[1:3]`, `[*]`, `.*`, `..name`, and filters
`[?(@.type=="Ready")]` with `==`, `!=`, `<`, `<=`, `>`, `>=`, `&&`, `||`, `!` and parentheses.

Sources: RFC 9535; https://kubernetes.io/docs/reference/kubectl/jsonpath/.
"""

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

Select = Callable[[Any], Iterator[Any]]
Test = Callable[[Any], bool]

_TOKEN = re.compile(
    r"""\s*(?:
        (?P<number>-?\d+(?:\.\d+)?)
      | (?P<string>'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*")
      | (?P<operator>==|!=|<=|>=|&&|\|\||[<>!()])
      | (?P<word>true|false|null)\b
      | (?P<path>[@$](?:\.\.?(?:\*|(?:\\.|[\w/-])+)|\[(?:'[^']*'|"[^"]*"|[^\]'"]*)\])*)
    )""",
    re.VERBOSE,
)
_NAME = re.compile(r"(?:\\.|[^.\[\]\\\s])+")
_COMPARISONS: dict[str, Callable[[Any, Any], bool]] = {
    "==": lambda one, other: one == other,
    "!=": lambda one, other: one != other,
    "<": lambda one, other: one < other,
    "<=": lambda one, other: one <= other,
    ">": lambda one, other: one > other,
    ">=": lambda one, other: one >= other,
}


class JsonPathError(ValueError):
    """The expression cannot be read."""


@dataclass(frozen=True)
class JsonPath:
    """A parsed expression; `select` yields the values that it finds, in document order."""

    text: str
    steps: tuple[Select, ...]

    def select(self, value: Any) -> list[Any]:
        """All values at the path."""
        values = [value]
        for step in self.steps:
            values = [found for one in values for found in step(one)]
        return values


def parse(text: str) -> JsonPath:
    """Read an expression without its braces; a leading `$` or `@` may be left out.

    Raises:
        JsonPathError: with the place where reading stopped.
    """
    rest = text.strip()
    rest = rest[1:] if rest[:1] in ("$", "@") else rest
    steps: list[Select] = []
    if rest and rest[0] not in ".[":
        rest = f".{rest}"
    while rest:
        step, rest = _step(rest, text)
        steps.append(step)
    return JsonPath(text, tuple(steps))


def _step(rest: str, whole: str) -> tuple[Select, str]:
    if rest.startswith(".."):
        inner, rest = _step(rest[1:] if rest[2:3] != "[" else rest[2:], whole)
        return _descend(inner), rest
    if rest.startswith(".*"):
        return _all, rest[2:]
    if rest.startswith("."):
        match = _NAME.match(rest, 1)
        if match is None:
            raise JsonPathError(f"the JSONPath {whole!r} has no name after a dot, at {rest!r}")
        return _member(re.sub(r"\\(.)", r"\1", match[0])), rest[match.end() :]
    if rest.startswith("["):
        inside, rest = _bracket(rest, whole)
        return _subscript(inside, whole), rest
    raise JsonPathError(f"the JSONPath {whole!r} cannot be read at {rest!r}")


def _bracket(rest: str, whole: str) -> tuple[str, str]:
    """Split `rest` into the content of its first bracket and the text behind it."""
    depth, quote = 0, ""
    for position, character in enumerate(rest):
        if quote:
            quote = "" if character == quote and rest[position - 1] != "\\" else quote
        elif character in "'\"":
            quote = character
        elif character == "[":
            depth += 1
        elif character == "]":
            depth -= 1
            if depth == 0:
                return rest[1:position].strip(), rest[position + 1 :]
    raise JsonPathError(f"the JSONPath {whole!r} has an open bracket")


def _subscript(inside: str, whole: str) -> Select:
    if inside == "*":
        return _all
    if inside.startswith("?"):
        return _filter(_parse_test(inside[1:], whole))
    if len(inside) > 1 and inside[0] in "'\"" and inside[-1] == inside[0]:
        return _member(re.sub(r"\\(.)", r"\1", inside[1:-1]))
    if re.fullmatch(r"-?\d+", inside):
        return _item(int(inside))
    if re.fullmatch(r"-?\d*:-?\d*(?::-?\d+)?", inside):
        bounds = [int(part) if part else None for part in inside.split(":")]
        return _slice(slice(*bounds))
    raise JsonPathError(f"the JSONPath {whole!r} has an unknown subscript [{inside}]")


def _member(name: str) -> Select:
    def select(value: Any) -> Iterator[Any]:
        if isinstance(value, dict) and name in value:
            yield value[name]

    return select


def _item(index: int) -> Select:
    def select(value: Any) -> Iterator[Any]:
        if isinstance(value, list) and -len(value) <= index < len(value):
            yield value[index]

    return select


def _slice(bounds: slice) -> Select:
    def select(value: Any) -> Iterator[Any]:
        if isinstance(value, list):
            yield from value[bounds]

    return select


def _all(value: Any) -> Iterator[Any]:
    if isinstance(value, dict):
        yield from value.values()
    elif isinstance(value, list):
        yield from value


def _descend(inner: Select) -> Select:
    def select(value: Any) -> Iterator[Any]:
        yield from inner(value)
        for child in _all(value):
            yield from select(child)

    return select


def _filter(test: Test) -> Select:
    def select(value: Any) -> Iterator[Any]:
        yield from (item for item in _all(value) if test(item))

    return select


def _parse_test(text: str, whole: str) -> Test:
    tokens: list[tuple[str, str]] = []
    position = 0
    while text[position:].strip():
        match = _TOKEN.match(text, position)
        if match is None or match.end() == position:
            raise JsonPathError(f"the filter of the JSONPath {whole!r} cannot be read at {text[position:].strip()!r}")
        tokens.append((str(match.lastgroup), match[str(match.lastgroup)]))
        position = match.end()
    reader = _TestReader(tokens, whole)
    return reader.read()


class _TestReader:
    """A recursive-descent reader of filter expressions: or, and, not, parentheses, comparisons, existence."""

    def __init__(self, tokens: list[tuple[str, str]], whole: str) -> None:
        self._tokens = tokens
        self._whole = whole

    def read(self) -> Test:
        test = self._either()
        if self._tokens:
            raise JsonPathError(f"the filter of the JSONPath {self._whole!r} has a superfluous {self._tokens[0][1]!r}")
        return test

    def _take(self, *operators: str) -> str | None:
        if self._tokens and self._tokens[0][0] == "operator" and self._tokens[0][1] in operators:
            return self._tokens.pop(0)[1]
        return None

    def _either(self) -> Test:
        tests = [self._both()]
        while self._take("||"):
            tests.append(self._both())
        return lambda item: any(test(item) for test in tests)

    def _both(self) -> Test:
        tests = [self._one()]
        while self._take("&&"):
            tests.append(self._one())
        return lambda item: all(test(item) for test in tests)

    def _one(self) -> Test:
        if self._take("!"):
            inner = self._one()
            return lambda item: not inner(item)
        if self._take("("):
            inner = self._either()
            if not self._take(")"):
                raise JsonPathError(f"the filter of the JSONPath {self._whole!r} has an open parenthesis")
            return inner
        left = self._operand()
        operator = self._take(*_COMPARISONS)
        if operator is None:
            return lambda item: bool(left(item))
        right = self._operand()
        return lambda item: _holds(operator, left(item), right(item))

    def _operand(self) -> Callable[[Any], list[Any]]:
        if not self._tokens:
            raise JsonPathError(f"the filter of the JSONPath {self._whole!r} ends too early")
        kind, text = self._tokens.pop(0)
        if kind == "path":
            path = parse(text)
            return path.select
        if kind == "string":
            constant: Any = re.sub(r"\\(.)", r"\1", text[1:-1])
        elif kind in ("number", "word"):
            constant = json.loads(text)
        else:
            raise JsonPathError(f"the filter of the JSONPath {self._whole!r} has a misplaced {text!r}")
        return lambda _: [constant]


def _holds(operator: str, left: list[Any], right: list[Any]) -> bool:
    if not left or not right:
        # RFC 9535: nothing equals nothing, and differs from everything else; it has no order.
        return (operator == "==" and left == right) or (operator == "!=" and left != right)
    try:
        return _COMPARISONS[operator](left[0], right[0])
    except TypeError:
        return False
