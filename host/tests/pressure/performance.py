"""Runs a program in step with a model of what it must leave behind."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from uuid import UUID, uuid4

from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from meishi.calls.failures import CallFailed
from meishi.context import current_scope
from meishi.database.identity import TransactionUndone
from meishi.events.signals import EventHandlerFailed
from meishi.sdk.context import aside, publish
from meishi.sdk.contract import DomainError, EventVetoed
from meishi.sdk.database import current_connection, current_session, execute, savepoint

from .conftest import Stage
from .ledgers import Act, contract_of, identity, note, told, write
from .programs import Block, Fail, Look, Publish, Step, Write


class Broken(Exception):
    """Ends a block with an error that nobody declares."""


#: What a program may meet. Anything else is a fault of the host's and ends the example.
MET = (
    SQLAlchemyError, TransactionUndone, EventHandlerFailed, CallFailed, DomainError, Broken,
)  # fmt: skip


@dataclass
class Frame:
    """What was done since a savepoint, and why it may not be kept."""

    notes: list[tuple[str, str]] = field(default_factory=list)
    events: list[tuple[str, str]] = field(default_factory=list)
    failed: bool = False
    vetoed: bool = False
    doomed: bool = False


#: A unit of work is its frames, the transaction first; a world is its units, the outermost first.
Unit = list[Frame]


class World:
    """What programs left behind, and what the units of work that are open have done."""

    def __init__(self) -> None:
        self.kept = Frame()
        self.units: list[Unit] = []

    @property
    def frame(self) -> Frame:
        """The innermost savepoint of the innermost unit of work."""
        return self.units[-1][-1]

    def begin(self, *, own: bool) -> None:
        """Open a unit of work of its own, or a savepoint."""
        if own:
            self.units.append([])
        self.units[-1].append(Frame())

    def end(self, *, kept: bool) -> None:
        """End what is innermost; what is kept goes to what is around it."""
        frame = self.units[-1].pop()
        if not self.units[-1]:
            self.units.pop()
            around = self.kept
        else:
            around = self.frame
            around.doomed |= kept and frame.doomed
        if kept:
            around.notes += frame.notes
            around.events += frame.events

    def must_not_keep(self) -> bool:
        """Whether what is innermost has to be undone."""
        frame = self.frame
        return frame.failed or frame.vetoed or (len(self.units[-1]) == 1 and frame.doomed)

    def seen_by(self, plugin: str) -> list[str]:
        """Return which notes of its own a plugin sees in the innermost unit of work."""
        frames = (self.kept, *self.units[-1])
        return sorted(body for frame in frames for who, body in frame.notes if who == plugin)


class Performance:
    """Runs a program and the model in step; `wrong` tells where they came apart."""

    def __init__(self, stage: Stage, workspace: UUID) -> None:
        self.world = World()
        self.wrong: list[str] = []
        self._stage = stage
        self._workspace = workspace
        self._last = 0

    def unit(self, plugin: str, steps: tuple[Step, ...], end: str) -> None:
        """Run a whole unit of work."""

        def invoke(act: Act) -> None:
            with self._stage.acting_as(plugin, self._workspace):
                act()

        self._framed(invoke, lambda: self._body(steps, end), own=True, caught=True)

    def _body(self, steps: tuple[Step, ...], end: str) -> None:
        for step in steps:
            self._run(step)
        if end == "refused":
            raise contract_of(current_scope().work.plugin).Refused("no")
        if end == "broken":
            raise Broken

    def _run(self, step: Step) -> None:
        match step:
            case Write():
                self._write(step)
            case Look():
                self._attempt(self._look)
            case Fail():
                self._fail(step)
            case Publish():
                self._publish(step)
            case Block(kind="enter"):
                self._enter(step)
            case Block():
                self._block(step)

    def _framed(
        self, invoke: Callable[[Act], object], body: Callable[[], None], *, own: bool, caught: bool
    ) -> None:
        """Run a block that is kept or undone as a whole."""
        failed = not own and self.world.frame.failed
        entered = done = False

        def act() -> str:
            nonlocal entered, done
            entered = True
            body()
            done = True
            return ""

        self.world.begin(own=own)
        self.world.frame.failed = failed
        try:
            invoke(act)
        except MET as error:
            if (done or not entered) and not self.world.must_not_keep():
                self.wrong.append(f"a block that went well was undone: {error!r}")
            self.world.end(kept=False)
            if not caught:
                raise
        else:
            if self.world.must_not_keep():
                self.wrong.append("a block was kept that must be undone")
            self.world.end(kept=True)

    def _attempt(self, act: Callable[[], None]) -> None:
        """Do what works in a transaction that is well, and in no other."""
        failed = self.world.frame.failed
        try:
            act()
        except MET as error:
            if not failed:
                self.wrong.append(f"a good statement was refused: {error!r}")
            raise
        if failed:
            self.wrong.append("a statement worked after one had failed")

    def _name(self) -> str:
        self._last += 1
        return f"{self._last:04}"

    def _write(self, step: Write) -> None:
        frame, plugin, body = self.world.frame, current_scope().work.plugin, self._name()
        parent = uuid4() if step.doomed else None
        if step.how == "session":
            # It may be noticed only when it is written out that the transaction has failed.
            write(body, step.how, parent=parent)
        else:
            self._attempt(lambda: write(body, step.how, parent=parent))
        frame.notes.append((plugin, body))
        frame.doomed |= step.doomed

    def _look(self) -> None:
        plugin = current_scope().work.plugin
        query = text(f"SELECT body FROM {plugin}.note ORDER BY body")
        seen = list(current_session().execute(query).scalars())
        if seen != self.world.seen_by(plugin):
            self.wrong.append(f"{plugin} saw {seen}, not {self.world.seen_by(plugin)}")
        if identity() != (self._stage.role(plugin), str(self._workspace)):
            self.wrong.append(f"{plugin} ran as {identity()}")

    def _fail(self, step: Fail) -> None:
        try:
            if step.how == "session":
                current_session().add(note(""))
                current_session().flush()
            elif step.how == "execute":
                execute("SELECT 1 / 0")
            else:
                current_connection().execute(text("SELECT 1 / 0"))
        except MET:
            self.world.frame.failed = True
            if not step.caught:
                raise
        else:
            self.wrong.append("a bad statement was accepted")

    def _publish(self, step: Publish) -> None:
        plugin, subject = current_scope().work.plugin, self._name()
        contract = contract_of(plugin)
        if not step.heard:
            publish(contract.Filed(note=subject))
            self.world.frame.events.append((plugin, subject))
            return

        def invoke(act: Act) -> None:
            def listen(_events: Sequence[object]) -> None:
                act()

            with told(hear=listen):
                publish(contract.Noted(note=subject))

        def body() -> None:
            self.world.frame.events.append((plugin, subject))
            self._body(step.steps, step.end)

        try:
            self._framed(invoke, body, own=False, caught=False)
        except MET as error:
            self.world.frame.vetoed |= isinstance(error, EventVetoed)
            if not step.caught:
                raise

    def _enter(self, step: Block) -> None:
        done = False
        try:
            with current_scope().work.entered(step.plugin):
                self._body(step.steps, step.end)
                done = True
        except MET as error:
            if done and not self.world.frame.failed:
                self.wrong.append(f"leaving a plugin failed: {error!r}")
            if not step.caught:
                raise

    def _block(self, step: Block) -> None:
        contract = contract_of(step.plugin)
        foreign = current_scope().work.plugin != step.plugin
        apart = self._stage.encoded and foreign and step.kind in {"read", "write"}

        def invoke(act: Act) -> None:
            if step.kind in {"savepoint", "aside"}:
                with savepoint() if step.kind == "savepoint" else aside():
                    act()
            else:
                with told(act=act):
                    getattr(self._stage.host.service(contract.Notes), step.kind)()

        self._framed(
            invoke,
            lambda: self._body(step.steps, step.end),
            own=apart or step.kind == "aside",
            caught=step.caught,
        )
