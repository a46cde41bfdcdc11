"""Words that pages show out of the data: kinds of numbers, states of imports, relationships."""

from crm_contacts.contract import RelationshipType
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
