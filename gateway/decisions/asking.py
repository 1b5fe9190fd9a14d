"""What modules ask hosts for one request: written down before they do, so that nothing leaves without a record."""

from __future__ import annotations

import time
from collections.abc import Sequence
from concurrent.futures import Future

from gateway.decisions.recorder import Recorder
from gateway.flow import Arrival, Asked, AskedHost, AskedPlan, Plan, Step


class Asker:
    """Called before each round of requests. For one thread at a time."""

    def __init__(
        self,
        recorder: Recorder,
        *,
        arrival: Arrival,
        policies: tuple[str, ...],
        revision: str,
        messages: int,
        input: str,
    ) -> None:
        """For the fields, see `gateway.flow.Asked`."""
        self._recorder, self._arrival, self._policies, self._revision = recorder, arrival, policies, revision
        self._messages, self._input = messages, input
        self._number = 0

    def __call__(self, step: Step, plans: Sequence[Plan], hosts: Sequence[AskedHost]) -> bool:
        """Whether it is durable that these hosts are asked. Waits for the recorder."""
        self._number += 1
        row = Asked(
            arrival=self._arrival,
            number=self._number,
            time=time.time_ns(),
            policies=self._policies,
            revision=self._revision,
            messages=self._messages,
            input=self._input,
            plans=tuple([AskedPlan(destination=plan.destination, plan=plan.digest) for plan in plans]),
            module=step.module,
            version=step.version,
            sha256=step.sha256,
            hosts=tuple(hosts),
        )
        written: Future[BaseException | None] = Future()
        self._recorder.put([], [], written.set_result, [row])
        return written.result() is None
