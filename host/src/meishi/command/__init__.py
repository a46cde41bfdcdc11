"""The command line: one module per group of commands."""

#: Names of the host's own commands, which no plugin may use.
HOST_COMMANDS = (
    "audit",
    "conformance",
    "db",
    "demo",
    "doctor",
    "events",
    "extract",
    "health",
    "init",
    "jobs",
    "mail",
    "new-plugin",
    "personal-data",
    "plugins",
    "serve",
    "tokens",
    "users",
    "worker",
    "workspaces",
)
