"""What does not arrive: events that are parked, and mails."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from urllib.parse import urlsplit

from meishi.doctor.findings import Finding, error, warning
from meishi.host import Host
from meishi.letters.server import MailServer
from meishi.settings import Settings

_PARKED = """
    SELECT s.plugin, p.subscription, count(*) FILTER (WHERE p.state = 'dead'), count(*)
    FROM meishi_events.parked p JOIN meishi_events.subscription s ON s.name = p.subscription
    GROUP BY 1, 2 ORDER BY 2
"""

_HERE = frozenset({"127.0.0.1", "::1", "localhost"})

_TEST = "meishi mail test --to ADDRESS"

#: Seconds that a mail server has to answer.
_PATIENCE = 5.0


def parked_findings(host: Host) -> Iterator[Finding]:
    """Yield subscriptions with parked events; dead ones wait for a person."""
    with host.within("meishi_events") as scope:
        rows = scope.work.execute(_PARKED)
    for plugin, subscription, dead, parked in rows:
        message = f"{parked} events of {subscription} are parked, {dead} of them for good."
        if dead:
            command = f"meishi events retry --dead --subscription {subscription}"
            yield error("parked-events", plugin, message, command)
        else:
            command = f"meishi events parked --subscription {subscription}"
            yield warning("parked-events", plugin, message, command)


def mail_findings(settings: Settings, *, network: bool) -> Iterator[Finding]:
    """Yield why mails reach nobody; the mail server is called only with `network`."""
    if settings.mail_url is None:
        if urlsplit(settings.reachable_url).hostname not in _HERE:
            message = (
                "Mails become files: others can reach the deployment, but no mail server is set."
            )
            yield warning(
                "no-mail-server", "meishi_mails", message, "export MEISHI_MAIL_URL=smtp://…"
            )
        return
    if network:
        server = MailServer.parse(settings.mail_url)
        try:
            socket.create_connection((server.host, server.port), timeout=_PATIENCE).close()
        except OSError as failure:
            message = f"The mail server {server} does not answer: {failure.strerror or failure}."
            yield error("mail-server-away", "meishi_mails", message, _TEST)
