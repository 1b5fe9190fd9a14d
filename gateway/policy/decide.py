"""Rulings: Cedar's answers, remembered. Cedar is asked, not imitated."""

from __future__ import annotations

from gateway.flow import Ruling
from gateway.policy.model import PolicySet


class Decider:
    """Answers under one policy set. Any thread may ask."""

    def __init__(self, policy_set: PolicySet) -> None:
        """Raises PolicyError if the Cedar files don't parse, don't type-check, or don't fit the YAML."""
        raise NotImplementedError

    def publish(self, producer: str, stream: str, client: str | None, media_type: str) -> Ruling:
        """May the producer publish to the stream? `client` is an IP address. Unknown names are denied."""
        raise NotImplementedError

    def release(self, producer: str, data_class: str, stream: str, destination: str) -> Ruling:
        """May values of the class leave in clear?"""
        raise NotImplementedError

    def hold(self, module: str, grant: str, producer: str, stream: str) -> Ruling:
        """May the module hold the capability, in this producer's plans?"""
        raise NotImplementedError

    def read(self, module: str, data_class: str, producer: str, stream: str) -> Ruling:
        """May the module see values of the class in clear?"""
        raise NotImplementedError

    def permits(self, user: str, action: str) -> Ruling:
        """May the user do `readDecisions`, `managePolicies` or `manageModules`? Unknown users are denied."""
        raise NotImplementedError
