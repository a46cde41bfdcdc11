"""What a keeper is told by whoever starts it."""

import json
from dataclasses import asdict, dataclass


@dataclass(frozen=True)
class Plan:
    """The keeper's only argument.

    `root` is the server's folder, `binaries` that of the programs; `lock` and `user` are
    inherited descriptors: the held lock, and the connection of the first user.
    """

    root: str
    binaries: str
    durable: bool
    lock: int
    user: int

    def encode(self) -> str:
        """As one argument of a command line."""
        return json.dumps(asdict(self))

    @classmethod
    def decode(cls, text: str) -> "Plan":
        """The opposite of `encode`."""
        return cls(**json.loads(text))
