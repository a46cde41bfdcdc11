"""Pages for people who are signed in, and for those about to be."""
