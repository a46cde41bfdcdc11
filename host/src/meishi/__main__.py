"""`python -m meishi` is the command `meishi`."""

from meishi.cli import main

main()
