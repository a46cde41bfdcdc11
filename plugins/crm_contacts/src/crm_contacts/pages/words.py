"""Words that pages show out of the data: kinds of numbers, states, colours, relationships."""

from crm_contacts.contract import (
    Access,
    Agreement,
    ChangeAction,
    ChangeSource,
    ConsentChannel,
    ConsentState,
    CustomFieldType,
    RelationshipType,
    TagColour,
    Visibility,
)
from crm_contacts.unmerging import CHANGED, GONE, REMOVED, TARGET_GONE
from meishi.sdk.texts import noted

#: Besides those that a form offers (RFC 6350, 6.4.1, and what older cards say).
KINDS = (
    noted("internet"),
    noted("main"),
    noted("mobile"),
    noted("other"),
    noted("pager"),
    noted("pref"),
    noted("text"),
    noted("textphone"),
    noted("video"),
    noted("voice"),
)
STATES = (noted("uploaded"), noted("running"), noted("completed"))

#: What colours of tags are called.
COLOURS = {
    TagColour.GRAY: noted("Gray"),
    TagColour.BLUE: noted("Blue"),
    TagColour.CYAN: noted("Cyan"),
    TagColour.TEAL: noted("Teal"),
    TagColour.GREEN: noted("Green"),
    TagColour.LIME: noted("Lime"),
    TagColour.YELLOW: noted("Yellow"),
    TagColour.ORANGE: noted("Orange"),
    TagColour.RED: noted("Red"),
    TagColour.PINK: noted("Pink"),
    TagColour.PURPLE: noted("Purple"),
    TagColour.INDIGO: noted("Indigo"),
}

#: What kinds of custom fields are called.
FIELD_TYPES = {
    CustomFieldType.TEXT: noted("Text"),
    CustomFieldType.NUMBER: noted("Number"),
    CustomFieldType.DATE: noted("Date"),
    CustomFieldType.BOOLEAN: noted("Yes or no"),
    CustomFieldType.CHOICE: noted("Choice"),
    CustomFieldType.URL: noted("Web address"),
}

#: How somebody is reached, and what they have said to it.
CHANNELS = {
    ConsentChannel.EMAIL: noted("Email"),
    ConsentChannel.PHONE: noted("Phone"),
    ConsentChannel.SMS: noted("SMS"),
    ConsentChannel.POST: noted("Post"),
}
#: What histories tell of whose a contact is.
SHARING = {
    "owner_id": noted("Owner"),
    "visibility": noted("Who sees it"),
    "shared_with": noted("Shared with"),
}
#: Who sees a contact, and what those may do with whom it is shared.
VISIBILITIES = {
    Visibility.WORKSPACE: noted("everybody in the workspace"),
    Visibility.PRIVATE: noted("the owner, and those it is shared with"),
}
ACCESSES = {Access.READ: noted("may read it"), Access.WRITE: noted("may change it")}

CONSENT_STATES = {
    ConsentState.GRANTED: noted("granted"),
    ConsentState.DENIED: noted("denied"),
    ConsentState.UNKNOWN: noted("not known"),
}

#: What a contact is to the one on whose page it stands (RFC 6350, 6.6.6).
RELATIONSHIPS = {
    RelationshipType.CONTACT: noted("Contact"),
    RelationshipType.ACQUAINTANCE: noted("Acquaintance"),
    RelationshipType.FRIEND: noted("Friend"),
    RelationshipType.MET: noted("Met"),
    RelationshipType.CO_WORKER: noted("Co-worker"),
    RelationshipType.COLLEAGUE: noted("Colleague"),
    RelationshipType.CO_RESIDENT: noted("Housemate"),
    RelationshipType.NEIGHBOR: noted("Neighbour"),
    RelationshipType.CHILD: noted("Child"),
    RelationshipType.PARENT: noted("Parent"),
    RelationshipType.SIBLING: noted("Sibling"),
    RelationshipType.SPOUSE: noted("Spouse"),
    RelationshipType.KIN: noted("Relative"),
    RelationshipType.MUSE: noted("Muse"),
    RelationshipType.CRUSH: noted("Crush"),
    RelationshipType.DATE: noted("Date"),
    RelationshipType.SWEETHEART: noted("Sweetheart"),
    RelationshipType.ME: noted("The same person"),
    RelationshipType.AGENT: noted("Agent"),
    RelationshipType.EMERGENCY: noted("Emergency contact"),
}
#: The same, where it is the other way round and that is something else.
RELATIONSHIPS_FROM_BEHIND = {
    RelationshipType.CHILD: noted("Parent"),
    RelationshipType.PARENT: noted("Child"),
    RelationshipType.MUSE: noted("Muse of"),
    RelationshipType.CRUSH: noted("Crush of"),
    RelationshipType.AGENT: noted("Agent of"),
    RelationshipType.EMERGENCY: noted("Emergency contact of"),
}

#: What lists are filtered by, where it is called otherwise than what of contacts is compared.
FILTERED = {
    "id": noted("Chosen contacts"),
    "email": noted("Email"),
    "phone": noted("Phone"),
    "link": noted("Link"),
    "address": noted("Address"),
    "street": noted("Street"),
    "locality": noted("Town"),
    "region": noted("Region"),
    "postal_code": noted("Postal code"),
    "country": noted("Country"),
    "nickname": noted("Nickname"),
    "unit": noted("Department"),
    "past_organisation": noted("Former organisation"),
    "past_title": noted("Former title"),
    "photo": noted("Photo"),
    "visibility": noted("Who sees it"),
    "created_at": noted("Added"),
    "updated_at": noted("Changed"),
    "tag": noted("Tag"),
    "list": noted("List"),
    "segment": noted("Segment"),
}
MONTHS = (
    noted("January"), noted("February"), noted("March"), noted("April"), noted("May"),
    noted("June"), noted("July"), noted("August"), noted("September"), noted("October"),
    noted("November"), noted("December"),
)  # fmt: skip
#: What a contact may stand for.
KIND_NAMES = {
    "individual": noted("a person"),
    "org": noted("an organisation"),
    "group": noted("a group"),
    "location": noted("a place"),
    "device": noted("a device"),
    "application": noted("an application"),
}
#: What of two contacts is compared, or kept.
EVIDENCE = {
    "name": noted("Name"),
    "given_name": noted("Given name"),
    "family_name": noted("Family name"),
    "suffix": noted("Suffix"),
    "kind": noted("Kind"),
    "uid": noted("UID"),
    "organisation": noted("Organisation"),
    "title": noted("Title"),
    "role": noted("Role"),
    "positions": noted("Job history"),
    "birthday": noted("Birthday"),
    "note": noted("Note"),
    "nicknames": noted("Nicknames"),
    "emails": noted("Email"),
    "office": noted("Address of an office"),
    "phones": noted("Phone"),
    "addresses": noted("Address"),
    "links": noted("Link"),
    "identifiers": noted("Number"),
    "tags": noted("Tags"),
    "custom": noted("Custom fields"),
    "raw": noted("Other properties"),
    "relationships": noted("Relationships"),
    "consent_email": noted("Consent to email"),
    "consent_phone": noted("Consent to calls"),
    "consent_sms": noted("Consent to SMS"),
    "consent_post": noted("Consent to post"),
    "contact": noted("Contact"),
    "household": noted("What a household shares"),
    "prior": noted("How many contacts there are"),
}
#: What was done to a contact, and where that came from.
ACTIONS = {
    ChangeAction.CREATED: noted("Created"),
    ChangeAction.UPDATED: noted("Changed"),
    ChangeAction.DELETED: noted("Deleted"),
    ChangeAction.RESTORED: noted("Restored"),
}
SOURCES = {
    ChangeSource.USER: noted("by hand"),
    ChangeSource.IMPORT: noted("by an import"),
    ChangeSource.MERGE: noted("by a merge"),
    ChangeSource.ENRICHMENT: noted("by enrichment"),
    ChangeSource.BULK_EDIT: noted("by an edit of many contacts"),
    ChangeSource.REVERT: noted("put back"),
    ChangeSource.UNMERGE: noted("as a merge was taken back"),
    ChangeSource.UNDO: noted("as an import was undone"),
}
AGREEMENTS = {
    Agreement.SAME: noted("the same"),
    Agreement.SIMILAR: noted("similar"),
    Agreement.DIFFERENT: noted("different"),
    Agreement.MISSING: "",
}
#: Why something stays although a merge is taken back, by what the report says.
REASONS = {
    CHANGED: noted("It was changed after the merge."),
    GONE: noted("It was changed or removed after the merge."),
    REMOVED: noted("Relationships were removed after the merge."),
    TARGET_GONE: noted("The contact that took it was deleted since; what it took stays in that."),
}
