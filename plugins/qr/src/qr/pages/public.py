"""Public pages: a scanned code, the page of a card, and its contact file."""

from __future__ import annotations

from http import HTTPStatus
from urllib.parse import quote
from uuid import UUID

from flask import Response, abort, request

from crm_contacts.contract import Contacts, VCardVersion
from meishi.sdk.context import publish, service
from meishi.sdk.plugin import PublicPage
from qr.addresses import CARD_PATH, CODE_PATH
from qr.contract import (
    CardNotFound,
    CardSaved,
    CardScanned,
    CardViewed,
    CardWithdrawn,
    Channel,
    CodeNotFound,
    CodeRetired,
    DeviceClass,
    PublicCard,
    PublicCards,
)
from qr.exchange_form import ExchangeForm
from qr.landing import card_page, content_security_policy, gone_page, thanks_page
from qr.pages.exchange import blank_form, take_form, this_visit

_HTML = "text/html; charset=utf-8"
_FILE_TYPE = "text/vcard; charset=utf-8"


def public_pages() -> list[PublicPage]:
    """Return every page that anybody may open."""
    return [
        *(
            PublicPage(rule=f"{path}<code>", resolve=_workspace_of_code, view=_scanned)
            for path in (CODE_PATH, CODE_PATH.lower())
        ),
        PublicPage(
            rule=f"{CARD_PATH}<slug>",
            resolve=_workspace_of_card,
            view=_page,
            methods=("GET", "POST"),
        ),
        *(
            PublicPage(rule=f"{CARD_PATH}<slug>/{name}", resolve=_workspace_of_card, view=view)
            for name, view in (("card.vcf", _file), ("thanks", _thanks), ("own", _own))
        ),
    ]


def _workspace_of_code(code: str) -> UUID | None:
    return service(PublicCards).workspace_of_code(code)


def _workspace_of_card(slug: str) -> UUID | None:
    return service(PublicCards).workspace_of_card(slug)


def _scanned(code: str) -> Response:
    """Lead from a code to its card's page; the scan is one insert with the commit."""
    try:
        target = service(PublicCards).target(code)
    except CodeNotFound:
        abort(404)
    except CodeRetired as error:
        return _gone(error)
    _note(CardScanned, target.card_id, Channel.SCAN, code_id=target.code_id)
    return Response(
        status=302,
        headers={"Location": f"{CARD_PATH}{target.slug}", "X-Robots-Tag": "noindex"},
    )


def _page(slug: str) -> Response:
    """Show a card, or take what a visitor leaves there."""
    if request.method == "POST":
        return _left(slug)
    found = _card(slug)
    if isinstance(found, Response):
        return found
    _note(CardViewed, found.card_id, Channel.PAGE)
    return _form_page(found, blank_form(slug))


def _left(slug: str) -> Response:
    """Lead to the thanks for a card that was left, or show the form again with what is wrong."""
    try:
        unsent = take_form(slug)
    except CardNotFound:
        abort(HTTPStatus.NOT_FOUND)
    except CardWithdrawn as error:
        return _gone(error)
    if unsent is None:
        return Response(
            status=HTTPStatus.SEE_OTHER, headers={"Location": f"{CARD_PATH}{slug}/thanks"}
        )
    found = _card(slug)
    if isinstance(found, Response):
        return found
    return _form_page(found, unsent.form, unsent.status)


def _thanks(slug: str) -> Response:
    """Thank a visitor; the contact service need not be there for that."""
    return _html(thanks_page(slug))


def _own(slug: str) -> Response:
    """Lead to where the visitor makes a card of their own."""
    try:
        path = service(PublicCards).invite(slug)
    except CardNotFound:
        abort(HTTPStatus.NOT_FOUND)
    return Response(
        status=HTTPStatus.SEE_OTHER, headers={"Location": path, "X-Robots-Tag": "noindex"}
    )


def _file(slug: str) -> Response:
    """Send what a card shows as a contact file."""
    version = _wanted_version()
    found = _card(slug)
    if isinstance(found, Response):
        return found
    body = service(Contacts).write_card(found.contact, version=version)
    _note(CardSaved, found.card_id, Channel.FILE)
    answer = Response(body, content_type=_FILE_TYPE)
    name = quote(f"{found.contact.name.full[:80].strip() or 'contact'}.vcf", safe="")
    answer.headers["Content-Disposition"] = (
        f"attachment; filename=\"contact.vcf\"; filename*=UTF-8''{name}"
    )
    answer.headers["X-Robots-Tag"] = "noindex"
    return answer


def _card(slug: str) -> PublicCard | Response:
    """Return a card, or the page that says that it is gone."""
    try:
        return service(PublicCards).show(slug)
    except CardNotFound:
        abort(404)
    except CardWithdrawn as error:
        return _gone(error)


def _wanted_version() -> VCardVersion:
    try:
        return VCardVersion(request.args.get("version", VCardVersion.V3.value))
    except ValueError:
        abort(400, "The version is 3.0 or 4.0.")


def _note(
    event: type[CardScanned | CardViewed | CardSaved],
    card_id: UUID,
    channel: Channel,
    *,
    code_id: UUID | None = None,
) -> None:
    """Publish a visit, unless nobody came: programs look ahead, and HEAD shows nothing."""
    visit = this_visit()
    if visit.device_class is DeviceClass.BOT or request.method == "HEAD":
        return
    publish(
        event(
            card_id=card_id,
            code_id=code_id,
            channel=channel,
            device_class=visit.device_class,
            referrer_host=visit.referrer_host,
            visitor=visit.visitor,
        )
    )


def _gone(error: CodeRetired | CardWithdrawn) -> Response:
    return _html(gone_page(error.title, error.detail), 410)


def _form_page(
    card: PublicCard, form: ExchangeForm, status: HTTPStatus = HTTPStatus.OK
) -> Response:
    answer = _html(card_page(card, form), status)
    answer.headers["Content-Security-Policy"] = content_security_policy(form=True)
    return answer


def _html(text: str, status: int = 200) -> Response:
    """Return a page that is never kept, as views are counted, and names no address elsewhere."""
    answer = Response(text, status, content_type=_HTML)
    answer.headers["Content-Security-Policy"] = content_security_policy()
    answer.headers["Referrer-Policy"] = "no-referrer"
    answer.headers["Cache-Control"] = "no-store"
    return answer
