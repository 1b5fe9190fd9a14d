"""A registry folder behind any web server: the files of the layout under one address, read with GET."""

from __future__ import annotations

import msgspec
from msgspec import Struct

from gateway.registry import index, layout, signing
from gateway.registry.exchange import Exchange, parsed, shown
from gateway.registry.layout import BadName
from gateway.registry.published import Published
from gateway.registry.sources import NotThere, SourceFailed

_LISTING_LIMIT = 4 << 20


class _Listing(Struct, frozen=True):
    modules: list[str]


class HttpIndex:
    """Not for two threads at once."""

    def __init__(self, url: str) -> None:
        """`url`: of the folder, http or https. Raises SourceFailed where it isn't an address."""
        self._base = parsed(f"{url.rstrip('/')}/")
        if self._base.query or self._base.fragment:
            raise SourceFailed(f"{shown(self._base)}: the address of a folder ends with its path")
        self._exchange = Exchange(url)

    def names(self) -> list[str]:
        """The modules that the folder's index.json lists. Raises NotThere, SourceFailed."""
        try:
            listing = msgspec.json.decode(self._get("index.json", _LISTING_LIMIT), type=_Listing)
        except (ValueError, RecursionError):
            raise SourceFailed(f"{shown(self._base)}index.json isn't a list of modules") from None
        return sorted({name for name in listing.modules if _is_name(name)})

    def index(self, name: str) -> bytes:
        """The envelope with the module's index. Raises NotThere, SourceFailed."""
        return self._get(f"{_path(name)}/index.json", index.LIMIT)

    def fetch(self, name: str, version: str) -> Published:
        """Raises NotThere, SourceFailed."""
        folder = _path(name, version)
        return Published(
            module=name,
            version=version,
            manifest=self._get(f"{folder}/manifest.yaml", layout.MANIFEST_LIMIT),
            wasm=self._get(f"{folder}/{name}.wasm", layout.WASM_LIMIT),
            signatures=self._signatures(folder),
        )

    def _signatures(self, folder: str) -> bytes:
        # Whoever serves the files can leave them out: then the version is unsigned, and what trust.yaml says holds.
        try:
            return self._get(f"{folder}/signatures.json", signing.LIMIT)
        except NotThere:
            return b""

    def _get(self, path: str, limit: int) -> bytes:
        answer = self._exchange.ask("GET", f"{self._base}{path}", limit=limit, redirects="same origin")
        if answer.status in (404, 410):
            raise NotThere(f"{shown(self._base)}{path} isn't there")
        if answer.status != 200:
            raise SourceFailed(f"{shown(self._base)}{path} answers {answer.status}")
        return answer.body


def _path(name: str, version: str | None = None) -> str:
    """Raises NotThere for what is no name or version: it is used for no address."""
    try:
        layout.check(name, version)
    except BadName as error:
        raise NotThere(str(error)) from None
    return f"{name}/{version}" if version else name


def _is_name(name: str) -> bool:
    try:
        layout.check(name)
    except BadName:
        return False
    return True
