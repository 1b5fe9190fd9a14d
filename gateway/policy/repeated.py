"""Findings about one place that hold for many producers: said once, with the producers counted."""

from __future__ import annotations

from gateway.documents.finding import Finding
from gateway.documents.source import Path as NodePath
from gateway.policy.model import PolicySet, Producer


class Repeated:
    def __init__(self, policy_set: PolicySet) -> None:
        self._policy_set = policy_set
        self._found: dict[tuple[str, NodePath, str, str], dict[tuple[str, str], None]] = {}
        self._count = 0

    def __len__(self) -> int:
        return self._count

    def add(
        self, file: str, path: NodePath, code: str, message: str, producer: Producer, destination: str = ""
    ) -> None:
        self._count += 1
        """`destination` is written behind the message, with the others of which the same is said."""
        self._found.setdefault((file, path, code, message), {})[producer.name, destination] = None

    def findings(self) -> list[Finding]:
        findings = []
        for (file, path, code, message), cases in self._found.items():
            first = next(iter(cases))[0]
            destinations = ", ".join(sorted({destination for _, destination in cases if destination}))
            more = len({producer for producer, _ in cases}) - 1
            whose = f"producer {first}" + (f" and {more} more" if more else "")
            findings.append(
                Finding.at(
                    self._policy_set.place(file, *path), code, f"{message} {destinations}".rstrip() + f"; {whose}"
                )
            )
        return findings
