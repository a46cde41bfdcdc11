"""`python -m meishi` is the command `meishi`."""

import signal

# Until the command is loaded there is nothing to clear away: Ctrl-C ends it without a word.
signal.signal(signal.SIGINT, signal.SIG_DFL)

from meishi.cli import main  # noqa: E402 (importing takes a while)

signal.signal(signal.SIGINT, signal.default_int_handler)
main()
