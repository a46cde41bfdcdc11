"""Whatever is done in a unit of work, exactly what nothing undid is stored and logged."""

from __future__ import annotations

from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from .conftest import Stage
from .ledgers import FIRST, SECOND
from .performance import Performance
from .programs import STEPS, Block, Step, Write


@settings(
    max_examples=400,
    deadline=None,
    derandomize=True,
    report_multiple_bugs=False,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(
    plugin=st.sampled_from([FIRST, SECOND]),
    steps=st.lists(STEPS, max_size=6).map(tuple),
    end=st.sampled_from(["well", "well", "well", "broken"]),
)
@example(
    plugin=FIRST,
    steps=(Block("enter", SECOND, (Write("session"),), "broken", caught=True),),
    end="well",
)
def test_exactly_what_nothing_undid_is_stored_and_logged(
    stage: Stage, *, plugin: str, steps: tuple[Step, ...], end: str
) -> None:
    """Notes, events and their order are the model's, and so is what is refused on the way."""
    workspace = stage.host.new_id()
    performance = Performance(stage, workspace)
    performance.unit(plugin, steps, end)
    assert performance.wrong == []
    assert stage.notes(workspace) == sorted(performance.world.kept.notes)
    assert stage.events(workspace) == performance.world.kept.events
