"""What the viral engine refuses."""

from __future__ import annotations

from meishi.sdk.contract import DomainError


class ProgrammeNotFound(DomainError):
    """No such programme in this workspace."""

    code = "programme-not-found"
    title = "Programme not found"
    status = 404


class ProgrammeInvalid(DomainError):
    """The rules of a programme contradict each other."""

    code = "programme-invalid"
    title = "The programme cannot be run like this"
    status = 422


class ProgrammeNotLive(DomainError):
    """The programme is paused, over, or has not begun."""

    code = "programme-not-live"
    title = "The programme is not running"
    status = 409


class NobodyActs(DomainError):
    """Only a person can take part: the workspace's own tokens and operators are none."""

    code = "nobody-acts"
    title = "Only a person can take part"
    status = 409


class TooManyLinks(DomainError):
    """A participant has as many links as one may have."""

    code = "too-many-links"
    title = "Too many links"
    status = 409


class LinkNotFound(DomainError):
    """No such link in this workspace."""

    code = "link-not-found"
    title = "Link not found"
    status = 404


class ImageUnavailable(DomainError):
    """The module that draws codes is not there."""

    code = "image-unavailable"
    title = "No module draws codes here"
    status = 409


class ConversionNotFound(DomainError):
    """No such conversion in this workspace."""

    code = "conversion-not-found"
    title = "Conversion not found"
    status = 404


class CohortInvalid(DomainError):
    """The days that were asked for are none of a cohort."""

    code = "cohort-invalid"
    title = "This is no cohort"
    status = 422


class SampleExists(DomainError):
    """There is a programme in this workspace, which a sample must not mix with."""

    code = "sample-exists"
    title = "There is a programme already"
    status = 409
