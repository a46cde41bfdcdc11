"""Programs over a unit of work: what they do, step by step, and how they are made up."""

from __future__ import annotations

from dataclasses import dataclass

from hypothesis import strategies as st

from .ledgers import FIRST, SECOND


@dataclass(frozen=True)
class Write:
    """Store a note of the running plugin; a doomed one lets the commit fail."""

    how: str
    doomed: bool = False


@dataclass(frozen=True)
class Look:
    """Read the running plugin's notes, with the role and the workspace."""


@dataclass(frozen=True)
class Fail:
    """Run a statement that the server refuses."""

    how: str
    caught: bool


@dataclass(frozen=True)
class Publish:
    """Publish an event; `steps` is what the other plugin does when it hears it."""

    heard: bool
    steps: tuple[Step, ...]
    end: str
    caught: bool


@dataclass(frozen=True)
class Block:
    """Run steps as a plugin, in a savepoint, aside, or behind a contract."""

    kind: str
    plugin: str
    steps: tuple[Step, ...]
    end: str
    caught: bool


Step = Write | Look | Fail | Publish | Block

_PLUGINS, _ENDS = st.sampled_from([FIRST, SECOND]), st.sampled_from(["well", "refused", "broken"])
_CAUGHT = st.sampled_from([True, True, True, False])
_HOW = st.sampled_from(["session", "execute", "connection"])
_LEAVES = st.one_of(
    st.builds(Write, _HOW),
    st.builds(Write, _HOW),
    st.builds(Publish, st.just(value=False), st.just(()), st.just("well"), _CAUGHT),
    st.just(Look()),
    st.builds(Fail, st.sampled_from(["execute", "connection", "session"]), _CAUGHT),
    st.builds(Write, _HOW, st.just(value=True)),
    st.builds(Block, st.just("read"), _PLUGINS, st.just((Look(),)), _ENDS, _CAUGHT),
)


def _around(inner: st.SearchStrategy[Step]) -> st.SearchStrategy[Step]:
    steps = st.lists(inner, max_size=4).map(tuple)
    kinds = st.sampled_from(["enter", "savepoint", "savepoint", "aside", "write", "join"])
    return st.one_of(
        st.builds(Block, kinds, _PLUGINS, steps, _ENDS, _CAUGHT),
        st.builds(Publish, st.just(value=True), steps, _ENDS, _CAUGHT),
    )


STEPS: st.SearchStrategy[Step] = st.recursive(_LEAVES, _around, max_leaves=14)
