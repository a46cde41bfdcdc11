"""Revisions of the mails, first to last."""
