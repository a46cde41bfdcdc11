"""What a feed of changes can be asked for: little and much, with and without open transactions."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from uuid import UUID

from meishi.http.sync_tokens import purpose_of, read_token, write_token
from meishi.sdk.contract import ChangeQuery
from meishi.signing import Signer
from meishi.testing.conformance.list_requests import SINCE, ListRequest

#: The first transaction that anybody has.
_FIRST = 3


@dataclass(frozen=True, slots=True)
class FeedTokens:
    """Makes tokens of a workspace's feeds, as a caller might have them."""

    signer: Signer
    workspace: UUID

    def requests(self, plain: ListRequest, token: str) -> Iterator[ListRequest]:
        """Yield requests for changes, given a token that the feed has answered with.

        For all that ever changed, for the latest change, and for those of transactions that were
        open when the token was made.
        """
        purpose = purpose_of(self.workspace, plain.path)
        given = read_token(token, self.signer, purpose)
        mark = given.until or given.since
        if mark is None:
            return
        latest = mark.next_transaction - 1
        for since in (
            replace(mark, next_transaction=_FIRST, open_transactions=()),
            replace(mark, next_transaction=latest, open_transactions=()),
            replace(mark, open_transactions=(latest - 1, latest)),
        ):
            written = write_token(ChangeQuery(since=since), self.signer, purpose)
            yield replace(plain, query={**plain.query, SINCE: written})
