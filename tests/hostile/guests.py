"""The hostile guests beside this: each a `.wat` file whose first lines say what it tries, and what must come of it.

    ;; Never comes back.
    ;; expect: 422 guest_timeout

Behind `expect:` stands the answer to a request (`200`, `422 CODE`), or `refused CODE` where a policy set with it must
not be served. What else the first lines may say:

    named: mask.x                   what its module is called, if not as the file
    manifest: {splits: true}        what its manifest says beside the usual
    behind: mask                    it stands in the steps of a destination, where it may hold more than before the mask
    denied: fd_write=2              imports that it tries without a grant, and how often; without a number: often
    sends: 3                        messages in the request
    asks: 2                         requests, one after the other
    delivers: {}                    the message that leaves
    then: NAME=TEXT                 a variable of the gateway's environment, set once the guest is loaded
    blames: mask                    the module that fails of it, if another one does
    bytes: text | first N | and HEX | only HEX      what becomes of its binary

Holes keep large ones readable: `{{100 × (call $f#) }}` stands for what is in it, 100 times, with the number for each #;
`{{imports}}` for all that the sandbox offers and that comes back, `{{calls N}}` for a call of each with nothing but N.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import wasmtime
import yaml
from msgspec import Struct, field

from gateway.sandbox import host

FOLDER = Path(__file__).parent
_LINE = re.compile(r";; (?:([a-z]+): )?(.*)")
_TIMES = re.compile(r"\{\{(\d+) × (.*?)\}\}", re.DOTALL)
_CALLS = re.compile(r"\{\{calls (-?\d+)\}\}")
_TYPES = {"i": "i32", "I": "i64"}


class Hostile(Struct, frozen=True, kw_only=True):
    name: str
    text: str
    tries: str
    status: int | None = None  # None: it is refused when it is loaded
    code: str | None = None
    manifest: dict[str, Any] = field(default_factory=dict)
    denied: dict[str, int | None] = field(default_factory=dict)
    sends: int = 1
    asks: int = 1
    delivers: str | None = None
    then: str = ""
    bytes: str = ""
    named: str = ""
    behind: str = ""
    blames: str = ""

    @property
    def module(self) -> str:
        """Its name as a module's."""
        return self.named or self.name.replace("_", "-")

    @property
    def compiles(self) -> bool:
        """Whether it is a module that can be compiled, within reason."""
        return self.status is not None or self.code in (
            "module_start",
            "module_config",
            "module_import",
            "module_export",
        )

    def wasm(self) -> bytes:
        """What is loaded as its module."""
        how, _, what = self.bytes.partition(" ")
        if how == "text":
            return self.text.encode()
        if how == "only":
            return bytes.fromhex(what)
        binary = bytes(wasmtime.wat2wasm(_filled(self.text)))
        if how == "first":
            return binary[: int(what)]
        return binary + bytes.fromhex(what) if how == "and" else binary


def read(path: Path) -> Hostile:
    """A guest, by what its first lines say."""
    text = path.read_text(encoding="utf-8")
    tries: list[str] = []
    said: dict[str, str] = {}
    for line in text.splitlines():
        match = _LINE.fullmatch(line)
        if match is None:
            break
        if match[1]:
            assert match[1] not in said, f"{path.name} says twice what it {match[1]}"
            said[match[1]] = match[2]
        else:
            tries.append(match[2])
    answer, _, code = said.pop("expect").partition(" ")
    return Hostile(
        name=path.stem,
        text=text,
        tries=" ".join(tries),
        status=None if answer == "refused" else int(answer),
        code=code or None,
        manifest=yaml.safe_load(said.pop("manifest", "{}")),
        denied=_counts(said.pop("denied", "")),
        sends=int(said.pop("sends", "1")),
        asks=int(said.pop("asks", "1")),
        **said,
    )


def _counts(text: str) -> dict[str, int | None]:
    pairs = [entry.partition("=") for entry in text.split()]
    return {name: int(count) if count else None for name, _, count in pairs}


def _filled(text: str) -> str:
    offered = {name: types for name, (*types, _) in host._OFFERED.items() if name[1] not in ("proc_exit", "abort")}
    if "{{imports}}" in text:
        text = text.replace("{{imports}}", "\n".join(_import(*name, *types) for name, types in offered.items()))
        text = _CALLS.sub(
            lambda match: "\n".join(_call(*name, *types, match[1]) for name, types in offered.items()), text
        )
    return _TIMES.sub(lambda match: "".join(match[2].replace("#", str(i)) for i in range(int(match[1]))), text)


def _import(module: str, name: str, parameters: str, results: str) -> str:
    kinds = " ".join(_TYPES[letter] for letter in parameters)
    return f'(import "{module}" "{name}" (func ${name} (param {kinds}) (result {_TYPES[results]})))'


def _call(module: str, name: str, parameters: str, results: str, number: str) -> str:
    given = " ".join(f"({_TYPES[letter]}.const {number})" for letter in parameters)
    return f"(drop (call ${name} {given}))"


GUESTS = {path.stem: read(path) for path in sorted(FOLDER.glob("*.wat"))}
SERVED = {name: guest for name, guest in GUESTS.items() if guest.status is not None}
REFUSED = {name: guest for name, guest in GUESTS.items() if guest.status is None}
