"""Birthdays of contacts, and reminders of them."""
