"""Pages of the contact service."""

from crm_contacts.pages.contact_pages import CONTACT_PAGES
from crm_contacts.pages.import_pages import IMPORT_PAGES
from crm_contacts.pages.organising_pages import ORGANISING_PAGES
from meishi.sdk.plugin import NavigationEntry

PAGES = (*CONTACT_PAGES, *IMPORT_PAGES, *ORGANISING_PAGES)

NAVIGATION = (NavigationEntry(page="list", title="Contacts", icon="address-book", order=10),)

__all__ = ["NAVIGATION", "PAGES"]
