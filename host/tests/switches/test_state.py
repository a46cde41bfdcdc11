"""What follows of switches: for a plugin, for what it needs, and for who needs it."""

from __future__ import annotations

from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from meishi.switches.state import Needs, Switches, WorkspaceDefault

NAMES = ("a", "b", "c", "d", "e")
WORKSPACES = (UUID(int=1), UUID(int=2))


@st.composite
def needs_of(draw: st.DrawFn) -> dict[str, list[str]]:
    """Plugins of which each needs some of those before it."""
    return {
        name: draw(st.lists(st.sampled_from(NAMES[:number]), unique=True)) if number else []
        for number, name in enumerate(NAMES)
    }


SWITCHES = st.builds(
    Switches,
    epoch=st.just(1),
    off=st.frozensets(st.sampled_from(NAMES)),
    defaults=st.dictionaries(st.sampled_from(NAMES), st.sampled_from(WorkspaceDefault)),
    chosen=st.dictionaries(
        st.sampled_from(WORKSPACES), st.dictionaries(st.sampled_from(NAMES), st.booleans())
    ),
)


@given(needs_of(), SWITCHES, st.sampled_from((None, *WORKSPACES)))
def test_nothing_is_on_without_what_it_needs(
    requires: dict[str, list[str]], switches: Switches, workspace: UUID | None
) -> None:
    """Whatever was switched, what is on has all of its needs on, in the deployment too."""
    needs = Needs(requires)
    for name in NAMES:
        if needs.is_on(switches, name, workspace):
            assert all(needs.is_on(switches, item, workspace) for item in requires[name])
            assert needs.is_on(switches, name, None)


@given(needs_of())
def test_needs_and_dependents_tell_the_same(requires: dict[str, list[str]]) -> None:
    """Each is named behind what it stands on, or before; and nobody is named twice."""
    needs = Needs(requires)
    for name in NAMES:
        of, dependents = needs.of(name), needs.dependents(name)
        assert len(set(of)) == len(of)
        assert all(set(needs.of(item)) <= set(of[: of.index(item)]) for item in of)
        assert {item for item in NAMES if name in needs.of(item)} == set(dependents)
        for place, item in enumerate(dependents):
            assert not set(needs.of(item)) & set(dependents[:place])


def test_a_workspace_decides_where_it_is_left_to_it() -> None:
    """Its choice counts over the default, unless the plugin is forced on, or off everywhere."""
    here = WORKSPACES[0]

    def is_on(default: WorkspaceDefault, choice: bool | None, *, off: bool = False) -> bool:
        switches = Switches(
            epoch=1,
            off=frozenset({"a"} if off else ()),
            defaults={"a": default},
            chosen={} if choice is None else {here: {"a": choice}},
        )
        return switches.is_set("a", here)

    on, forced = WorkspaceDefault.ON, WorkspaceDefault.FORCED
    assert [is_on(on, choice) for choice in (None, True, False)] == [True, True, False]
    assert [is_on(WorkspaceDefault.OFF, choice) for choice in (None, True, False)] == [
        False,
        True,
        False,
    ]
    assert [is_on(forced, choice) for choice in (None, True, False)] == [True, True, True]
    assert not is_on(forced, True, off=True)
