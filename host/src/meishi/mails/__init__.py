"""Mails: letters that wait, in the database, for a job that sends them."""
