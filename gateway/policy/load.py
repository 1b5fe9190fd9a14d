"""A folder becomes a policy set, its rulings and its routes."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from msgspec import Struct

from gateway.flow import Route
from gateway.policy.decide import Decider
from gateway.policy.model import PolicySet
from gateway.registry.store import Module, ModuleStore


class Loaded(Struct, frozen=True, kw_only=True):
    policy_set: PolicySet
    decider: Decider
    routes: Mapping[tuple[str, str], Route]  # by (producer, stream)
    modules: Mapping[str, Module]  # by name, as locked: those that some route uses


def read(folder: Path) -> PolicySet:
    """The policy set in a folder. Raises PolicyError with all findings in its YAML."""
    raise NotImplementedError


def load(folder: Path, store: ModuleStore) -> Loaded:
    """The policy set with rulings and routes, checked whole. Raises PolicyError with all findings."""
    raise NotImplementedError
