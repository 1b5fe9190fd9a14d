"""Steps: a module with a configuration that fits it, the grants that it may hold, and the classes that it sees."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from posixpath import normpath
from typing import Any

import msgspec

from gateway.documents.finding import Finding
from gateway.documents.source import Document
from gateway.documents.source import Path as NodePath
from gateway.flow import MASK, Step
from gateway.policy import files, model
from gateway.policy.decide import Decider
from gateway.policy.repeated import Repeated
from gateway.policy.treatments import aliases
from gateway.registry.manifest import Manifest, rule_names
from gateway.sandbox import http

# Where a configuration names something, under such a key at any depth, and the grant that this means.
_NAMED: dict[str, Callable[[str], str | None]] = {
    "secret": "secret:{}".format,
    "file": lambda path: f"fs:read:{normpath(path)}",  # `like "read:/srv/*"` mustn't mean /srv/../etc
    "write": lambda path: f"fs:write:{normpath(path)}",
    "url": http.grant,
}

_canonical = msgspec.json.Encoder(order="sorted").encode


class Steps:
    """Makes steps. What is alike is made once and is the same object everywhere."""

    def __init__(
        self, policy_set: model.PolicySet, decider: Decider, manifests: Mapping[str, Manifest], repeated: Repeated
    ) -> None:
        """`manifests` by module name, as locked. What is wrong goes into `findings` and `repeated`."""
        self._policy_set, self._decider, self._manifests = policy_set, decider, manifests
        self._repeated = repeated
        self.findings: list[Finding] = []
        self._made: dict[tuple[str, tuple[str, ...]], Step] = {}

    def of(
        self,
        use: model.StepUse,
        place: tuple[str, NodePath, str],
        producer: model.Producer,
        stream: model.Stream,
        reads: tuple[str, ...],
    ) -> Step | None:
        """A step that a file names at `place`: the file, the path, and the key there that means the module.

        `reads`: the classes that are in clear where it stands.

        None where the manifest isn't known, which is a finding of its own.
        """
        manifest = self._manifests.get(use.module)
        if manifest is None:
            return None
        file, path, key = place
        if not manifest.schema.accepts(use.config):
            document = Document(file, self._policy_set.files[file])
            self.findings += manifest.schema.check(document, use.config, (*path, "with")).findings
        for name in reads:
            if not self._decider.read(use.module, name, producer.name, stream.name).allowed:
                text = f"module {use.module} may not read class {name} (capabilities.cedar)"
                self._repeated.add(file, (*path, key), "not_readable", text, producer)
        grants, missing = self._grants(manifest, use.config, producer.name, stream.name)
        for grant in sorted(missing):
            text = f"module {use.module} needs {grant} and may not hold it (capabilities.cedar)"
            self._repeated.add(file, (*path, key), "not_held", text, producer)
        if all(any(grant.startswith(kind) for grant in grants) for kind in ("http:", "fs:write:")):
            text = f"module {use.module} would hold http: and fs:write: at once: a batch whose module asks is run twice"
            self._repeated.add(file, (*path, key), "asks_and_writes", text, producer)
        return self._step(manifest, use.config, grants, stream, reads)

    def mask(
        self,
        config: Mapping[str, Any],
        secrets: Mapping[str, tuple[str, NodePath, str]],
        producer: model.Producer,
        stream: model.Stream,
        reads: tuple[str, ...],
    ) -> Step:
        """The masking step. `secrets` by name: file and path of the treatment that uses it, and its class."""
        manifest = self._manifests[MASK]
        grants, missing = self._grants(manifest, config, producer.name, stream.name)
        for grant in sorted(missing):
            file, path, name = secrets.get(grant.removeprefix("secret:"), (files.LOCK, ("modules", MASK), ""))
            for_class = f", for class {name}" if name else ""
            text = f"module {MASK} may not hold {grant} (capabilities.cedar){for_class}"
            self._repeated.add(file, path, "not_held", text, producer)
        if not manifest.schema.accepts(config):
            text = f"module {MASK} {manifest.version} doesn't take the configuration for stream {stream.name}"
            self._repeated.add(files.LOCK, ("modules", MASK), "mask_config", text, producer)
        return self._step(manifest, config, grants, stream, reads)

    def _grants(
        self, manifest: Manifest, config: Mapping[str, Any], producer: str, stream: str
    ) -> tuple[tuple[str, ...], set[str]]:
        """What a step asks for and may hold; and what it can't do without and may not hold."""
        asked = {*manifest.required, *manifest.optional}
        needed = {grant for grant in manifest.required if not grant.endswith(":*")}
        for grant in named_in(config):  # a configuration that names something means it
            if any(kind.endswith(":*") and grant.startswith(kind[:-1]) for kind in tuple(asked)):
                asked.add(grant)
                needed.add(grant)
        asked = {grant for grant in asked if not grant.endswith(":*")}
        held = {grant for grant in asked if self._decider.hold(manifest.module, grant, producer, stream).allowed}
        return tuple(sorted(held)), needed - held

    def _step(
        self,
        manifest: Manifest,
        config: Mapping[str, Any],
        grants: tuple[str, ...],
        stream: model.Stream,
        reads: tuple[str, ...],
    ) -> Step:
        locked = self._policy_set.lock[manifest.module]
        identity = [manifest.module, locked.version, locked.sha256, config, grants, stream.limits]
        digest = hashlib.sha256(_canonical(identity)).hexdigest()
        key = (digest, reads)
        if key not in self._made:
            self._made[key] = Step(
                module=manifest.module,
                version=locked.version,
                sha256=locked.sha256,
                config=_canonical(config),
                abi=manifest.abi,
                grants=grants,
                reads=reads,
                counters=manifest.counters | rule_names(config),
                aliases=aliases(config) if manifest.module == MASK else {},
                refusals=manifest.refusals,
                splits=manifest.splits,
                kept=locked.kept,
                limits=stream.limits,
                digest=digest,
            )
        return self._made[key]


def named_in(config: Any) -> set[str]:
    """The grants that a configuration means: text under a key `secret`, `file`, `write` or `url`, at any depth."""
    found: set[str] = set()
    pending = [config]
    while pending:
        node = pending.pop()
        if isinstance(node, Mapping):
            for key, grant in _NAMED.items():
                if isinstance(node.get(key), str) and (meant := grant(node[key])):
                    found.add(meant)
            pending += node.values()
        elif isinstance(node, list):
            pending += node
    return found
