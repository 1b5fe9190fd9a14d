"""A folder becomes a policy set, its rulings and its routes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path

from msgspec import Struct

from gateway.documents.finding import Finding, Place, PolicyError
from gateway.documents.schema import schema
from gateway.documents.source import Document
from gateway.flow import Route, Step
from gateway.policy import files, references, testing, values
from gateway.policy.candidate import Candidate, candidate
from gateway.policy.cedar_names import undeclared
from gateway.policy.decide import Decider
from gateway.policy.draft import Draft, draft
from gateway.policy.model import LockEntry, PolicySet
from gateway.policy.plan import Planner
from gateway.registry.signing import Trust
from gateway.registry.store import Module, ModuleRefused, ModuleStore, StoreFailure


class Loaded(Struct, frozen=True, kw_only=True):
    policy_set: PolicySet
    decider: Decider
    routes: Mapping[tuple[str, str], Route]  # by (producer, stream)
    modules: Mapping[str, Module]  # by name: those that the lock names, as it names them
    candidate: Candidate | None = None

    def wasm(self, step: Step) -> bytes:
        """The module of one of the routes' steps, or of the candidate's."""
        module = self.modules[step.module]
        if self.candidate is not None and step.sha256 == self.candidate.module.sha256:
            module = self.candidate.module
        return module.wasm


def read(folder: Path) -> PolicySet:
    """The policy set in a folder. Raises PolicyError with all findings in its YAML."""
    drafted, findings = _draft(folder)
    if findings:
        raise PolicyError(findings)
    return drafted.policy_set


def trust(folder: Path) -> Trust:
    """What trust.yaml says, whatever is wrong with other files. Raises PolicyError, OSError."""
    path = folder / files.TRUST
    if not path.exists():
        return Trust()
    document = Document(files.TRUST, path.read_bytes())
    checked = schema("trust").check(document, document.data)
    if findings := [*document.findings, *checked.findings]:
        raise PolicyError(findings)
    return values.trust(checked.data)


def load(folder: Path, store: ModuleStore, *, lock: bytes | None = None, before: Loaded | None = None) -> Loaded:
    """The policy set with rulings and routes, checked whole. Raises PolicyError with all findings.

    `lock`: what modules.lock is to hold, in place of what it holds. `before`: what was loaded last; Cedar isn't asked
    anew what can't have changed since.
    """
    loaded, findings = inspect(folder, store, lock, before)
    if findings:
        raise PolicyError(findings)
    return loaded


def inspect(
    folder: Path, store: ModuleStore, lock: bytes | None = None, before: Loaded | None = None
) -> tuple[Loaded, list[Finding]]:
    """What can be made of a folder, and all findings, each phase going as far as it can.

    If there is any finding, what comes with it lacks what is wrong, and is not to be served.
    """
    drafted, findings = _draft(folder, lock)
    policy_set = drafted.policy_set
    modules = _modules(policy_set, store, findings)
    decider = _same_rules(before, policy_set) or Decider(policy_set, findings)
    findings += undeclared(policy_set, decider.rules)
    manifests = {name: module.manifest for name, module in modules.items()}
    planner = Planner(policy_set, decider, manifests, drafted.doubtful)
    routes = planner.routes()
    findings += planner.findings()

    def find(entry: LockEntry) -> Module | None:
        return _find(policy_set, store, entry, findings)

    tried = candidate(drafted, decider, manifests, find, findings)
    findings += decider.failures()
    loaded = Loaded(policy_set=policy_set, decider=decider, routes=routes, modules=modules, candidate=tried)
    return loaded, _once(findings)


def _same_rules(before: Loaded | None, policy_set: PolicySet) -> Decider | None:
    """The rulings of before, where nothing but the lock is another: Cedar doesn't read it."""
    if before is None or before.decider.failures():
        return None
    old, new = (
        {file: content for file, content in known.files.items() if file != files.LOCK}
        for known in (before.policy_set, policy_set)
    )
    return before.decider if old == new else None


def _draft(folder: Path, lock: bytes | None = None) -> tuple[Draft, list[Finding]]:
    contents, findings = files.gather(folder)
    if lock is not None:
        contents[files.LOCK] = lock
    drafted = draft(contents)
    findings += drafted.findings
    findings += references.check(drafted)
    findings += testing.check(drafted.policy_set)
    return drafted, findings


def _modules(policy_set: PolicySet, store: ModuleStore, findings: list[Finding]) -> dict[str, Module]:
    found = {name: _find(policy_set, store, entry, findings) for name, entry in policy_set.lock.items()}
    return {name: module for name, module in found.items() if module is not None}


def _find(policy_set: PolicySet, store: ModuleStore, entry: LockEntry, findings: list[Finding]) -> Module | None:
    try:
        return store.find(
            entry.module, entry.version, entry.sha256, entry.manifest, trust=policy_set.trust, kept=entry.kept
        )
    except ModuleRefused as error:
        findings.append(Finding.at(_locked(policy_set, entry), error.failure.value, str(error)))
        return None


def _locked(policy_set: PolicySet, entry: LockEntry) -> Place:
    return policy_set.place(files.LOCK, "modules", entry.module, key=True)


def _once(findings: Iterable[Finding]) -> list[Finding]:
    """Sorted, and one of those that say the same of one place."""
    found = list(findings)
    refused = {(one.file, one.line, one.column) for one in found if one.code in frozenset(StoreFailure)}
    seen: dict[tuple[str, int, int, str, str], Finding] = {}
    for finding in found:
        if finding.code == "module" and (finding.file, finding.line, finding.column) in refused:
            continue  # it only follows
        detail = "" if finding.code == "module" else finding.message
        seen.setdefault((finding.file, finding.line, finding.column, finding.code, detail), finding)
    return sorted(seen.values())
