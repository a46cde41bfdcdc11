"""Finding contacts that are one and the same: a pure engine, which knows of no database.

A contact becomes a `Profile`; profiles that share a blocking key are compared field by field, and
each field weighs for or against by the base-2 logarithm of how much likelier it would be of one
and the same contact than of two (Fellegi and Sunter, 1969). The weights follow from facts about
people and addresses, never from a set of pairs.
"""

from crm_contacts.duplicates.clusters import Pair, clusters_of
from crm_contacts.duplicates.frequencies import Frequencies
from crm_contacts.duplicates.keys import MAX_KEYS, blocking_keys
from crm_contacts.duplicates.profiles import Profile, profile_of
from crm_contacts.duplicates.scoring import compare

__all__ = [
    "MAX_KEYS",
    "Frequencies",
    "Pair",
    "Profile",
    "blocking_keys",
    "clusters_of",
    "compare",
    "profile_of",
]
