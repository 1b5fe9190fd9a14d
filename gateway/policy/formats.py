"""Media types from the request to the last step, which takes JSON."""

from __future__ import annotations

from collections.abc import Mapping

from gateway.documents.finding import Finding
from gateway.media import JSON, of_message
from gateway.policy import model
from gateway.registry.manifest import Manifest


def format_findings(
    policy_set: model.PolicySet,
    producer: model.Producer,
    stream: str,
    use: model.ProducerStream,
    manifests: Mapping[str, Manifest],
) -> list[Finding]:
    """What keeps a message in an accepted format from reaching the last step as JSON.

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
                text = f"module {step.module} takes {' and '.join(sorted(manifest.accepts))}, and gets {kind} here"
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
