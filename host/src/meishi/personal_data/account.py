"""The request of somebody for their own account: what is known of them by it, and its end."""

from __future__ import annotations

from typing import cast
from uuid import UUID

from meishi.context import current_scope
from meishi.core.identity.contract import AccountNotFound, Accounts, People
from meishi.declarations import DataSubject
from meishi.host import Host
from meishi.mails import sending
from meishi.personal_data.report import PersonalDataReport
from meishi.personal_data.rounds import Answer, Holder, Place, erase_from, export_from, holders

#: Who keeps the account, without which nobody would know where to look for the rest.
_KEEPER = "identity"


class NotAllErased(RuntimeError):
    """Some plugin could not do its part; it is asked again."""


class AccountRequest:
    """What plugins know by an account, in the workspaces that it is in, and in the deployment.

    What others have written about the person into their contacts is theirs: for that, people ask
    the workspace, or whoever runs the deployment.
    """

    def __init__(self, user_id: UUID) -> None:
        self._host = cast("Host", current_scope().host)
        self._user_id = user_id

    def export(self, answer: Answer) -> PersonalDataReport:
        """Have `answer` take what each plugin yields. Raises `AccountNotFound`."""
        return export_from(self._host, self._places(), answer)

    def erase(self) -> None:
        """Have every plugin erase what it knows, and the account at last; send a mail then.

        An account that is gone was erased before. Called again it goes on where it was.

        :raises LastOwner: before anything is erased, if a workspace would be without an owner
        :raises NotAllErased: if a plugin failed; the account stays, so that it can go on
        """
        try:
            places = self._places()
        except AccountNotFound:
            return
        self._host.service(People).check_erasable(self._user_id)
        asked = holders(self._host)
        self._erase(places, [holder for holder in asked if holder.plugin != _KEEPER])
        email = places[-1].subject.emails[0]
        self._erase(places, [holder for holder in asked if holder.plugin == _KEEPER])
        sending.send(
            current_scope(), kind="account-erased", to=email, name="", subject=_SUBJECT,
            text=_TEXT, html=None,
        )  # fmt: skip

    def _erase(self, places: list[Place], asked: list[Holder]) -> None:
        report = erase_from(self._host, places, asked)
        for item in report.outcomes:
            if item.failed is not None:
                raise NotAllErased(f"{item.plugin}: {item.failed}")

    def _places(self) -> list[Place]:
        accounts = self._host.service(Accounts)
        email = accounts.get(self._user_id).email
        subject = DataSubject(user_id=self._user_id, emails=(email,))
        alone = DataSubject(user_id=self._user_id)
        places = [
            Place(item.id, item.slug, alone) for item in accounts.workspaces_of(self._user_id)
        ]
        return [*places, Place(None, None, subject)]


_SUBJECT = "Your account was erased"
_TEXT = (
    "Your account is gone, and with it what belonged to it. What others have noted about you is "
    "theirs: ask them, or whoever runs this site. This is the last mail that you get.\n"
)
