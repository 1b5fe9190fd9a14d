"""Media types from the request to the mask, which takes JSON, and from there to the destination."""

from __future__ import annotations

from collections.abc import Mapping

from gateway.documents.finding import Finding
from gateway.media import JSON, is_text, of_message
from gateway.policy import model
from gateway.registry.manifest import Manifest


def format_findings(
    policy_set: model.PolicySet,
    producer: model.Producer,
    stream: str,
    use: model.ProducerStream,
    manifests: Mapping[str, Manifest],
) -> list[Finding]:
    """What keeps a message in an accepted format from reaching the mask as JSON.

    All steps apply to all formats, so a stream that takes CSV and turns it into JSON takes nothing but CSV.
    """
    if any(step.module not in manifests for step in use.steps):
        return []  # which is a finding of its own
    file = f"producers/{producer.name}.yaml"
    findings = []
    kinds: dict[str, str] = {}  # of messages → the first accepted media type that brings it
    for media_type in use.accept:
        kinds.setdefault(of_message(media_type), media_type)
    for kind, media_type in kinds.items():
        for index, step in enumerate(use.steps):
            manifest = manifests[step.module]
            if kind not in manifest.accepts:
                place = policy_set.place(file, "streams", stream, "steps", index, "module")
                text = _takes(step.module, manifest, kind)
                if kind == JSON and len(kinds) > 1:
                    text += f": steps apply to every format that is accepted, so give {media_type} a stream of its own"
                findings.append(Finding.at(place, "format", text))
                break
            kind = manifest.produces
        else:
            if kind != JSON:
                place = policy_set.place(file, "streams", stream, "accept")
                text = f"{media_type} must become JSON before it is masked: add a step that makes it JSON"
                findings.append(Finding.at(place, "format", text))
    return findings


def message_type(destination: model.Destination, manifests: Mapping[str, Manifest]) -> str:
    """The media type of a message as a destination gets it."""
    known = [manifests[step.module] for step in destination.steps if step.module in manifests]
    return known[-1].produces if known else JSON


def delivered_findings(
    policy_set: model.PolicySet, destination: model.Destination, manifests: Mapping[str, Manifest]
) -> list[Finding]:
    """What keeps a masked message from reaching a destination in the form that its file says."""
    if any(step.module not in manifests for step in destination.steps):
        return []
    file = f"destinations/{destination.name}.yaml"
    kind = JSON
    for index, step in enumerate(destination.steps):
        manifest = manifests[step.module]
        if kind not in manifest.accepts:
            place = policy_set.place(file, "steps", index, "module")
            return [Finding.at(place, "format", _takes(step.module, manifest, kind))]
        kind = manifest.produces
    if destination.framing == "lines" and not is_text(kind):
        text = f"{kind} may hold line feeds: length or none tells such messages apart"
        return [Finding.at(policy_set.place(file, "framing"), "format", text)]
    if destination.framing == "none" and isinstance(destination.sink, model.FileSink):
        text = "without frames a file can't be mended after a crash: lines or length"
        return [Finding.at(policy_set.place(file, "framing"), "format", text)]
    return []


def _takes(module: str, manifest: Manifest, kind: str) -> str:
    return f"module {module} takes {' and '.join(sorted(manifest.accepts))}, and gets {kind} here"
