"""What mails about accounts say."""

from __future__ import annotations

from dataclasses import dataclass

from meishi.core.identity.contract import LinkPurpose


@dataclass(frozen=True, slots=True)
class Wording:
    """What a mail says: its subject and its text."""

    subject: str
    text: str


#: Names and addresses that somebody else has typed are not in them: nobody can have us say things.
_WORDS = {
    LinkPurpose.VERIFY: (
        "Confirm your address",
        (
            "Welcome to Meishi.\n\n"
            "Confirm that this address is yours, with the password that you have chosen:\n\n"
            "{link}\n\n"
            "The link is good for three days. If you have opened no account, do nothing: without "
            "your confirmation it stays closed.\n"
        ),
    ),
    LinkPurpose.KNOWN: (
        "You have an account already",
        (
            "Somebody, probably you, wanted to open an account for this address. There is one "
            "already.\n\nSign in: {site}/sign-in\nA new password: {site}/reset\n\n"
            "If it was not you, do nothing: nothing was changed.\n"
        ),
    ),
    LinkPurpose.RESET: (
        "Choose a new password",
        (
            "Somebody, probably you, has forgotten the password of this account. Choose a new "
            "one:\n\n{link}\n\nThe link is good for an hour, and ends all sessions. If it was not "
            "you, do nothing: the password stays.\n"
        ),
    ),
    LinkPurpose.CHANGE_EMAIL: (
        "Confirm your new address",
        (
            "Somebody, probably you, wants to use this address for an account. Confirm that it is "
            "yours:\n\n{link}\n\nThe link is good for a day. If it was not you, do nothing.\n"
        ),
    ),
}
_PATHS = {
    LinkPurpose.VERIFY: "verify",
    LinkPurpose.RESET: "reset",
    LinkPurpose.CHANGE_EMAIL: "change-email",
}


def letter_for(purpose: LinkPurpose, *, site: str, secret: str) -> Wording:
    """Return the words of a mail for a purpose, with its link."""
    subject, text = _WORDS[purpose]
    link = f"{site}/{_PATHS.get(purpose, '')}?token={secret}"
    return Wording(subject, text.format(link=link, site=site))


def old_address_letter() -> Wording:
    """Return what is said to an address that an account no longer has."""
    return Wording(
        "Your address was changed",
        "Your account is used with another address from now on. If it was not you, write to "
        "whoever runs this site.\n",
    )


def invitation_letter(link: str) -> Wording:
    """Return the words of an invitation."""
    return Wording(
        "You are invited to a workspace",
        "Somebody shares contacts and cards in Meishi, and invites you to take part:\n\n"
        f"{link}\n\nThe link is good for a week, for you alone. If you expected nothing of the "
        "kind, do nothing.\n",
    )
