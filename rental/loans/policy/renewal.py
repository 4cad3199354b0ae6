"""When a loan may be renewed, and until when."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from rental.foundation.actor import KNOWS_PEOPLE
from rental.foundation.errors import Conflict, DomainError
from rental.foundation.words import N_
from rental.loans.policy.lateness import due_date
from rental.loans.policy.states import LoanState
from rental.reservations.policy import Change, lowest

_DAY = timedelta(days=1)

OPENS_DAYS_BEFORE = 14
"""Default of the policy: how many days before the due date renewing opens."""

CHECKS_UP = KNOWS_PEOPLE
"""Who checks a device up before it stays longer, and may therefore renew any loan."""


class LoanNotOpen(Conflict):
    """The loan has ended."""

    sentence = N_("这件器具已经办完归还，不用再续借。还需要的话，请重新预约。")


class RenewalTooEarly(Conflict):
    """Renewing hasn't opened yet."""

    sentence = N_("现在续借还早，%(opens_on)s 起就可以办，到时再来或打电话给我们都行。")


class RenewedTooOften(Conflict):
    """The loan was renewed as often as the policy allows."""

    sentence = N_(
        "这次租借已续借 %(max_renewals)s 次，不能再续。请最晚 %(due_on)s 归还；"
        "还需要的话请打电话给我们。"
    )


class EligibilityHasEnded(Conflict):
    """The decision on eligibility no longer holds."""

    sentence = N_("您的租借资格只到 %(eligible_until)s 为止。请先重新申请，通过后就可以续借。")


class EligibilityMissing(Conflict):
    """There never was a decision on eligibility."""

    sentence = N_("还没有审核通过的租借资格。请先提交申请，通过后就可以续借。")


class OthersAreWaiting(Conflict):
    """Somebody waits for a unit of the kind."""

    sentence = N_(
        "还有居民在等这种器具，这次不能续借。请最晚 %(due_on)s 归还；"
        "实在离不开，请打电话给我们想办法。"
    )


class PromisedAfterDue(Conflict):
    """Every unit of the kind is promised for the days after the due date."""

    sentence = N_(
        "这种器具在 %(due_on)s 以后已约给别人，这次不能续借。请按时归还；"
        "实在离不开，请打电话给我们想办法。"
    )


class DeviceExpires(Conflict):
    """The device may not be used longer than it is lent already."""

    sentence = N_(
        "这件器具的有效期到 %(expires_on)s，不能再续借。请拿来换一件；"
        "不方便来，请打电话给我们想办法。"
    )


class CheckUpNeeded(Conflict):
    """The device needs a check-up before it stays longer."""

    sentence = N_("续借这种器具前要先检查一次。请打电话给我们约时间，检查后马上可以续借。")


@dataclass(frozen=True, slots=True, kw_only=True)
class RenewalFacts:
    """What the rules need to know of a loan that somebody wants to renew.

    Attributes:
        state: The loan's state.
        due_on: Last day of the loan as it stands.
        renewed_until: Last day of the loan when it is renewed.
        expires_on: Last day on which the device may be used, None when it doesn't expire.
        renewals: How often it was renewed.
        max_renewals: How often the policy allows.
        eligible_until: Last day of the decision, or of the one that ended last, None when there
            never was one.
        waiting: Whether somebody waits for the kind.
        free_after_due: Whether the kind has a free unit, this one counted, on every day that the
            renewal takes away; see `is_free_for_renewal`.
        needs_check_up: Whether the kind needs a check-up at renewal (H4, F2).
        checked_up: Whether it was done during this period.
        opens_days_before: How many days before the due date renewing opens.
        today: Civil date.
    """

    state: LoanState
    due_on: date
    renewed_until: date
    expires_on: date | None = None
    renewals: int
    max_renewals: int
    eligible_until: date | None
    waiting: bool
    free_after_due: bool
    needs_check_up: bool = False
    checked_up: bool = False
    opens_days_before: int = OPENS_DAYS_BEFORE
    today: date

    @property
    def opens_on(self) -> date:
        """First day on which the loan may be renewed."""
        return self.due_on - timedelta(days=self.opens_days_before)


def renewal_refusal(facts: RenewalFacts) -> DomainError | None:
    """Return why the loan can't be renewed, None when it can.

    A late loan may be renewed: nobody is helped by a device that is chased while nobody waits.
    A decision that ends during the new period is no reason to refuse: it brings a reminder.
    """
    for look in (
        _look_at_loan,
        _look_at_expiry,
        _look_at_eligibility,
        _look_at_others,
        _look_at_device,
    ):
        refusal = look(facts)
        if refusal is not None:
            return refusal
    return None


def ensure_can_renew(facts: RenewalFacts) -> None:
    """Test that the loan may be renewed today.

    Raises:
        DomainError: The first of `LoanNotOpen`, `RenewalTooEarly`, `RenewedTooOften`,
            `DeviceExpires`, `EligibilityMissing`, `EligibilityHasEnded`, `OthersAreWaiting`,
            `PromisedAfterDue` and `CheckUpNeeded` that is the case.
    """
    refusal = renewal_refusal(facts)
    if refusal is not None:
        raise refusal


def renewed_due_date(
    due_on: date, loan_days: int, *, today: date, next_open: Callable[[date], date]
) -> date:
    """Return the new last day: counted from the old one, or from today when that is past.

    Args:
        due_on: Last day of the loan as it stands.
        loan_days: How many days the kind is lent.
        today: Civil date.
        next_open: The site's calendar: the day itself when open, else the next open day.
    """
    return due_date(max(due_on, today), loan_days, next_open)


def is_free_for_renewal(
    changes: Sequence[Change], *, ready_on: date, counted_from: date, until: date
) -> bool:
    """Tell whether nobody who was promised a unit goes without because of the renewal.

    A late unit is counted as away for another month, so that nothing new is promised of it; those
    who were promised one before it was late still need it from the day on which it could be ready.

    Args:
        changes: The kind's change list.
        ready_on: First day on which the unit would be lendable without the renewal: after its
            present block, or when it came back today if it is late.
        counted_from: First day on which the change list counts the unit.
        until: Last day on which the renewal keeps it away.
    """
    early, late = (ready_on, min(counted_from - _DAY, until)), (max(ready_on, counted_from), until)
    return (early[0] > early[1] or lowest(changes, *early) >= 0) and (
        late[0] > late[1] or lowest(changes, *late) >= 1
    )


def _look_at_loan(facts: RenewalFacts) -> DomainError | None:
    """Return a reason in the loan itself."""
    if facts.state is not LoanState.OPEN:
        return LoanNotOpen()
    if facts.today < facts.opens_on:
        return RenewalTooEarly(opens_on=facts.opens_on)
    if facts.renewals >= facts.max_renewals:
        return RenewedTooOften(max_renewals=facts.max_renewals, due_on=facts.due_on)
    return None


def _look_at_expiry(facts: RenewalFacts) -> DomainError | None:
    """Return a reason in the device's expiry: when no usable day is gained by it."""
    gained = facts.renewed_until > facts.due_on and facts.renewed_until >= facts.today
    if facts.expires_on is None or gained:
        return None
    return DeviceExpires(expires_on=facts.expires_on)


def _look_at_eligibility(facts: RenewalFacts) -> DomainError | None:
    """Return a reason in the decision; its last day still counts."""
    if facts.eligible_until is None:
        return EligibilityMissing()
    if facts.eligible_until < facts.today:
        return EligibilityHasEnded(eligible_until=facts.eligible_until)
    return None


def _look_at_others(facts: RenewalFacts) -> DomainError | None:
    """Return a reason in what others were promised."""
    if facts.waiting:
        return OthersAreWaiting(due_on=facts.due_on)
    if not facts.free_after_due:
        return PromisedAfterDue(due_on=facts.due_on)
    return None


def _look_at_device(facts: RenewalFacts) -> DomainError | None:
    """Return a reason in the device."""
    if facts.needs_check_up and not facts.checked_up:
        return CheckUpNeeded()
    return None
