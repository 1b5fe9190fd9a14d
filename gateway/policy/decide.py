"""Rulings: Cedar's answers, remembered. Cedar is asked, not imitated.

Its answer depends on the request and the policy set alone, so one that was given holds as long as the set does.
"""

from __future__ import annotations

import ipaddress
from functools import lru_cache
from typing import Any

from gateway.documents.finding import Finding, Place, PolicyError
from gateway.flow import Ruling
from gateway.policy import files
from gateway.policy.cedar import Answer, Cedar, Slice
from gateway.policy.cedar_rules import EVERYTHING, OPTIONAL, Entity, parse
from gateway.policy.entities import GATEWAY, Entities, capability, reference
from gateway.policy.model import PolicySet

USER_ACTIONS = frozenset({"readDecisions", "managePolicies", "manageModules"})
REMEMBERED = 1 << 16  # rulings on `publish` that depend on the client or the format; the least used go

_DENIED = Ruling(allowed=False, policies=())  # by default: no policy speaks of it


class Decider:
    """Answers under one policy set. Any thread may ask."""

    def __init__(self, policy_set: PolicySet, findings: list[Finding] | None = None) -> None:
        """Raises PolicyError if the Cedar files don't parse, don't type-check, or don't fit the YAML.

        With a list for the `findings` it raises nothing: policies in which something was found are left out.
        """
        found: list[Finding] = [] if findings is None else findings
        parsed = parse(policy_set.files)
        found += parsed.findings
        self.rules = parsed.rules
        self._policy_set = policy_set
        self._places = {rule.id: rule.place for rule in parsed.rules}
        self._entities = Entities(policy_set, parsed, found)
        self._cedar = Cedar(parsed.rules, self._entities.all, parsed.schema)
        self._failures: dict[str, None] = {}
        self._answers: dict[tuple[object, ...], Ruling] = {}
        self._grants: set[str] = set()
        self._contextual = lru_cache(REMEMBERED)(self._publish)
        self._fixed = self._publish_fixed()
        if findings is None:
            found += self.failures()
            if found:
                raise PolicyError(found)

    # ------------------------------------------------------------ asked for every request

    def publish(self, producer: str, stream: str, client: str | None, media_type: str) -> Ruling:
        """May the producer publish to the stream? `client` is an IP address. What the YAML doesn't list is denied."""
        found = self._fixed.get((producer, stream), _DENIED)
        if isinstance(found, Ruling):
            return found
        group, alike, reads_client, reads_format = found
        return self._contextual(group, alike, client if reads_client else None, media_type if reads_format else "")

    def _publish_fixed(self) -> dict[tuple[str, str], Ruling | tuple[str, str, bool, bool]]:
        """By producer and stream: the ruling, or where it depends on the request, what `_publish` is to be given."""
        fixed: dict[tuple[str, str], Ruling | tuple[str, str, bool, bool]] = {}
        alike: dict[tuple[str, str], Ruling | tuple[str, str, bool, bool]] = {}
        for name, producer in self._policy_set.producers.items():
            group = self._entities.producers[name]
            for stream in producer.streams:
                if stream not in self._entities.streams:
                    continue
                key = (group, self._entities.streams[stream])
                if key not in alike:
                    reads = self._slice("publish", ("Producer", key[0]), ("Stream", key[1])).reads
                    whole = EVERYTHING in reads
                    client, format_ = whole or "client" in reads, whole or "format" in reads
                    alike[key] = (*key, client, format_) if client or format_ else self._publish(*key, None, "")
                fixed[name, stream] = alike[key]
        return fixed

    def _publish(self, producer: str, stream: str, client: str | None, media_type: str) -> Ruling:
        context: dict[str, Any] = {"format": media_type}
        if client is not None:
            address = _address(client)
            if address is None:
                return _DENIED  # a policy wants to know where it comes from, and that can't be told
            context["client"] = {"__extn": {"fn": "ip", "arg": address}}
        return self._ask("publish", ("Producer", producer), ("Stream", stream), context)

    # ------------------------------------------------------------ asked at load

    def release(self, producer: str, data_class: str, stream: str, destination: str) -> Ruling:
        """May values of the class leave in clear? Raises KeyError for a name that the YAML doesn't declare."""
        return self._remembered(
            "release",
            ("Producer", self._entities.producers[producer]),
            ("DataClass", data_class),
            stream=reference("Stream", self._entities.streams[stream]),
            destination=reference("Destination", self._entities.destinations[destination]),
        )

    def hold(self, module: str, grant: str, producer: str, stream: str) -> Ruling:
        """May the module hold the capability, in this producer's plans? Raises KeyError as `release` does."""
        if grant not in self._grants:
            try:
                self._cedar.know(capability(grant))
            except ValueError:
                return _DENIED  # the schema's Capability isn't the gateway's, which is a finding of its own
            self._grants.add(grant)
        return self._by_module("hold", module, ("Capability", grant), producer, stream)

    def read(self, module: str, data_class: str, producer: str, stream: str) -> Ruling:
        """May the module see values of the class in clear? Raises KeyError as `release` does."""
        return self._by_module("read", module, ("DataClass", data_class), producer, stream)

    def permits(self, user: str, action: str) -> Ruling:
        """May the user do `readDecisions`, `managePolicies` or `manageModules`? Unknown users are denied."""
        if user not in self._policy_set.users or action not in USER_ACTIONS:
            return _DENIED
        return self._remembered(action, ("User", user), GATEWAY)

    def reveals(self, user: str, data_class: str) -> Ruling:
        """May the user have values of the class back in clear? What isn't declared is denied."""
        if user not in self._policy_set.users or data_class not in self._policy_set.classes:
            return _DENIED
        return self._remembered(OPTIONAL, ("User", user), ("DataClass", data_class))

    def alike(self, producer: str) -> str:
        """The producer that stands for all that Cedar can't tell from this one."""
        return self._entities.producers[producer]

    def failures(self) -> list[Finding]:
        """A finding for each policy that Cedar couldn't evaluate for what was asked so far."""
        findings = []
        for text in self._failures:
            places = [place for name, place in self._places.items() if f"`{name}`" in text]
            findings.append(Finding.at(places[0] if places else Place(file=files.SCHEMA), "cedar_evaluation", text))
        return findings

    # ------------------------------------------------------------ Cedar

    def _by_module(self, action: str, module: str, resource: Entity, producer: str, stream: str) -> Ruling:
        return self._remembered(
            action,
            ("Module", module),
            resource,
            producer=reference("Producer", self._entities.producers[producer]),
            stream=reference("Stream", self._entities.streams[stream]),
        )

    def _remembered(self, action: str, principal: Entity, resource: Entity, **context: Any) -> Ruling:
        key = (action, principal, resource, *(value["__entity"]["id"] for value in context.values()))
        known = self._answers.get(key)
        if known is None:
            known = self._answers[key] = self._ask(action, principal, resource, context)
        return known

    def _ask(self, action: str, principal: Entity, resource: Entity, context: Any) -> Ruling:
        answer: Answer = self._cedar.ask(self._slice(action, principal, resource), action, principal, resource, context)
        if answer.failed is not None and len(self._failures) < 100:
            self._failures[answer.failed] = None
        return answer.ruling

    def _slice(self, action: str, principal: Entity, resource: Entity) -> Slice:
        return self._cedar.slice(action, self._entities.lineage(principal), self._entities.lineage(resource))


def _address(client: str) -> str | None:
    """An IP address for Cedar: without a zone, and IPv4 as such even where the socket is IPv6 (RFC 4291, 2.5.5.2)."""
    try:
        address = ipaddress.ip_address(client.partition("%")[0])
    except ValueError:
        return None
    mapped = address.ipv4_mapped if isinstance(address, ipaddress.IPv6Address) else None
    return str(mapped or address)
