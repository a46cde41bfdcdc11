"""What operators do about events: look, retry, skip, discard, pause and replay.

Everything here runs inside a scope that was entered as the event log itself, and belongs to its
unit of work: what an operation changes is kept when its caller's scope ends well, or not at all.
It takes and returns plain records and raises declared errors, so that the command line and the
web API can say the same.
"""
