"""What people call the columns of an address book, in six languages.

Without capitals, with `email` for `e-mail`, and with spaces for any punctuation.
"""

from __future__ import annotations

from typing import Final

#: By the part of a name.
NAMES: Final = {
    "full": (
        "name|full name|fullname|display name|contact name|contact|nom complet|nom|nombre"
        "|nombre completo|naam|nome|nome completo|vollständiger name|anzeigename"
    ),
    "given": (
        "first name|firstname|given name|givenname|forename|vorname|prénom|prenom|voornaam"
        "|nombre de pila"
    ),
    "family": (
        "last name|lastname|family name|surname|nachname|familienname|nom de famille"
        "|apellidos|apellido|achternaam|cognome"
    ),
    "additional": "middle name|middlename|additional name|weitere vornamen|segundo nombre",
    "prefix": "prefix|name prefix|salutation|honorific|anrede|civilité|tratamiento|aanhef",
    "suffix": "suffix|name suffix|suffixe|sufijo",
}
#: By the field of a contact that holds one text.
TEXTS: Final = {
    "organisation": (
        "company|company name|organisation|organization|organisation name|organization name"
        "|employer|business|firma|unternehmen|société|societe|entreprise|empresa|organización"
        "|bedrijf|azienda|società"
    ),
    "title": (
        "title|job title|jobtitle|position|function|funktion|fonction|poste|puesto|cargo"
        "|functie|posizione"
    ),
    "role": "role|occupation|profession|beruf|profesión|beroep|professione",
    "birthday": (
        "birthday|birth date|birthdate|date of birth|dob|geburtstag|geburtsdatum"
        "|date de naissance|anniversaire|cumpleaños|fecha de nacimiento|verjaardag"
        "|geboortedatum|compleanno|data di nascita"
    ),
    "note": (
        "note|notes|comment|comments|remark|remarks|description|notiz|notizen|bemerkung"
        "|bemerkungen|remarque|remarques|nota|notas|notitie|notities|opmerkingen"
    ),
}
#: By the field of a contact that holds several texts.
LISTS: Final = {
    "nicknames": "nickname|nick name|spitzname|surnom|apodo|bijnaam|soprannome",
    "units": "department|abteilung|service|departamento|afdeling|reparto",
}
EMAILS: Final = (
    "email|email address|email addresses|emailaddress|mail|mail address|emailadresse"
    "|email adresse|adresse email|adresse mail|courriel|correo|correo electrónico"
    "|emailadres|indirizzo email|posta elettronica"
)
LINKS: Final = (
    "website|web site|url|web|homepage|home page|web page|webpage|webseite|internet|site web"
    "|página web|sitio web|webpagina|sito web|link|linkedin|linkedin url"
)
#: By the type of a phone; those without one first.
PHONES: Final = {
    "": (
        "phone|phone number|phonenumber|telephone|telephone number|tel|telefon"
        "|telefonnummer|festnetz|téléphone|telephone fixe|teléfono|telefono|telefoon"
        "|telefoonnummer"
    ),
    "cell": (
        "mobile|mobile phone|mobile number|mobilephone|cell|cell phone|cellphone|cellular|handy"
        "|handynummer|mobil|mobiltelefon|mobilnummer|portable|téléphone portable|móvil"
        "|teléfono móvil|mobiel|mobiele telefoon|cellulare"
    ),
    "fax": "fax|fax number|faxnummer|télécopie|telefax",
    "pager": "pager|pager number",
}
#: By the part of an address.
ADDRESSES: Final = {
    "street": (
        "street|street address|street name|address|address line|addressline|strasse|straße"
        "|str|adresse|anschrift|rue|calle|dirección|straat|adres|via|indirizzo"
    ),
    "extended": "address extension|extended address|apartment|suite|adresszusatz",
    "locality": (
        "city|town|locality|ort|stadt|wohnort|ville|ciudad|localidad|plaats|woonplaats"
        "|stad|città|comune"
    ),
    "region": (
        "state|region|province|county|state province|bundesland|kanton|région|provincia|provincie"
    ),
    "postal_code": (
        "zip|zip code|zipcode|postal code|postalcode|postcode|post code|plz|postleitzahl"
        "|code postal|código postal|cap"
    ),
    "country": "country|country region|land|pays|país|paese|nation",
    "po_box": "po box|pobox|post office box|postfach|boîte postale",
}
#: Words around such a name, by the type that they stand for.
QUALIFIERS: Final = {
    "work": "work|business|office|company|geschäftlich|dienstlich|bureau|trabajo|werk|ufficio",
    "home": "home|private|personal|privat|privée|domicile|particular|thuis|casa",
}
#: Words around such a name that tell one of several from the others.
PREFERRED: Final = "primary|main|preferred|haupt"
FURTHER: Final = "secondary|other|alternative|second|weitere|further"
