"""What a telephone number says: country, time zone, and kind of line."""

from __future__ import annotations

from collections.abc import Iterator

from crm_enrichment.contract import Field, Finding, Input, Method, PhoneType, Provider, Subject

_CONFIDENCE = {Field.COUNTRY: 0.95, Field.TIME_ZONE: 0.85, Field.PHONE_TYPE: 0.9}
#: A number without its country code is that of the region which is usual here, or it is not.
_REGION_ASSUMED = 0.7
_UNKNOWN_ZONE = "Etc/Unknown"


def _lookup(subjects: tuple[Subject, ...]) -> tuple[Finding, ...]:
    return tuple(finding for subject in subjects for finding in _findings(subject))


def _findings(subject: Subject) -> Iterator[Finding]:
    """Yield what the first number says that is a valid one."""
    for written in subject.phones:
        values = _values(written, subject.default_region)
        if values:
            sure = 1.0 if written.startswith("+") else _REGION_ASSUMED
            for field, value in values.items():
                yield Finding(
                    contact_id=subject.contact_id,
                    field=field,
                    value=value,
                    source=f"phone:{written}"[:200],
                    quote=written,
                    confidence=round(_CONFIDENCE[field] * sure, 2),
                )
            return


def _values(written: str, region: str | None) -> dict[Field, str]:
    """Return what a number says for sure: a country code of several countries says none."""
    import phonenumbers
    from phonenumbers import timezone

    try:
        number = phonenumbers.parse(written, region)
    except phonenumbers.NumberParseException:
        return {}
    country = phonenumbers.region_code_for_number(number)
    if country is None or not phonenumbers.is_valid_number_for_region(number, country):
        return {}
    found = {}
    if country != phonenumbers.REGION_CODE_FOR_NON_GEO_ENTITY:
        found[Field.COUNTRY] = country
    kind = _types().get(phonenumbers.number_type(number))
    if kind is not None:
        found[Field.PHONE_TYPE] = kind.value
    zones = timezone.time_zones_for_number(number)
    if len(zones) == 1 and zones[0] != _UNKNOWN_ZONE:
        found[Field.TIME_ZONE] = zones[0]
    return found


def _types() -> dict[int, PhoneType]:
    from phonenumbers import PhoneNumberType

    return {
        PhoneNumberType.MOBILE: PhoneType.MOBILE,
        PhoneNumberType.FIXED_LINE: PhoneType.LANDLINE,
        PhoneNumberType.TOLL_FREE: PhoneType.TOLL_FREE,
        PhoneNumberType.SHARED_COST: PhoneType.SHARED_COST,
        PhoneNumberType.VOIP: PhoneType.VOIP,
        PhoneNumberType.PERSONAL_NUMBER: PhoneType.PERSONAL,
    }


PHONE = Provider(
    name="phone",
    title="Telephone numbers",
    inputs=frozenset({Input.PHONES}),
    outputs=frozenset({Field.COUNTRY, Field.TIME_ZONE, Field.PHONE_TYPE}),
    method=Method.RULES,
    lookup=_lookup,
)
