"""What agreeing and disagreeing is worth, in bits, and why.

A weight is log2(m / u): `m` is how often the same person shows this twice, `u` how often two
people who have nothing to do with each other do. People mistype about one name in ten and write
one in twenty in a way that nobody could have guessed; half of them have moved, or have another
address or number, within ten years.
"""

from __future__ import annotations

from math import log2

#: Names: `m` of the same spelling, of a similar one, of another one.
NAME_SAME, NAME_SIMILAR, NAME_OTHER = 0.85, 0.11, 0.04
#: A name has about five others within reach of a slip.
NEIGHBOURS = 5
#: An initial stands for one of about twelve.
INITIAL = log2(0.9 * 12)
#: Given and family name stand in each other's place once in a hundred cards.
SWAPPED = -log2(1 / 0.08)
NAME_DIFFERS = log2(NAME_OTHER / 0.98)
SUFFIX_DIFFERS = -4.0

#: Birthdays: one of 365 days, in one of about 60 years.
DAYS, YEARS = 365, 60
BIRTHDAY_SAME = log2(0.9 * DAYS * YEARS)
#: Forms that ask for a date are filled with the first of January.
BIRTHDAY_PLACEHOLDER = BIRTHDAY_SAME - 5
#: One digit wrong, or two exchanged: about 28 dates are so close.
BIRTHDAY_SLIP = log2(0.06 * DAYS * YEARS / 28)
#: Two of the three parts agree: one of about 220 dates.
BIRTHDAY_TWO_PARTS = log2(0.02 * 220)
BIRTHDAY_DAY = log2(0.9 * DAYS)
BIRTHDAY_YEAR = log2(0.9 * YEARS)
BIRTHDAY_DIFFERS = log2(0.02)

#: An address of one's own is shared by few; that of an office by all who work there.
EMAIL_SAME, EMAIL_OFFICE, EMAIL_LOCAL, EMAIL_SLIP = 15.0, 5.0, 7.0, 8.0
#: People have several addresses and numbers, and change them.
EMAIL_DIFFERS, PHONE_DIFFERS = log2(0.35), log2(0.4)
#: A number is that of a household or of an office as often as that of a person.
PHONE_SAME, PHONE_SLIP = 13.0, 4.0

LINK_SAME = 12.0
#: Numbers that tell people apart; a slip of one digit or two exchanged.
IDENTIFIER_SAME, IDENTIFIER_SLIP, IDENTIFIER_DIFFERS = 17.0, 8.0, -4.0
#: A UID is the same in copies of a card; another one says nothing, as each program makes its own.
UID_SAME = 20.0

#: Where given name, birthday or suffix differ, all that two have in common but identifiers is worth
#: so much more than the prior at most: couples share a mailbox, twins a birthday, a father and his
#: son a name, about as often as somebody is written down so differently.
FAMILIES = 10.0
#: Where no given name is the same, but alike or not there: families choose names that are alike,
#: about as often as people mistype them. It is too little to be certain.
ALIKE = 9.0

#: Addresses: the town or its postal code, then the street, then the number.
POSTCODE_SAME, POSTCODE_SLIP, LOCALITY_SIMILAR = 8.0, 4.0, 4.0
STREET_SAME, STREET_SIMILAR, STREET_DIFFERS = 7.0, 5.0, -2.0
NUMBER_SAME, NUMBER_DIFFERS = 4.0, -1.0
PLACE_DIFFERS = -2.0

ORGANISATION_SIMILAR, ORGANISATION_DIFFERS = 3.0, -1.0
KIND_DIFFERS = -8.0

#: Similarity of Jaro and Winkler from which on one name may be a slip of the other.
SIMILAR_NAME, SIMILAR_STREET, SIMILAR_ORGANISATION = 0.88, 0.88, 0.92
