"""Pages of the QR generator: those of the console, and those that anybody may open."""

from meishi.sdk.plugin import NavigationEntry, Page, Panel
from qr.pages.card import card_page
from qr.pages.codes import code_png, code_svg, delete_code, new_code, restore_code
from qr.pages.editing import edit_card, new_card
from qr.pages.exchanges import card_exchanges, contact_exchanges, exchange_list
from qr.pages.listing import card_list
from qr.pages.panel import contact_cards
from qr.pages.public import public_pages

_FORM = ("GET", "POST")

PAGES = (
    Page(name="list", rule="", view=card_list, title="Cards", permission="read"),
    Page(
        name="new", rule="/new", view=new_card, title="New card", permission="write", methods=_FORM
    ),
    Page(
        name="exchanges", rule="/exchanges", view=exchange_list, title="Exchanges",
        permission="exchanges",
    ),
    Page(name="card", rule="/<uuid:card_id>", view=card_page, title="Card", permission="read"),
    Page(
        name="edit", rule="/<uuid:card_id>/edit", view=edit_card, title="Edit card",
        permission="write", methods=_FORM,
    ),
    Page(
        name="new_code", rule="/<uuid:card_id>/new-code", view=new_code, title="New code",
        permission="write", methods=_FORM,
    ),
    Page(
        name="delete_code", rule="/codes/<uuid:code_id>/delete", view=delete_code,
        title="Take code out of use", permission="write", methods=("POST",),
    ),
    Page(
        name="restore_code", rule="/codes/<uuid:code_id>/restore", view=restore_code,
        title="Restore code", permission="write", methods=("POST",),
    ),
    Page(
        name="code_svg", rule="/codes/<uuid:code_id>/code.svg", view=code_svg, title="Code",
        permission="read",
    ),
    Page(
        name="code_png", rule="/codes/<uuid:code_id>/code.png", view=code_png, title="Code",
        permission="read",
    ),
)  # fmt: skip

NAVIGATION = (
    NavigationEntry(page="list", title="Cards", icon="qrcode", order=20),
    NavigationEntry(page="exchanges", title="Exchanges", icon="arrows-exchange", order=30),
)

PANELS = (
    Panel(
        page="crm_contacts.contact", name="cards", title="Cards", render=contact_cards,
        permission="read",
    ),
    Panel(
        page="crm_contacts.contact", name="contact_exchanges", title="Came through a card",
        render=contact_exchanges, permission="exchanges",
    ),
    Panel(
        page="qr.card", name="card_exchanges", title="Exchanges", render=card_exchanges,
        permission="exchanges",
    ),
)  # fmt: skip

__all__ = ["NAVIGATION", "PAGES", "PANELS", "public_pages"]
