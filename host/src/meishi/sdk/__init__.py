"""Everything that a plugin may import from the host.

| module | for | free of Flask and SQLAlchemy |
|---|---|---|
| `meishi.sdk.contract` | events, call rules, declared errors | yes |
| `meishi.sdk.plugin` | hook marker and the declarations that hooks return | yes |
| `meishi.sdk.context` | who acts, in which workspace; calls and publishing | yes |
| `meishi.sdk.events` | envelope of an event that is handled, naming it as a cause | yes |
| `meishi.sdk.jobs` | asking for the plugin's own jobs | yes |
| `meishi.sdk.personal_data` | knowing values again without keeping them | yes |
| `meishi.sdk.mails` | sending mails to people | no |
| `meishi.sdk.audit` | writing into the audit what is no request | no |
| `meishi.sdk.database` | sessions, column types and naming of tables | no |
| `meishi.sdk.changes` | tables that track their changes, and feeds of these | no |
| `meishi.sdk.http` | typed blueprint, schemas, problems | no |
| `meishi.sdk.cli` | running a command inside a workspace | no |
"""
