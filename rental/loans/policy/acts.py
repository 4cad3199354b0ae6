"""The acts of the desk as they are wished for: when they happened, for how long, and why anyway."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from rental.foundation.clock import Moment
from rental.foundation.errors import Invalid
from rental.foundation.words import N_
from rental.inventory.policy import ACT_WORDS
from rental.loans.policy.lateness import due_date, within_expiry
from rental.loans.policy.states import Condition

MAX_SCAN_AGE = timedelta(days=14)
"""How long a scan may wait in a phone's queue."""

CLOCK_SKEW = timedelta(minutes=5)
"""How much a phone's clock may run ahead of ours."""

MIN_REASON = 5
MAX_REASON = 200
MAX_NOTE = 200
MAX_MISSING = 30
MAX_ACCESSORY = 60

MAX_DUE_AHEAD_DAYS = 730
"""No loan ends later than this, whatever the reason."""


class ScannedInTheFuture(Invalid):
    """The scan claims a moment that has not come yet."""

    field = "scanned_at"
    sentence = N_("扫码时间比现在还晚。请先把手机的日期和时间调准，再扫一次。")


class ScannedTooLongAgo(Invalid):
    """The scan waited too long to be recorded as if nothing had happened since."""

    field = "scanned_at"
    sentence = N_("这次扫码已超过 %(days)s 天，不能自动补记。请到窗口按现在的情况重新办理。")


class ReasonTooShort(Invalid):
    """A hand-over against a blocker needs a reason somebody can understand later."""

    field = "force_reason"
    sentence = N_("请写清楚为什么仍要借出，至少 %(n)s 个字。")


class DueInThePast(Invalid):
    """The loan would end before it begins."""

    field = "due_on"
    sentence = N_("归还日期不能早于借出那天，请改成 %(today)s 或以后。")


class DueTooFar(Invalid):
    """The loan would last longer than the policy allows."""

    field = "due_on"
    sentence = N_("这种器具最晚可以借到 %(latest)s，请改成这一天或以前；到期可以续借。")


class DueAfterExpiry(Invalid):
    """The unit may not be used as long as the loan would last."""

    field = "due_on"
    sentence = N_(
        "这件器具的有效期到 %(expires_on)s，归还日期请改成 %(latest)s 或以前；要用更久，请换一件。"
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Issue:
    """A wish to hand a unit over.

    Attributes:
        unit_code: The scanned unit.
        resident_code: Who takes it home.
        reservation_code: The promise it keeps; without one the resident's own for the kind.
        due_on: Last day of the loan; without one the reservation's or the policy's.
        force_reason: Why it is handed over against a blocker, at least 5 characters.
        resident_kg: What the resident weighs; needed where the unit bears only so much.
        taught: Whether the resident was assessed and taught to use it.
        scanned_at: When it happened, if the scan waited in an offline queue.
    """

    unit_code: str
    resident_code: str
    reservation_code: str | None = None
    due_on: date | None = None
    force_reason: str | None = None
    resident_kg: int | None = None
    taught: bool = False
    scanned_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Return:
    """A unit that has come back.

    Attributes:
        unit_code: The scanned unit.
        condition: How it looks.
        missing: Accessories that did not come back, by their Chinese names.
        note: Anything else.
        scanned_at: When it happened, if the scan waited in an offline queue.
    """

    unit_code: str
    condition: Condition = Condition.GOOD
    missing: tuple[str, ...] = ()
    note: str = ""
    scanned_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class LoanTerms:
    """What the due date of a loan is computed from.

    Attributes:
        today: Civil date of the hand-over.
        loan_days: How many days the kind is lent.
        reserved_until: Last day of the reservation, None for a walk-in.
        expires_on: Last day on which the unit may be used, None when it doesn't expire.
        next_open: The site's calendar: the day itself when open, else the next open day; the day
            itself as well while nobody can say which that is.
    """

    today: date
    loan_days: int
    reserved_until: date | None
    expires_on: date | None
    next_open: Callable[[date], date]

    @property
    def longest(self) -> date:
        """The last day that the policy allows; a promise that was given is kept."""
        by_policy = due_date(self.today, self.loan_days, self.next_open)
        return max(by_policy, self._promised or by_policy)

    @property
    def usual(self) -> date:
        """The last day when nobody asks for another."""
        return self.usable(self._promised or due_date(self.today, self.loan_days, self.next_open))

    def usable(self, day: date) -> date:
        """Return the open day, or an earlier one when the unit may not be used until then."""
        return max(within_expiry(day, self.expires_on, self.next_open), self.today)

    @property
    def _promised(self) -> date | None:
        if self.reserved_until is None or self.reserved_until < self.today:
            return None
        return self.next_open(self.reserved_until)


def moment_of_scan(scanned_at: datetime | None, now: Moment) -> Moment:
    """Return the moment of the act: that of the scan, at most now; now without one.

    Args:
        scanned_at: Aware instant from an offline queue.
        now: The present moment.

    Raises:
        ScannedInTheFuture: If it lies more than 5 minutes ahead.
        ScannedTooLongAgo: If it lies more than 14 days back.
    """
    if scanned_at is None:
        return now
    if scanned_at > now.at + CLOCK_SKEW:
        raise ScannedInTheFuture
    if scanned_at < now.at - MAX_SCAN_AGE:
        raise ScannedTooLongAgo(days=MAX_SCAN_AGE.days)
    return Moment.of(min(scanned_at, now.at))


def reason_of(text: str | None) -> str | None:
    """Return the reason without the space around it, None when there is none.

    Raises:
        ReasonTooShort: If it has fewer than 5 characters.
    """
    reason = (text or "").strip()
    if not reason:
        return None
    if len(reason) < MIN_REASON:
        raise ReasonTooShort(n=MIN_REASON)
    return reason[:MAX_REASON]


def agreed_due_date(wish: date | None, terms: LoanTerms, *, forced: bool) -> date:
    """Return the last day of the loan; a wish on a closed day moves to the next open day.

    Args:
        wish: The day asked for, None for the usual one.
        terms: What it is computed from.
        forced: Whether a reason was given; then the loan may be longer than the policy allows, and
            the blocker `DUE_TOO_FAR` says so.

    Raises:
        DueInThePast: If the wish lies before the hand-over.
        DueTooFar: If it lies after what the policy allows, or two years ahead.
        DueAfterExpiry: If the unit may not be used until then, whatever the reason.
    """
    if wish is None:
        return terms.usual
    if wish < terms.today:
        raise DueInThePast(today=terms.today)
    latest = terms.today + timedelta(days=MAX_DUE_AHEAD_DAYS) if forced else terms.longest
    if wish > latest:
        raise DueTooFar(latest=latest)
    if terms.expires_on is not None and wish > terms.expires_on:
        raise DueAfterExpiry(expires_on=terms.expires_on, latest=terms.usable(wish))
    return terms.usable(terms.next_open(wish))


ACT_WORDS["issued_forced"] = N_("特殊情况借出")
