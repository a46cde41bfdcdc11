"""Whether every declared event can be written to the log, and read from there as it was.

An old version must be read as the newest one, too.
"""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from meishi.sdk.contract import Event
from meishi.testing.conformance.event_reading import reading_faults, upcast_faults
from meishi.testing.conformance.event_samples import samples_of
from meishi.testing.conformance.findings import Fault
from meishi.testing.conformance.workbench import Workbench

_REMEDY = "Declare fields of types that are written as JSON and read again as they were."
#: What to do about an old event that becomes nothing sound.
UPCAST_REMEDY = (
    "Let `upcast` take every event that its class could publish, and keep what it is about."
)


def event_type_faults(bench: Workbench, plugin: str) -> Iterator[Fault]:
    """Yield what is wrong with the event classes that a plugin declares."""
    for event in bench.contribution(plugin).event_types:
        for fault in _faults_of(event):
            yield Fault(f"{event.event_type}: {fault.message}", fault.remedy)


def _faults_of(event: type[Event]) -> Iterator[Fault]:
    """Yield what keeps samples of a class from passing through the log, and to newer versions."""
    try:
        msgspec.json.schema(event)
        samples = samples_of(event)
    except Exception as error:  # noqa: BLE001 (whatever its own code raises, it is its fault)
        yield Fault(f"no sample or schema can be made of its types: {error}.", _REMEDY)
        return
    for sample in samples:
        for fault in reading_faults(sample):
            yield Fault(f"{fault}.", _REMEDY)
        for fault in upcast_faults(sample):
            yield Fault(f"{fault}.", UPCAST_REMEDY)
