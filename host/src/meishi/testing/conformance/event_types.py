"""Whether every declared event can be written to the log, and read from there as it was."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from meishi.sdk.contract import Event
from meishi.testing.conformance.event_samples import samples_of
from meishi.testing.conformance.findings import Fault
from meishi.testing.conformance.workbench import Workbench

_REMEDY = "Declare fields of types that are written as JSON and read again as they were."


def event_type_faults(bench: Workbench, plugin: str) -> Iterator[Fault]:
    """Yield what is wrong with the event classes that a plugin declares."""
    for event in bench.contribution(plugin).event_types:
        for fault in _faults_of(event):
            yield Fault(f"{event.event_type}: {fault}.", _REMEDY)


def _faults_of(event: type[Event]) -> Iterator[str]:
    """Yield what keeps samples of a class from passing through the log unchanged."""
    try:
        msgspec.json.schema(event)
        samples = samples_of(event)
    except Exception as error:  # noqa: BLE001 (whatever its own code raises, it is its fault)
        yield f"no sample or schema can be made of its types: {error}"
        return
    for sample in samples:
        yield from _fault_of(event, sample)


def _fault_of(event: type[Event], sample: object) -> Iterator[str]:
    try:
        again = msgspec.json.decode(msgspec.json.encode(sample), type=event)
    except Exception as error:  # noqa: BLE001 (as above)
        yield f"{sample} cannot be written and read: {error}"
        return
    if again != sample:
        yield f"{sample} is read as {again}"
