"""The command line: one module per group of commands."""

#: Names of the host's own commands, which no plugin may use.
HOST_COMMANDS = (
    "conformance",
    "db",
    "demo",
    "events",
    "init",
    "jobs",
    "mail",
    "plugins",
    "serve",
    "tokens",
    "worker",
)
