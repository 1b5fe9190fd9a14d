"""YAML with the line and column of every node.

What is read is the JSON part of YAML 1.2 (core schema, https://yaml.org/spec/1.2.2/#103-core-schema): mappings with
text keys, lists, and scalars. Plain `no` is text and `1:30` is not a number. Anchors, aliases and tags are refused, so
a small file can't stand for a large value. Reading takes time in proportion to the size, and no recursion.
"""

from __future__ import annotations

import codecs
import math
import re
from collections.abc import Sequence
from typing import Any

import yaml

from gateway.documents.finding import Finding, Place

SIZE_LIMIT = 1 << 20  # bytes of one file
DEPTH_LIMIT = 64  # levels of nesting
FINDING_LIMIT = 200  # of one file; what comes behind is not read

_INTEGER = re.compile(r"[-+]?[0-9]+")
_PREFIXED = re.compile(r"0o[0-7]+|0x[0-9a-fA-F]+")
_FLOAT = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?")
_WORDS = {
    "": None, "~": None, "null": None, "Null": None, "NULL": None,
    "true": True, "True": True, "TRUE": True, "false": False, "False": False, "FALSE": False,
}  # fmt: skip
_BREAK = re.compile(r"\r\n|[\r\n]")
_FORMER_BREAK = re.compile("[\x85\u2028\u2029]")  # of YAML 1.1: the parser folds them, also inside quotes; 1.2 doesn't
_MARKUP = frozenset("'\"|>")  # styles of scalars that are text whatever they look like

Path = tuple[str | int, ...]


class Document:
    """One file: `data` is its value (dict, list, str, int, float, bool, None), `findings` what kept parts out of it.

    `complete` is false where reading stopped before the end.
    """

    __slots__ = ("_content", "_limit", "_places", "complete", "data", "file", "findings")

    def __init__(self, file: str, content: bytes, *, limit: int = SIZE_LIMIT) -> None:
        """At most `limit` bytes are read: of a larger file nothing is."""
        self.file, self._content, self._limit = file, content, limit
        self._places: dict[tuple[Path, bool], Place] | None = None
        reader = _Reader(file, None, limit)
        self.data: Any = reader.read(content)
        self.complete = reader.complete
        self.findings: tuple[Finding, ...] = tuple(reader.findings)

    def place(self, path: Sequence[str | int], *, key: bool = False) -> Place:
        """Where the value at `path` stands (with `key`: its key); where there is none, what would hold it."""
        if self._places is None:  # a second reading: places are wanted only when something is wrong
            self._places = {}
            _Reader(self.file, self._places, self._limit).read(self._content)
        wanted = tuple(path)
        while wanted:
            found = self._places.get((wanted, key)) or self._places.get((wanted, False))
            if found is not None:
                return found
            wanted, key = wanted[:-1], False
        return self._places.get(((), False), Place(file=self.file))


class _Stop(Exception):
    """Nothing behind this can be read."""


class _Reader:
    """Builds the value from the parser's events, and notes places if it is given where."""

    def __init__(self, file: str, places: dict[tuple[Path, bool], Place] | None, limit: int) -> None:
        self.findings: list[Finding] = []
        self.complete = False
        self._file, self._places, self._limit = file, places, limit
        self._stack: list[tuple[Any, list[str | None]]] = []  # containers that are open, each with its pending key
        self._path: list[str | int] = []
        self._root: Any = None
        self._text = ""
        self._documents = 0

    def read(self, content: bytes) -> Any:
        try:
            text = self._text = self._decode(content)
            for event in yaml.parse(text, Loader=yaml.CSafeLoader):
                self._take(event)
            self.complete = True
        except yaml.MarkedYAMLError as error:
            mark = error.problem_mark or error.context_mark
            self._report(mark, "yaml", error.problem or "not YAML")
        except yaml.reader.ReaderError as error:
            self._at_offset(text.encode()[: error.position], "yaml", "a character that YAML doesn't allow")
        except _Stop:
            pass
        return self._root

    def _decode(self, content: bytes) -> str:
        if len(content) > self._limit:
            self._at_offset(b"", "too_large", f"the file has more than {self._limit} bytes")
            raise _Stop
        content = content.removeprefix(codecs.BOM_UTF8)  # it has no place among the columns
        try:
            text = content.decode()
        except UnicodeDecodeError as error:
            self._at_offset(content[: error.start], "utf8", "a byte that is not part of valid UTF-8")
            raise _Stop from None
        if former := _FORMER_BREAK.search(text):
            message = "a line break of YAML 1.1 that is none of 1.2: write it as \\N, \\L or \\P in double quotes"
            self._at_offset(text[: former.start()].encode(), "yaml", message)
            raise _Stop
        return text

    # ------------------------------------------------------------ events

    def _take(self, event: yaml.Event) -> None:
        if len(self.findings) >= FINDING_LIMIT:
            raise _Stop
        if isinstance(event, yaml.ScalarEvent):
            self._check_markup(event)
            if self._stack and isinstance(self._stack[-1][0], dict) and self._stack[-1][1][0] is None:
                self._key(event)
            else:
                self._put(event, self._scalar(event))
        elif isinstance(event, yaml.MappingStartEvent | yaml.SequenceStartEvent):
            self._check_markup(event)
            if self._stack and isinstance(self._stack[-1][0], dict) and self._stack[-1][1][0] is None:
                self._report(event.start_mark, "yaml", "a key must be text")
                raise _Stop
            if len(self._stack) >= DEPTH_LIMIT:
                self._report(event.start_mark, "too_deep", f"more than {DEPTH_LIMIT} levels of nesting")
                raise _Stop
            container: Any = {} if isinstance(event, yaml.MappingStartEvent) else []
            self._put(event, container, opens=True)
            self._stack.append((container, [None]))
        elif isinstance(event, yaml.MappingEndEvent | yaml.SequenceEndEvent):
            self._stack.pop()
            self._close()
        elif isinstance(event, yaml.AliasEvent):
            self._report(event.start_mark, "alias", "aliases are not allowed: write the value out")
            raise _Stop
        elif isinstance(event, yaml.DocumentStartEvent):
            self._documents += 1
            if self._documents > 1:
                self._report(event.start_mark, "yaml", "a second document: a file holds one")
                raise _Stop

    def _check_markup(self, event: Any) -> None:
        if event.anchor is not None:
            self._report(event.start_mark, "alias", "anchors are not allowed: write the value out where it is used")
        if event.tag is not None:
            self._report(event.start_mark, "tag", "tags are not allowed")

    def _key(self, event: yaml.ScalarEvent) -> None:
        mapping, pending = self._stack[-1]
        name = str(event.value)
        if name in mapping:
            self._report(event.start_mark, "duplicate_key", "this key is there twice")
        pending[0] = name
        self._path.append(name)
        self._note(event, key=True)

    def _put(self, event: Any, value: Any, *, opens: bool = False) -> None:
        if not self._stack:
            self._root = value
        else:
            container, pending = self._stack[-1]
            if isinstance(container, dict):
                container[pending[0]] = value
                pending[0] = None
            else:
                self._path.append(len(container))
                container.append(value)
        self._note(event)
        if not opens:
            self._close()

    def _close(self) -> None:
        if self._path:
            self._path.pop()

    def _scalar(self, event: yaml.ScalarEvent) -> Any:
        text = str(event.value)
        if event.style in _MARKUP:
            return text
        if text in _WORDS:
            return _WORDS[text]
        number: int | float | None = None
        if _PREFIXED.fullmatch(text) and len(text) < 20:
            number = int(text, 0)
        elif _INTEGER.fullmatch(text):
            number = int(text) if len(text) < 21 else math.inf
        elif _FLOAT.fullmatch(text):
            number = float(text)
        if number is None:
            return text
        if not -(1 << 63) <= number < 1 << 63:
            self._report(event.start_mark, "number", "a number out of range: put it into quotes if it is text")
            return 0
        return number

    # ------------------------------------------------------------ places

    def _note(self, event: Any, *, key: bool = False) -> None:
        if self._places is not None:
            self._places.setdefault((tuple(self._path), key), self._place(event.start_mark))

    def _place(self, mark: Any) -> Place:
        if mark is None:
            return Place(file=self._file)
        line, column = mark.line + 1, mark.column + 1
        if mark.index >= len(self._text) and column == 1:  # the parser ends the last line, where the file doesn't
            return self._behind(self._text)
        return Place(file=self._file, line=line, column=column)

    def _report(self, mark: Any, code: str, message: str) -> None:
        self.findings.append(Finding.at(self._place(mark), code, message))

    def _at_offset(self, before: bytes, code: str, message: str) -> None:
        """A finding behind `before`, which is UTF-8 from the file's start on."""
        self.findings.append(Finding.at(self._behind(before.decode()), code, message))

    def _behind(self, before: str) -> Place:
        lines = _BREAK.split(before)
        return Place(file=self._file, line=len(lines), column=len(lines[-1]) + 1)
