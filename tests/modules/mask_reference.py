"""What mask has to do, said once more in plain Python and slowly: for comparison with mask.wasm.

A JSON value is a tree of `Scalar` (its text), `List` and `Object` (whose keys are texts as well). `apply` says what is
left of it as a list of tokens: texts of scalars and keys, and punctuation. What a library makes of a value isn't said
here: `ANY` stands for it.
"""

import hashlib
import hmac
import json
import re
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

KEY = b"0123456789abcdef"
STRICTNESS = [
    *("keep", "reveal", "scan", "shuffle", "partial", "truncate", "fixed", "noise", "shift_date", "date", "bucket"),
    *("ip_prefix", "ff1", "siv", "hmac", "name", "email", "choose", "text", "redact", "nullify", "drop"),
]
WHOLE = ("hmac", "siv")  # of containers too
FIXED = ("text", "redact", "nullify", "drop")  # of null too
MAIL = re.compile(r"[a-z]+@example\.org")  # as these tests write it
TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"|[^\s,:\[\]{}"]+|[,:\[\]{}]')
_INDEX = re.compile(r"0|[1-9][0-9]*")


@dataclass(frozen=True, slots=True)
class Scalar:
    text: str


@dataclass(frozen=True, slots=True)
class List:
    items: tuple["Tree", ...]
    raw: str  # as it is written in the message


@dataclass(frozen=True, slots=True)
class Object:
    members: tuple[tuple[str, "Tree"], ...]
    raw: str


Tree = Scalar | List | Object
Stays = bool | dict[str, Any]  # what no rule treats: it stays, or but for what this rule finds in it
Path = tuple[str | int, ...]  # from the root: keys decoded, and indexes


class Made(str):
    """A token that mask writes itself, so that how it is escaped is its own affair."""

    __slots__ = ()


ANY = Made("null")  # any one scalar but null


class RefusedError(Exception):
    """The message has an unlisted value, where those are refused."""


@dataclass(slots=True)
class Reference:
    """One configuration, and the counts of what was done under it."""

    unlisted: str
    rules: list[dict[str, Any]]
    counts: Counter[str] = field(default_factory=Counter)

    def apply(self, tree: Tree) -> list[str] | None:
        """The tokens that are left; None if the whole message is dropped. Raises RefusedError."""
        left = self._value(tree, (), self.unlisted == "keep")
        if left is None and self._decide(()) is None:
            raise RefusedError
        return left

    def _value(self, tree: Tree, path: Path, stays: Stays) -> list[str] | None:
        rule = self._decide(path)
        if rule is not None and kind(rule) not in ("keep", "scan"):
            return self._treat(rule, tree)
        if rule is not None and kind(rule) == "keep":
            self.counts[rule["name"]] += 1
        if rule is not None:
            stays = rule if kind(rule) == "scan" else True
        scanned = isinstance(stays, dict)
        if isinstance(tree, Object) and (scanned or self._beneath(path, array=False)):
            return self._members(tree, path, stays)
        if isinstance(tree, List) and (scanned or self._beneath(path, array=True)):
            return self._items(tree, path, stays)
        if isinstance(stays, dict):
            return [self._scan(raw(tree), stays)]
        if stays:
            return tokens(raw(tree))
        if self.unlisted == "refuse":
            raise RefusedError
        self.counts["unlisted"] += bool(path)
        return None

    def _members(self, tree: Object, path: Path, stays: Stays) -> list[str]:
        parts = []
        for key, value in tree.members:
            inner = (*path, json.loads(key))
            left = self._value(value, inner, stays)
            if left is not None and not stays and self._wild(value, inner):
                if self.unlisted == "refuse":
                    raise RefusedError
                self.counts["unlisted"] += 1
                left = None
            if left is not None:
                parts.append([self._scan(key, stays) if isinstance(stays, dict) else key, ":", *left])
        return ["{", *joined(parts), "}"]

    def _items(self, tree: List, path: Path, stays: Stays) -> list[str]:
        parts = [self._value(item, (*path, index), stays) for index, item in enumerate(tree.items)]
        return ["[", *joined([part for part in parts if part is not None]), "]"]

    def _scan(self, token: str, rule: dict[str, Any]) -> str:
        """A string, a number or a key, with each address in it replaced as the rule's one find says."""
        (find,) = rule["scan"]["find"]
        text = json.loads(token) if token.startswith('"') else token
        left, count = MAIL.subn(lambda found: inside(found[0], find["treatment"]), text)
        self.counts[find["name"]] += count
        return Made(json.dumps(left)) if count else token

    def _treat(self, rule: dict[str, Any], tree: Tree) -> list[str] | None:
        treatment = rule["treatment"]
        kind = treatment["kind"]
        if kind not in FIXED and raw(tree) == "null":
            return ["null"]
        self.counts[rule["name"]] += 1
        if kind == "drop":
            return None
        if kind == "nullify":
            return ["null"]
        if kind == "redact" or (kind not in (*WHOLE, "text") and not isinstance(tree, Scalar)):
            return ['"[REDACTED]"']
        text = raw(tree)
        text = json.loads(text) if text.startswith('"') else text
        if kind not in ("hmac", "text", "partial") or {"keep_domain", "keep_separators"} & treatment.keys():
            return [ANY]
        if kind == "hmac":
            digest = hmac.digest(KEY, treatment["domain"].encode() + b"\0" + text.encode(), hashlib.sha256).hex()
            return [Made(json.dumps(treatment["prefix"] + digest[: 2 * treatment["bytes"]]))]
        return [Made(json.dumps(treatment["text"] if kind == "text" else partial(text, treatment)))]

    def _decide(self, path: Path) -> dict[str, Any] | None:
        """The rule of the most specific path that matches."""
        best = None
        for number, rule in enumerate(self.rules):
            for pattern in rule["paths"]:
                segments = split(pattern)
                if len(segments) in positions(segments, path):
                    ranks = [*({"*": 2, "**": 0}.get(segment, 3) for segment in segments), 1]
                    strict = STRICTNESS.index(kind(rule))
                    best = max(best or (ranks, strict, -number), (ranks, strict, -number))
        return None if best is None else self.rules[-best[2]]

    def _wild(self, tree: Tree, path: Path) -> bool:
        """Whether this is a container of which no path names the key, or matches anything at it or in it."""
        named = any(
            segments[at] == path[-1]
            for rule in self.rules
            for segments in map(split, rule["paths"])
            for at in positions(segments, path[:-1])
            if at < len(segments)
        )
        return not isinstance(tree, Scalar) and not named and not self._matches(tree, path)

    def _matches(self, tree: Tree, path: Path) -> bool:
        if self._decide(path) is not None:
            return True
        if isinstance(tree, Object):
            return any(self._matches(value, (*path, json.loads(key))) for key, value in tree.members)
        return isinstance(tree, List) and any(self._matches(item, (*path, i)) for i, item in enumerate(tree.items))

    def _beneath(self, path: Path, *, array: bool) -> bool:
        """Whether a path can match something in the container at `path`."""
        for rule in self.rules:
            for segments in map(split, rule["paths"]):
                ahead = {segments[at] for at in positions(segments, path) if at < len(segments)}
                if any(not array or segment in ("*", "**") or _INDEX.fullmatch(segment) for segment in ahead):
                    return True
        return False


def kind(rule: dict[str, Any]) -> str:
    return "scan" if "scan" in rule else str(rule["treatment"]["kind"])


def inside(found: str, treatment: dict[str, Any]) -> str:
    """What a treatment makes of what was found in a text."""
    if treatment["kind"] == "text":
        return str(treatment["text"])
    return {"keep": found, "redact": "[REDACTED]", "nullify": "", "drop": ""}[treatment["kind"]]


def partial(text: str, treatment: dict[str, Any]) -> str:
    first, last, mask = treatment["keep_first"], treatment["keep_last"], treatment["mask"]
    if first + last >= len(text):
        first = last = 0
    return text[:first] + mask * (len(text) - first - last) + text[len(text) - last :]


def split(pattern: str) -> list[str]:
    """Segments of a path; a key that is a `*` isn't used here."""
    return [segment.replace("~1", "/").replace("~0", "~") for segment in pattern.split("/")[1:]]


def positions(segments: list[str], path: Path) -> set[int]:
    """How many segments can be used up by exactly this path."""
    reached = _skip(segments, {0})
    for step in path:
        on = {at for at in reached if at < len(segments) and segments[at] == "**"}
        on |= {at + 1 for at in reached if at < len(segments) and segments[at] in ("*", str(step))}
        reached = _skip(segments, on)
    return reached


def _skip(segments: list[str], reached: set[int]) -> set[int]:
    """`**` stands for no level too."""
    for at in range(len(segments)):
        if at in reached and segments[at] == "**":
            reached = reached | {at + 1}
    return reached


def raw(tree: Tree) -> str:
    return tree.text if isinstance(tree, Scalar) else tree.raw


def tokens(text: str) -> list[str]:
    return TOKEN.findall(text)


def joined(parts: list[list[str]]) -> list[str]:
    return [token for number, part in enumerate(parts) for token in ([","] if number else []) + part]
