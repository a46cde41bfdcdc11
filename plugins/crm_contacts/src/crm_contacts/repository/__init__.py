"""Every SQL statement of the contact service.

Row security shows the current workspace only; no statement has to filter by it.
"""
