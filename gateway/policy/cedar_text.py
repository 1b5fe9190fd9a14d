"""Where things stand in Cedar text. Cedar's own errors come without a place, so the text is cut into tokens here.

The tokens are those of the Cedar grammar (https://docs.cedarpolicy.com/policies/syntax-grammar.html): strings with
their escapes, comments to the end of the line, names, numbers, marks. What a token means is Cedar's to say.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Callable, Iterator

from msgspec import Struct

from gateway.documents.finding import Place

_TOKEN = re.compile(
    r"""(?P<space>\s+|//[^\n]*)
      | (?P<text>"(?:[^"\\]|\\.)*")
      | (?P<word>[A-Za-z_][A-Za-z0-9_]*|[0-9]+)
      | (?P<mark>::|==|!=|<=|>=|&&|\|\||.)""",
    re.VERBOSE | re.DOTALL,
)
# Cedar's parser recurses, and a text that nests too deep ends the process (measured: 1,000 parentheses, 50,000 `&&`).
TOKEN_LIMIT = 20_000  # of one policy, or of the schema
DEPTH_LIMIT = 64  # brackets in brackets
OPERATOR_LIMIT = 200  # operators of one policy, each of which may nest

_OPENING, _CLOSING = frozenset("([{<"), frozenset(")]}>")
_OPERATORS = frozenset(("&&", "||", "!", "+", "-", "*", ".", "if", "==", "!=", "<", ">", "<=", ">="))
_BEGINNING = "entity"  # of a declaration in a schema; in policies, of what might be an effect
_QUOTED = re.compile(r"`([^`]+)`")


class Token(Struct, frozen=True):
    start: int  # in characters
    end: int
    text: str


class Statement(Struct, frozen=True, kw_only=True):
    """From the first token of a policy to its semicolon, or to the end of the text where that is missing."""

    tokens: tuple[Token, ...]

    @property
    def start(self) -> int:
        return self.tokens[0].start

    @property
    def end(self) -> int:
        return self.tokens[-1].end


class Source:
    """One Cedar file."""

    def __init__(self, file: str, text: str) -> None:
        self.file, self.text = file, text
        self._lines = [0, *(match.end() for match in re.finditer("\n", text))]
        self.tokens = tuple(
            Token(match.start(), match.end(), match[0]) for match in _TOKEN.finditer(text) if match.lastgroup != "space"
        )

    def place(self, offset: int) -> Place:
        line = bisect_right(self._lines, offset)
        return Place(file=self.file, line=line, column=offset - self._lines[line - 1] + 1)

    def statements(self) -> Iterator[Statement]:
        """The policies: no semicolon stands within one, but in strings and comments."""
        pending: list[Token] = []
        for token in self.tokens:
            pending.append(token)
            if token.text == ";":
                yield Statement(tokens=tuple(pending))
                pending = []
        if pending:
            yield Statement(tokens=tuple(pending))

    def excess(self, statement: Statement, *, schema: bool = False) -> tuple[int, str] | None:
        """What of a statement is more than Cedar should be given, and where; None: nothing is."""
        depth = operators = 0
        for index, token in enumerate(statement.tokens):
            if token.text in _OPENING and (schema or token.text != "<"):
                depth += 1
            elif token.text in _CLOSING and (schema or token.text != ">"):
                depth -= 1
            elif token.text in _OPERATORS:
                operators += 1
            if depth > DEPTH_LIMIT:
                return token.start, f"brackets in more than {DEPTH_LIMIT} levels"
            if operators > OPERATOR_LIMIT and not schema:
                text = f"more than {OPERATOR_LIMIT} operators in one policy: make several, or use `in` with a set"
                return token.start, text
            if index >= TOKEN_LIMIT:
                return token.start, f"more than {TOKEN_LIMIT} words and marks in one {'schema' if schema else 'policy'}"
        return None

    def fault(self, statement: Statement, message: str, error: Callable[[str], str | None]) -> int:
        """Where the fault is that `error`, which gives the parser's message for a text, finds in the statement.

        A text that is cut off fails at its end; the shortest cut that fails otherwise ends with the token at fault,
        for an LR parser notices at the first wrong token. What fails only when it is complete is wrong in meaning.
        """
        tokens = statement.tokens
        cut_off = error(_BEGINNING)
        if message == cut_off:
            return tokens[-1].start
        low, high = 0, len(tokens)  # so many tokens may stand; so many may not
        while low + 1 < high:
            middle = (low + high) // 2
            if error(self.text[statement.start : tokens[middle - 1].end]) == cut_off:
                low = middle
            else:
                high = middle
        return tokens[high - 1].start if high < len(tokens) else self.find(statement, message)

    def find(self, statement: Statement, message: str) -> int:
        """Where in the statement that stands which an error message names; else where the statement begins."""
        _, colon, names = message.rpartition(": ")
        for name in (*_QUOTED.findall(message), *(re.split(r"[,\s]+", names) if colon else ())):
            for token in statement.tokens:
                end = token.start + len(name)
                whole = not name[-1:].isalnum() or not self.text[end : end + 1].isalnum()
                if name and whole and self.text.startswith(name, token.start):
                    return token.start
        return statement.start
