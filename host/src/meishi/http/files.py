"""Files as answers: in pieces, and such as browsers keep."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import partial
from tempfile import SpooledTemporaryFile
from typing import IO, Protocol, cast

from flask import Response, request

#: What is larger waits on disk, not in memory.
_IN_MEMORY = 1024 * 1024
_BUFFER = 64 * 1024


class MediaFile(Protocol):
    """Octets of some media type."""

    @property
    def body(self) -> bytes:
        """The octets."""
        ...

    @property
    def media_type(self) -> str:
        """What they are."""
        ...


def file_response(pieces: Iterable[bytes], media_type: str, name: str) -> Response:
    """Answer with a file to be saved under an ASCII name, octet for octet.

    All pieces are made at once, while the unit of work is open; they may be many. What fails on
    the way fails the request: nobody takes the beginning of a file for all of it.
    """
    spool = new_spool()
    try:
        for piece in pieces:
            spool.write(piece)
    except BaseException:
        spool.close()
        raise
    return spooled_response(spool, media_type, name)


def new_spool() -> IO[bytes]:
    """Return a file that is gone when it is closed; a large one is on disk."""
    return cast("IO[bytes]", SpooledTemporaryFile(max_size=_IN_MEMORY))


def spooled_response(spool: IO[bytes], media_type: str, name: str) -> Response:
    """Answer with what was written into a file, all of it, and close that."""
    size = spool.tell()
    spool.seek(0)
    response = Response(iter(partial(spool.read, _BUFFER), b""), mimetype=media_type)
    response.content_type = media_type  # without a charset: the octets are those of the file
    response.content_length = size
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    response.call_on_close(spool.close)
    return response


def cached_response(tag: str, make: Callable[[], MediaFile], *, seconds: int) -> Response:
    """Answer with what browsers may show for so long; for who has it already, it is not made."""
    if request.if_none_match.contains_weak(tag):
        response = Response(status=304)
    else:
        made = make()
        response = Response(made.body, content_type=made.media_type)
    response.cache_control.private = True
    response.cache_control.max_age = seconds
    response.set_etag(tag)
    return response
