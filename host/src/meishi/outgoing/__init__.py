"""Requests that plugins make to servers outside: where they may go, and how much may come back."""
