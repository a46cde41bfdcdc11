"""Exchanges: what visitors leave at a card, and the contacts that come of it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta
from uuid import UUID

from crm_contacts.contract import (
    CardOutcome,
    CardStatus,
    ConsentChannel,
    Consents,
    ConsentState,
    ConsentStatement,
    ContactDraft,
    ContactNotFound,
    Contacts,
    Email,
    Name,
    Phone,
    SourceCard,
)
from meishi.sdk.context import publish, service
from meishi.sdk.contract import FieldError
from meishi.sdk.personal_data import keyed_digest
from meishi.sdk.plugin import PluginContext
from qr.consent import CONSENTS, ConsentWords
from qr.contract import (
    MAX_PAGE,
    Card,
    CardExchanged,
    CardNotFound,
    CardWithdrawn,
    Channel,
    Consent,
    Exchange,
    ExchangeNotFound,
    ExchangePage,
    ExchangeRecorded,
    ExchangeState,
    InvalidExchange,
    TooManyExchanges,
    Visit,
    VisitorDetails,
)
from qr.repository import cards, exchanges, moves
from qr.tokens import is_slug
from qr.visitor_details import cleaned, content_of, detail_errors

#: How many cards may be left at one card within the time: more than at the busiest stand of a fair.
_MOST, _WITHIN = 200, timedelta(hours=1)


class ExchangeService:
    """Implements `Exchanges`."""

    def __init__(self, context: PluginContext) -> None:
        self._clock = context.clock
        self._new_id = context.new_id
        self._cards = cards.CardTable(context.public_url)

    def leave_card(
        self,
        submission_id: UUID,
        slug: str,
        details: VisitorDetails,
        *,
        consent_version: str,
        visit: Visit,
    ) -> bool:
        """Keep what a visitor leaves at a card."""
        card, details = self._living(slug), cleaned(details)
        if exchanges.has_come(submission_id):
            return False
        words = _checked(details, consent_version)
        now = self._clock()
        limiting = exchanges.newest_but(card.id, _MOST - 1)
        if limiting is not None and limiting > now - _WITHIN:
            raise TooManyExchanges("Many cards were left here just now. Please try again later.")
        new = Exchange(
            id=self._new_id(),
            card_id=card.id,
            state=ExchangeState.RECEIVED,
            details=details,
            consent=Consent(
                version=words.version, text=words.text, purpose=words.purpose, given_at=now
            ),
            visitor_contact_id=None,
            version=1,
            created_at=now,
            settled_at=None,
        )
        if not exchanges.add(new, submission_id, keyed_digest("exchange", content_of(details))):
            return False
        publish(_exchanged(new, visit))
        return True

    def record_exchanges(self, exchange_ids: tuple[UUID, ...]) -> int:
        """Make contacts of exchanges that were received.

        Each comes in as a card whose UID is that of the exchange: the contact service knows it
        again where it has stored it already and we were not told. It records, too, what the visitor
        has agreed to, for each address that they left, unless the contact has denied it: anybody
        can leave what a contact says. Whoever erases the person waits meanwhile, and then finds the
        contact.
        """
        waiting = exchanges.received(exchange_ids)
        if not waiting:
            return 0
        contacts = service(Contacts)
        written = tuple(
            SourceCard(index=place, line=1, content=contacts.write_card(_draft(found)))
            for place, found in enumerate(waiting)
        )
        outcomes = contacts.import_cards(written)
        known = {
            found.id: _contact_of(found, outcome)
            for found, outcome in zip(waiting, outcomes, strict=True)
        }
        denied = _denied(outcomes)
        said = tuple(
            item
            for item in _consents(waiting, known)
            if (item.contact_id, item.channel) not in denied
        )
        service(Consents).receive(said)
        settled = exchanges.settle(known, self._clock())
        self._tell(settled)
        return len(settled)

    def get_exchange(self, exchange_id: UUID) -> Exchange:
        """Return one exchange."""
        found = exchanges.get(exchange_id)
        if found is None:
            raise ExchangeNotFound(f"There is no exchange {exchange_id} in this workspace.")
        return found

    def list_exchanges(
        self,
        *,
        card_id: UUID | None = None,
        state: ExchangeState | None = None,
        visitor_contact_id: UUID | None = None,
        after: UUID | None = None,
        limit: int = 50,
        with_total: bool = False,
    ) -> ExchangePage:
        """Return exchanges, newest first."""
        size = max(1, min(limit, MAX_PAGE))
        conditions = {
            "card_id": card_id,
            "state": None if state is None else state.value,
            "visitor_contact_id": visitor_contact_id,
        }
        items = exchanges.page(conditions, after, size + 1)
        return ExchangePage(
            items=tuple(items[:size]),
            next_after=items[size - 1].id if len(items) > size else None,
            total=exchanges.count(conditions) if with_total else None,
        )

    def move_exchanges(self, source_id: UUID, target_id: UUID) -> int:
        """Let the exchanges of a contact that was merged be those of another."""
        return moves.move("exchange", source_id, target_id, self._clock())

    def give_back_exchanges(self, source_ids: tuple[UUID, ...], target_id: UUID) -> tuple[int, int]:
        """Give exchanges back that were moved."""
        return moves.give_back("exchange", source_ids, target_id, self._clock())

    def _living(self, slug: str) -> Card:
        card = self._cards.by_slug(slug) if is_slug(slug) else None
        if card is None:
            raise CardNotFound("There is no such card.")
        withdrawn = CardWithdrawn("Its owner has taken it back.")
        if not card.title:  # the person was erased
            raise withdrawn
        try:
            service(Contacts).get(card.contact_id)
        except ContactNotFound as error:
            raise withdrawn from error
        return card

    def _tell(self, settled: list[tuple[UUID, UUID, UUID | None]]) -> None:
        owners = {
            card.id: card.contact_id
            for card in self._cards.of_ids([card for _, card, _ in settled])
        }
        publish(
            *(
                ExchangeRecorded(
                    exchange_id=exchange_id,
                    card_id=card_id,
                    contact_id=owners[card_id],
                    visitor_contact_id=contact_id,
                )
                for exchange_id, card_id, contact_id in settled
                if contact_id is not None
            )
        )


def _checked(details: VisitorDetails, consent_version: str) -> ConsentWords:
    """Return the words that were agreed to; raise `InvalidExchange` for what cannot be taken."""
    errors, words = [*detail_errors(details)], CONSENTS.get(consent_version)
    if words is None:
        errors.append(FieldError("/consent", "required", "Please agree, or do not send the form."))
        raise InvalidExchange("Nothing was sent without your consent.", errors=errors)
    if errors:
        raise InvalidExchange("Please look at what is marked.", errors=errors)
    return words


def _exchanged(new: Exchange, visit: Visit) -> CardExchanged:
    return CardExchanged(
        card_id=new.card_id,
        exchange_id=new.id,
        channel=Channel.FORM,
        device_class=visit.device_class,
        referrer_host=visit.referrer_host,
        visitor=visit.visitor,
    )


def _draft(found: Exchange) -> ContactDraft:
    details = found.details
    if details is None:
        raise RuntimeError(f"the exchange {found.id} has no details to make a contact of")
    return ContactDraft(
        name=Name(full=details.name),
        uid=f"urn:uuid:{found.id}",
        organisation=details.organisation,
        title=details.title,
        note=details.note,
        emails=(Email(address=details.email),) if details.email else (),
        phones=(Phone(number=details.phone),) if details.phone else (),
    )


def _contact_of(found: Exchange, outcome: CardOutcome) -> UUID | None:
    """Return the contact that an exchange is now, None for somebody who was erased."""
    if outcome.status is CardStatus.REJECTED and not outcome.suppressed:
        raise RuntimeError(f"the exchange {found.id} cannot be stored: {outcome.reason}")
    return outcome.contact_id


def _denied(outcomes: Sequence[CardOutcome]) -> set[tuple[UUID, ConsentChannel]]:
    """Return to what those have not agreed who were contacts before."""
    known = {
        outcome.contact_id
        for outcome in outcomes
        if outcome.contact_id is not None and outcome.status is not CardStatus.CREATED
    }
    return {
        (contact_id, item.channel)
        for contact_id in known
        for item in service(Consents).of(contact_id)
        if item.state is ConsentState.DENIED
    }


def _consents(
    waiting: Sequence[Exchange], known: Mapping[UUID, UUID | None]
) -> Iterator[ConsentStatement]:
    """Yield what visitors have agreed to who are contacts now, for each address that they left."""
    for found in waiting:
        contact_id, details = known[found.id], found.details
        if contact_id is None or details is None:
            continue
        left = {ConsentChannel.EMAIL: details.email, ConsentChannel.PHONE: details.phone}
        for channel, address in left.items():
            if address:
                yield ConsentStatement(
                    contact_id=contact_id,
                    channel=channel,
                    state=ConsentState.GRANTED,
                    given_at=found.consent.given_at,
                    how=f"Card exchange, words of {found.consent.version}",
                )
