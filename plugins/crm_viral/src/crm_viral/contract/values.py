"""What referral programmes are made of."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from msgspec import UNSET, UnsetType

MAX_PAGE = 200
#: Links that one participant may have in a programme.
MAX_LINKS = 50


class ProgrammeState(StrEnum):
    """Whether a programme counts what happens; its links lead to the sign-up in any case."""

    LIVE = "live"
    PAUSED = "paused"


@dataclass(frozen=True, slots=True, kw_only=True)
class ProgrammeRules:
    """What a programme promises.

    Amounts are whole numbers of the smallest `unit`. A touch counts for a sign-up within
    `window_days`. `person_cap` is what one referrer gets at most, `budget` what all get together;
    None is no limit.
    """

    name: str
    starts_at: datetime
    ends_at: datetime | None = None
    state: ProgrammeState = ProgrammeState.LIVE
    unit: str = "credit"
    referrer_reward: int = 0
    referee_reward: int = 0
    window_days: int = 30
    person_cap: int | None = None
    budget: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ProgrammeChanges:
    """What of a programme becomes something else."""

    name: str | UnsetType = UNSET
    starts_at: datetime | UnsetType = UNSET
    ends_at: datetime | UnsetType | None = UNSET
    state: ProgrammeState | UnsetType = UNSET
    referrer_reward: int | UnsetType = UNSET
    referee_reward: int | UnsetType = UNSET
    window_days: int | UnsetType = UNSET
    person_cap: int | UnsetType | None = UNSET
    budget: int | UnsetType | None = UNSET


@dataclass(frozen=True, slots=True, kw_only=True)
class Programme:
    """A programme, and what of its budget is spent.

    `rule_version` grows whenever what is promised changes; what was promised before stays.
    """

    id: UUID
    rules: ProgrammeRules
    rule_version: int
    spent: int
    version: int
    created_at: datetime
    updated_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ProgrammePage:
    """Programmes in order of creation; `next_after` is None on the last page."""

    items: tuple[Programme, ...]
    next_after: UUID | None
    total: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Participant:
    """A user of this workspace who takes part in a programme, and what they have got for it."""

    id: UUID
    programme_id: UUID
    user_id: UUID
    earned: int
    joined_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ParticipantPage:
    """Participants in the order in which they came."""

    items: tuple[Participant, ...]
    next_after: UUID | None
    total: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """An address that somebody shares; `code` is what people type instead.

    Nobody can change one, so its version stays.
    """

    id: UUID
    programme_id: UUID
    participant_id: UUID
    user_id: UUID
    code: str
    url: str
    label: str | None
    created_at: datetime
    version: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkPage:
    """Links in order of creation."""

    items: tuple[Link, ...]
    next_after: UUID | None
    total: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkImage:
    """A link as a code to scan."""

    media_type: str
    body: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Followed:
    """Where a link leads, and for how many seconds the browser remembers that."""

    referral: str
    seconds: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Touch:
    """Somebody has followed a link; who that was, nobody can tell."""

    id: UUID
    programme_id: UUID
    link_id: UUID
    channel: str | None
    placement: str | None
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class TouchPage:
    """Touches in order of time."""

    items: tuple[Touch, ...]
    next_after: UUID | None
    total: int | None


class AttributionMethod(StrEnum):
    """Why somebody is the referrer: their code was typed, or their link was followed last."""

    TYPED_CODE = "typed_code"
    LAST_CLICK = "last_click"


class Verdict(StrEnum):
    """Why a touch won or lost."""

    LAST = "last"
    EARLIER = "earlier"
    TOO_OLD = "too_old"
    AFTER_SIGN_UP = "after_sign_up"
    OWN_LINK = "own_link"


@dataclass(frozen=True, slots=True, kw_only=True)
class WeighedTouch:
    """A touch as the attribution saw it."""

    touch_id: UUID
    link_id: UUID
    at: datetime
    verdict: Verdict


class RewardRule(StrEnum):
    """Whose reward it is."""

    REFERRER = "referrer"
    REFEREE = "referee"


class Grant(StrEnum):
    """Whether a reward was granted, and if not, what stood against it."""

    GRANTED = "granted"
    NOTHING_PROMISED = "nothing_promised"
    PERSON_CAP = "person_cap"
    BUDGET = "budget"


@dataclass(frozen=True, slots=True, kw_only=True)
class WeighedReward:
    """A side of the double reward as it was decided."""

    rule: RewardRule
    amount: int
    grant: Grant


@dataclass(frozen=True, slots=True, kw_only=True)
class Conversion:
    """A sign-up and whom it is owed to, with all that the decision rests on.

    `referee_waits` says that the referee has a reward, but no workspace yet to get it in.
    """

    id: UUID
    programme_id: UUID
    link_id: UUID
    touch_id: UUID | None
    referrer_id: UUID
    referee_id: UUID
    method: AttributionMethod
    rule_version: int
    touches: tuple[WeighedTouch, ...]
    rewards: tuple[WeighedReward, ...]
    referee_waits: bool
    converted_at: datetime
    reversed_at: datetime | None
    version: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ConversionPage:
    """Conversions in the order in which they were decided."""

    items: tuple[Conversion, ...]
    next_after: UUID | None
    total: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class SignUp:
    """An account that has come into being, and what led to it."""

    user_id: UUID
    referral: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrival:
    """A sign-up as the workspace of its link hears of it; without a visitor a code was typed."""

    user_id: UUID
    link_id: UUID
    visitor: str | None
    at: datetime


class EntryKind(StrEnum):
    """What a line of the ledger does."""

    ACCRUE = "accrue"
    REVERSE = "reverse"


@dataclass(frozen=True, slots=True, kw_only=True)
class Reward:
    """A line of this workspace's ledger; a reversal has a negative amount, and names its cause."""

    id: UUID
    kind: EntryKind
    rule: RewardRule
    programme_id: UUID
    conversion_id: UUID
    beneficiary_id: UUID
    amount: int
    unit: str
    rule_version: int
    cause_id: UUID | None
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class RewardPage:
    """The ledger in its order."""

    items: tuple[Reward, ...]
    next_after: UUID | None
    total: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class DueReward:
    """The referee's side of a reward, on its way into their workspace."""

    conversion_id: UUID
    programme_id: UUID
    beneficiary_id: UUID
    amount: int
    unit: str
    rule_version: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Home:
    """A user, and the workspace in which they get what they are owed."""

    user_id: UUID
    workspace_id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class Cohort:
    """Participants who joined in a span of time, watched for as many days each."""

    programme_id: UUID
    since: datetime
    until: datetime
    horizon_days: int = 30


@dataclass(frozen=True, slots=True, kw_only=True)
class Growth:
    """How a cohort grows: each member brings `k` new people, between `k_low` and `k_high`.

    `invitations` per member times `conversion` of these is `k`. Only members whom the whole
    horizon has passed are counted; without any, there are no numbers.
    """

    members: int
    invitations: int
    activated: int
    invitations_each: float | None
    conversion: float | None
    k: float | None
    k_low: float | None
    k_high: float | None
    confidence: float
