"""From a source into a gateway's module folder: one version of a module, once everything about it has been verified.

The registry's signature under the index, its serial number, the digests of manifest and code, and the signatures of
those whom the policy set trusts for this module. What fails any of them is not written.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from pathlib import Path

from msgspec import Struct

from gateway.registry import envelope, files, index, layout, versions
from gateway.registry.folder import NotPublished, checked
from gateway.registry.index import Index, IndexRefused
from gateway.registry.layout import BadName, Overwritten
from gateway.registry.published import Published
from gateway.registry.signing import SignatureRefused, Trust
from gateway.registry.sources import Source, SourceFailed, Tagged
from gateway.registry.store import ModuleRefused, signed
from gateway.registry.versions import NotAVersion

_REGISTRY = "the registry's"
_REFUSALS = (
    SourceFailed, IndexRefused, BadName, NotAVersion, NotPublished, ModuleRefused, Overwritten, SignatureRefused,
)  # fmt: skip


class NotInstalled(Exception):
    """Nothing was installed. The text says why."""


class Installed(Struct, frozen=True, kw_only=True):
    module: str
    version: str
    sha256: str  # of the .wasm, lowercase hex
    manifest: str  # SHA-256 of manifest.yaml
    signed_by: tuple[str, ...]  # names of trusted keys
    new: bool  # False: it was there


def install(
    source: Source,
    name: str,
    wanted: str,
    root: Path,
    *,
    trust: Trust,
    registry_key: bytes | None,
    pinned: Mapping[str, str] | None = None,
    check: Callable[[Published], None] = lambda found: None,
) -> Installed:
    """Install the version of module `name` that `wanted` means (gateway.registry.versions.newest) into `root`.

    `registry_key`: 32 bytes of the key that signs the source's indexes; without it only a whole version can be asked
    for, or one of a source's tags, and nobody knows whether it was withdrawn. `pinned`: `version`, `sha256` and
    `manifest` of a lock, which alone count then, even for a version that was withdrawn since. `check` is given
    what was verified before it is written; what it raises ends the install. Raises NotInstalled.
    """
    try:
        layout.check(name)
        with layout.held(root, name) as folder:
            content = source.index(name) if registry_key is not None else b""
            known = _known(folder, name, content, registry_key)
            if registry_key is not None:
                files.replace(_seen(folder, registry_key), content)  # it was seen, whatever comes of it
            version = pinned["version"] if pinned else _chosen(source, name, wanted, known)
            found = source.fetch(name, version)
            _compare(found, known, pinned)
            checked(found)
            by = signed(found, trust)
            if not by and not trust.unsigned:
                raise NotInstalled(f"module {name} {version}: no signature by a key that counts for it (trust.yaml)")
            check(found)
            new = layout.add(folder, found, verified=True)
    except _REFUSALS as error:
        raise NotInstalled(str(error)) from None
    except OSError as error:
        raise NotInstalled(f"{root}: {error.strerror}") from None
    return Installed(
        module=name,
        version=version,
        sha256=hashlib.sha256(found.wasm).hexdigest(),
        manifest=hashlib.sha256(found.manifest).hexdigest(),
        signed_by=by,
        new=new,
    )


def _seen(folder: Path, registry_key: bytes) -> Path:
    """The last index that was seen under a key: of two registries, neither's numbers say anything of the other's."""
    return folder / f"index-{envelope.key_id(registry_key)}.json"


def _known(folder: Path, name: str, content: bytes, registry_key: bytes | None) -> Index | None:
    """What the source's index says, if it is no older than the one that was seen last. Raises IndexRefused, OSError."""
    if registry_key is None:
        return None
    keys = {_REGISTRY: registry_key}
    seen, least = _seen(folder, registry_key), 0
    try:
        least = index.read(files.read(seen, index.LIMIT), name, keys).serial
    except FileNotFoundError:
        pass
    except (IndexRefused, ValueError) as error:
        raise IndexRefused(f"{seen}, which keeps what was seen last, was altered: {error}") from None
    return index.read(content, name, keys, least)


def _chosen(source: Source, name: str, wanted: str, known: Index | None) -> str:
    if known is None:
        if versions.newest(wanted, [wanted]) is not None:
            return wanted
        if not isinstance(source, Tagged):
            raise NotInstalled(
                f"module {name}: without the registry's key (trust.yaml) only a whole version can be had"
            )
        version = versions.newest(wanted, source.versions(name))
        if version is None:
            raise NotInstalled(f"module {name}: the registry has no version {wanted}")
        return version
    available = [one.version for one in known.versions if one.yanked is None]
    version = versions.newest(wanted, available)
    if version is None:
        withdrawn = known.entry(wanted)
        if withdrawn is not None:
            raise NotInstalled(f"module {name} {wanted} was withdrawn: {withdrawn.why}")
        every = versions.newest(wanted, [one.version for one in known.versions])
        lacking = " that isn't withdrawn" if every else ""
        raise NotInstalled(f"module {name}: the registry has no version {wanted}{lacking}")
    return version


def _compare(found: Published, known: Index | None, pinned: Mapping[str, str] | None) -> None:
    """Raises NotInstalled where the files aren't those that the index lists, or the lock pins."""
    name, version = found.module, found.version
    digests = {
        "manifest": hashlib.sha256(found.manifest).hexdigest(),
        "sha256": hashlib.sha256(found.wasm).hexdigest(),
    }
    files_of = {"manifest": "manifest.yaml", "sha256": f"{name}.wasm"}
    listed = known.entry(version) if known is not None else None
    if known is not None and listed is None:
        raise NotInstalled(f"module {name}: the registry's index doesn't list version {version}")
    for field, digest in digests.items():
        if listed is not None and getattr(listed, field) != digest:
            raise NotInstalled(f"module {name} {version}: {files_of[field]} is not the one that the index lists")
        if pinned is not None and pinned[field] != digest:
            raise NotInstalled(f"module {name} {version}: {files_of[field]} is not the one that is locked")
