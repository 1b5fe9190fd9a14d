"""What a person writes for a registry, and what it stands for: the one place that knows the forms.

modules, /srv/registry, file:///srv/registry    a folder
https://registry.example.com/modules            the same folder behind a web server
oci://ghcr.io/acme/modules                      an OCI registry: module NAME is the repository acme/modules/NAME
oci+http://registry.internal:5000/modules       one without TLS; on this machine oci:// does without it too
oci-layout:/srv/layouts                         OCI layouts on disk, one a module
"""

from __future__ import annotations

import re
from pathlib import Path
from urllib.parse import unquote, urlsplit

import httpx

from gateway.registry import oci
from gateway.registry.exchange import is_loopback
from gateway.registry.folder import FolderRegistry
from gateway.registry.http_index import HttpIndex
from gateway.registry.oci_layout import OciLayout
from gateway.registry.oci_modules import OciModules
from gateway.registry.oci_registry import OciRegistry
from gateway.registry.sources import SourceFailed

_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.-]+):")  # of two letters at least
_HOST = re.compile(r"(?:[A-Za-z0-9][A-Za-z0-9.-]{0,253}|\[[0-9A-Fa-f:.]{2,45}\])(?::[0-9]{1,5})?")

Registry = FolderRegistry | OciModules  # what can be published to


def source(written: str) -> Registry | HttpIndex:
    """What to install from. Nothing is asked or opened yet.

    Raises SourceFailed where the text has none of the forms, or docker's credentials can't be read.
    """
    scheme = _SCHEME.match(written)
    match scheme[1].lower() if scheme else "":
        case "":
            return FolderRegistry(Path(written))
        case "file":
            return FolderRegistry(_of_file_url(written))
        case "http" | "https":
            return HttpIndex(written)
        case "oci":
            return _oci(written.split(":", 1)[1], plain=False)
        case "oci+http":
            return _oci(written.split(":", 1)[1], plain=True)
        case "oci-layout":
            return OciModules(OciLayout(Path(written.split(":", 1)[1])))
        case other:
            raise SourceFailed(f"{other}: isn't a kind of registry")


def target(written: str) -> Registry:
    """What to publish to. Raises SourceFailed as `source` does, and for a web server, which is only read."""
    found = source(written)
    if isinstance(found, HttpIndex):
        raise SourceFailed("over HTTP a registry is only read: publish into its folder")
    return found


def _of_file_url(written: str) -> Path:
    parts = urlsplit(written)
    if parts.netloc not in ("", "localhost") or not parts.path.startswith("/"):
        raise SourceFailed("a file: address is file:///PATH")
    return Path(unquote(parts.path))


def _oci(rest: str, *, plain: bool) -> OciModules:
    host, _, prefix = rest.removeprefix("//").strip("/").partition("/")
    if not rest.startswith("//") or not _HOST.fullmatch(host):
        raise SourceFailed("an OCI registry is oci://HOST/PREFIX")
    if prefix and not all(oci.is_repository(part) for part in prefix.split("/")):
        raise SourceFailed("the prefix of an OCI registry is lowercase words with slashes between them")
    tls = not plain and not is_loopback(httpx.URL(f"http://{host}").host)
    return OciModules(OciRegistry(host, prefix, tls=tls))
