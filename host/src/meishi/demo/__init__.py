"""The demo: a user of the command line and of the web API, with an address book of its own."""
