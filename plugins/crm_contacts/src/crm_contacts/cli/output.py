"""Where a file goes that a command writes: standard output, or a name that it has once whole."""

from __future__ import annotations

import fcntl
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from crm_contacts.cli.faults import naming
from meishi.sdk.cli import OperatorError

STDOUT = Path("-")

_OTHER = "Name another for --output, in a folder that is there."
_ROOM = "See whether its disk is full, or name another for --output."


@contextmanager
def output_to(file: Path, *, force: bool) -> Iterator[Callable[[bytes], None]]:
    """Lend what writes octets to a file, or to standard output, which is `-`.

    The file has its name once the block has ended well, and is there whole; until then it is
    `NAME.part` beside that, for its owner's eyes only. A pipe or a device is written as it is.
    One that is there is only replaced with `force`.
    """
    if file == STDOUT:
        with _stdout() as stream:
            yield _writing(stream, "Standard output")
        return
    with naming(file, "written", hint=_OTHER):
        plain = not file.exists() or file.is_file()
        if file.is_dir():
            raise OperatorError(f"{file} is a folder.", hint=_OTHER)
    if plain:
        with _whole(file, Path(os.path.realpath(file)), force=force) as stream:
            yield _writing(stream, file)
        return
    with naming(file, "written", hint=_OTHER):
        stream = file.open("wb", buffering=0)
    with stream:
        yield _writing(stream, file)


def _stdout() -> BinaryIO:
    """Return standard output, unbuffered, so that nothing is left to be written at the end."""
    if sys.stdout is None:
        raise OperatorError("Standard output is closed.", hint="Name a file with --output.")
    return os.fdopen(sys.stdout.fileno(), "wb", buffering=0, closefd=False)


def _writing(stream: BinaryIO, name: object) -> Callable[[bytes], None]:
    def write(content: bytes) -> None:
        rest = memoryview(content)
        with naming(name, "written", hint=_ROOM):
            while rest:
                rest = rest[stream.write(rest) :]

    return write


@contextmanager
def _whole(file: Path, target: Path, *, force: bool) -> Iterator[BinaryIO]:
    """Lend a file that takes its name at the end of the block, or goes with what fails in it."""
    _refuse_existing(file, target, force=force)
    part = target.with_name(f"{target.name}.part")
    with naming(file, "written", hint=_OTHER):
        stream = _opened(file, part)
    with stream:
        try:
            yield stream
            with naming(file, "written", hint=_ROOM):
                os.fsync(stream.fileno())
                _refuse_existing(file, target, force=force)
                part.replace(target)
        except BaseException:
            part.unlink(missing_ok=True)
            raise


def _refuse_existing(file: Path, target: Path, *, force: bool) -> None:
    if not force and target.exists():
        raise OperatorError(
            f"{file} is there already.",
            hint="Add --force to replace it, or name another for --output.",
        )


def _opened(file: Path, part: Path) -> BinaryIO:
    """Open what is written beside a file; one that was left behind is begun anew.

    Nobody else writes it meanwhile, and it is no link to somewhere else.
    """
    flags = os.O_WRONLY | os.O_CREAT | os.O_NOFOLLOW
    stream = os.fdopen(os.open(part, flags, 0o600), "wb", buffering=0)
    try:
        fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
        # Whoever held it may have given it its name, or done away with it.
        if not os.path.samestat(os.fstat(stream.fileno()), part.stat()):
            raise BlockingIOError
        os.fchmod(stream.fileno(), 0o600)
        stream.truncate(0)
    except (BlockingIOError, FileNotFoundError) as error:
        stream.close()
        raise OperatorError(
            f"{file} is being written by another command.",
            hint="Wait for its end, or name another for --output.",
        ) from error
    except BaseException:
        stream.close()
        raise
    return stream
