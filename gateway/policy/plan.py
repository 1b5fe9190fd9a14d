"""Routes: for each producer and stream, what is done to a message for each destination."""

from __future__ import annotations

from collections.abc import Mapping

from gateway.flow import Route
from gateway.policy.decide import Decider
from gateway.policy.model import PolicySet
from gateway.registry.manifest import Manifest


def compile_routes(
    policy_set: PolicySet, decider: Decider, manifests: Mapping[str, Manifest]
) -> Mapping[tuple[str, str], Route]:
    """Routes by (producer, stream). `manifests` by module name, as locked. Raises PolicyError."""
    raise NotImplementedError
