"""Public pages: a scanned code, the page of a card, and its contact file."""

from __future__ import annotations

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
from qr.landing import card_page, content_security_policy, gone_page
from qr.visits import device_class, referrer_host

_HTML = "text/html; charset=utf-8"
_FILE_TYPE = "text/vcard; charset=utf-8"


def public_pages() -> list[PublicPage]:
    """Return every page that anybody may open."""
    return [
        *(
            PublicPage(rule=f"{path}<code>", resolve=_workspace_of_code, view=_scanned)
            for path in (CODE_PATH, CODE_PATH.lower())
        ),
        PublicPage(rule=f"{CARD_PATH}<slug>", resolve=_workspace_of_card, view=_page),
        PublicPage(rule=f"{CARD_PATH}<slug>/card.vcf", resolve=_workspace_of_card, view=_file),
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
    """Show a card."""
    found = _card(slug)
    if isinstance(found, Response):
        return found
    _note(CardViewed, found.card_id, Channel.PAGE)
    return _html(card_page(found))


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
    device = device_class(request.headers.get("User-Agent", ""))
    if device is DeviceClass.BOT or request.method == "HEAD":
        return
    publish(
        event(
            card_id=card_id,
            code_id=code_id,
            channel=channel,
            device_class=device,
            referrer_host=referrer_host(request.headers.get("Referer")),
        )
    )


def _gone(error: CodeRetired | CardWithdrawn) -> Response:
    return _html(gone_page(error.title, error.detail), 410)


def _html(text: str, status: int = 200) -> Response:
    """Return a page that is never kept, as views are counted, and names no address elsewhere."""
    answer = Response(text, status, content_type=_HTML)
    answer.headers["Content-Security-Policy"] = content_security_policy()
    answer.headers["Referrer-Policy"] = "no-referrer"
    answer.headers["Cache-Control"] = "no-store"
    return answer
