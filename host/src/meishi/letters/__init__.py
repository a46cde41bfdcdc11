"""Letters: what a mail says, and how it leaves: through a mail server, or into a folder."""
