"""Domains of email addresses: whose they are, and what their names say."""

from __future__ import annotations

from crm_enrichment.contract import EmailType
from crm_enrichment.providers.mail_tables import DISPOSABLE, FREE_MAIL, JOINT_SUFFIXES, ROLES

#: A name of fewer letters is an abbreviation: it is written in capitals.
_ABBREVIATION = 3


def domain_of(address: str) -> str:
    """Return the registered domain of an address, without its subdomains; empty if there is none.

    `anna@mail.lindqvist.co.uk` is of `lindqvist.co.uk`.
    """
    labels = address.rpartition("@")[2].strip().rstrip(".").lower().split(".")
    if not all(labels):
        return ""
    kept = 3 if ".".join(labels[-2:]) in JOINT_SUFFIXES else 2
    return ".".join(labels[-kept:]) if len(labels) >= kept else ""


def mail_type(address: str) -> EmailType | None:
    """Return whose an address is; None if it is none."""
    mailbox, _, host = address.rpartition("@")
    domain = domain_of(address)
    if not mailbox or not domain:
        return None
    if _listed(host, domain, DISPOSABLE):
        return EmailType.DISPOSABLE
    if _listed(host, domain, FREE_MAIL):
        return EmailType.FREE
    return EmailType.ROLE if _is_role(mailbox) else EmailType.BUSINESS


def company_domain(address: str) -> str:
    """Return the domain of an address if it is that of an employer, else an empty text."""
    found = mail_type(address)
    return domain_of(address) if found in (EmailType.BUSINESS, EmailType.ROLE) else ""


def readable_name(domain: str) -> str:
    """Return a domain's own label as a name.

    `lindqvist-arkitekter.se` is Lindqvist Arkitekter, `ibm.com` is IBM.
    """
    label = domain.split(".", maxsplit=1)[0]
    if label.startswith("xn--"):
        try:
            label = label.encode().decode("idna")
        except UnicodeError:
            return ""
    return " ".join(
        part.upper() if len(part) <= _ABBREVIATION else part.capitalize()
        for part in label.replace("_", "-").split("-")
        if part
    )


def _listed(host: str, domain: str, table: frozenset[str]) -> bool:
    return domain in table or host.strip().rstrip(".").lower() in table


def _is_role(mailbox: str) -> bool:
    """Whether a mailbox is that of a role: `info`, `sales.de`, `support+forms`."""
    plain = mailbox.lower().partition("+")[0]
    return plain in ROLES or plain.partition(".")[0] in ROLES
