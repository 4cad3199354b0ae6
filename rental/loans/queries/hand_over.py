"""What a hand-over would be: for whom, until when, and what stands against it.

The service decides on this under the locks; the desk shows it before the button is pressed.
"""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from sqlalchemy import Row, and_, bindparam, func, select
from sqlalchemy.orm import Session

from rental.catalogue import queries as catalogue
from rental.catalogue.policy import Fitting
from rental.catalogue.queries import KindView
from rental.eligibility import queries as eligibility
from rental.foundation.clock import Moment
from rental.foundation.errors import Conflict
from rental.foundation.words import N_
from rental.inventory.policy import LENDABLE, UnitState, word
from rental.inventory.queries import UnitView
from rental.loans.policy import Blocker, Displaced, IssueFacts, LoanState, blockers
from rental.loans.policy.acts import Issue, LoanTerms, agreed_due_date, reason_of
from rental.loans.queries.loans import LOAN, RESIDENT, open_loan_of_unit
from rental.people import queries as people
from rental.people.policy import Purpose
from rental.places import queries as places
from rental.places.policy import OpeningCalendar
from rental.policies import queries as policies
from rental.policies.policy import Policy
from rental.reservations import queries as reservations
from rental.reservations.queries import ReservationView
from rental.upkeep import queries as upkeep

_DAY = timedelta(days=1)


class ReservationOfSomeoneElse(Conflict):
    """The reservation belongs to another resident."""

    sentence = N_("预约 %(code)s 不是这位居民的。请核对居民卡，或扫预约人的居民卡再办。")


class ReservationIsOver(Conflict):
    """The reservation was used, cancelled or ran out."""

    sentence = N_("预约 %(code)s 已经结束，不能再凭它取用。请刷新页面，按没有预约办理。")


@dataclass(frozen=True, slots=True, kw_only=True)
class HandOver:
    """A hand-over as it would be.

    Attributes:
        unit: The unit as it was read.
        kind: What it is.
        resident_id: Who takes it home.
        reservation: The promise it keeps, None for a walk-in.
        due_on: Last day of the loan: an open one, unless nobody can say when the next one is.
        free_from: First day on which the unit is expected lendable after it, None when nobody can
            say.
        eligible_until: Last day of the resident's decision, None without one.
        reason: Why it is handed over anyway, None when nobody said so.
        blockers: What stands against it, hard stops first.
    """

    unit: UnitView
    kind: KindView
    resident_id: int
    reservation: ReservationView | None
    due_on: date
    free_from: date | None
    eligible_until: date | None
    reason: str | None
    blockers: tuple[Blocker, ...]

    @property
    def is_forced(self) -> bool:
        """Whether it goes on against a blocker."""
        return bool(self.blockers) and self.reason is not None

    @property
    def needs_guidance(self) -> bool:
        """Whether the resident has to be taught first."""
        return needs_guidance(self.kind)


#: What is asked of the resident, and in the same round trip whether a fault of the unit is open.
_RESIDENT_FACTS = select(
    RESIDENT.c.id,
    RESIDENT.c.state,
    and_(
        people.consented(RESIDENT.c.id, Purpose.SERVICE),
        people.consented(RESIDENT.c.id, Purpose.HEALTH),
    ).label("consented"),
    eligibility.valid_until(RESIDENT.c.id, bindparam("today")).label("eligible_until"),
    select(func.count(LOAN.c.id))
    .where(LOAN.c.resident_id == RESIDENT.c.id, LOAN.c.state == LoanState.OPEN)
    .correlate(RESIDENT)
    .scalar_subquery()
    .label("open_loans"),
    upkeep.fault_open(bindparam("unit_id")).label("fault_open"),
).where(RESIDENT.c.code == bindparam("code"))

#: The last moments at which the unit came back (or left, when it never did) and was released.
_LAST_ACTS = select(
    select(func.max(func.coalesce(LOAN.c.returned_at, LOAN.c.issued_at)))
    .where(LOAN.c.unit_id == bindparam("unit_id"))
    .scalar_subquery(),
    upkeep.last_released_at(bindparam("unit_id")),
)


def hand_over(session: Session, wish: Issue, *, unit: UnitView, at: Moment) -> HandOver:
    """Return what the hand-over would be; decides nothing by itself.

    Args:
        session: For a decision the open transaction with resident, stock and unit locked.
        wish: What the desk asked for.
        unit: The unit, as locked or as read.
        at: When it happens; eligibility counts on that day.

    Raises:
        ResidentNotFound: If nobody has the code.
        ReservationNotFound: If there is no such reservation.
        ReservationOfSomeoneElse: If it belongs to another resident.
        ReservationIsOver: If it is no longer active.
        Invalid: If the due date or the reason can't be taken.
    """
    reason = reason_of(wish.force_reason)
    facts = _resident_facts(session, wish.resident_code, unit, at)
    kind = catalogue.kind_by_id(session, kind_id=unit.kind_id)
    reservation = _reservation(session, wish, unit, facts.id)
    calendar = places.calendar(session, site_id=unit.site_id)
    terms = LoanTerms(
        today=at.on,
        loan_days=loan_days(session, unit=unit, kind=kind),
        reserved_until=_reserved_until(reservation, today=at.on),
        expires_on=unit.expires_on,
        next_open=calendar.open_or_same,
    )
    due_on = agreed_due_date(wish.due_on, terms, forced=reason is not None)
    free_from = free_again(kind, due_on, calendar)
    displaced = _displaced(session, unit, reservation, last=away_until(free_from), today=at.on)
    return HandOver(
        unit=unit,
        kind=kind,
        resident_id=facts.id,
        reservation=reservation,
        due_on=due_on,
        free_from=free_from,
        eligible_until=facts.eligible_until,
        reason=reason,
        blockers=blockers(
            IssueFacts(
                today=at.on,
                unit_code=unit.code,
                unit_kind=kind.key,
                scan_is_overtaken=wish.scanned_at is not None
                and _is_overtaken(session, unit, at=at),
                expires_on=unit.expires_on,
                fault_open=bool(facts.fault_open),
                due_on=wish.due_on,
                longest=terms.longest,
                open_loan_code=_open_loan_code(session, unit),
                unreleased_state=None if unit.state in LENDABLE else word(unit.state),
                eligible_until=facts.eligible_until,
                consented=bool(facts.consented),
                open_loans=facts.open_loans,
                max_loans=policy_of(session, Policy.MAX_LOANS, unit=unit, kind=kind),
                displaces=displaced,
                **_reserved(session, reservation),
                resident_mass_kg=wish.resident_kg,
                load_limit_kg=unit.load_limit_kg,
                needs_electrical_test=unit.electrical_test_due_on is not None,
                electrical_test_until=unit.electrical_test_due_on,
                needs_guidance=needs_guidance(kind),
                guided=wish.taught,
            )
        ),
    )


def loan_days(session: Session, *, unit: UnitView, kind: KindView) -> int:
    """Return how many days the kind is lent at the unit's site."""
    days = policy_of(session, Policy.LOAN_DAYS, unit=unit, kind=kind)
    return int(days if days is not None else kind.category.loan_days)


def free_again(kind: KindView, back_on: date, calendar: OpeningCalendar) -> date | None:
    """Return the first day on which a unit that comes back on the day is expected lendable.

    Cleaning and inspection happen on open days only; the day of the return isn't counted. None
    when nobody can say, because the place stays closed.
    """
    ready_on = calendar.after_open_days(back_on, kind.category.turnround_open_days)
    return ready_on and max(ready_on, back_on + _DAY)


def away_until(free_from: date | None) -> date:
    """Return the last day on which a unit can't be promised, the end of time when unknown."""
    return date.max if free_from is None else free_from - _DAY


def needs_guidance(kind: KindView) -> bool:
    """Tell whether the resident is assessed and taught before taking the kind home (F2)."""
    return kind.category.fit is Fitting.F2


def policy_of(session: Session, policy: Policy, *, unit: UnitView, kind: KindView) -> Any:
    """Return the policy's value for a unit of the kind where it stands."""
    return policies.value(
        session, policy, site_id=unit.site_id, category_id=kind.category.id, kind_id=kind.id
    )


def _resident_facts(session: Session, code: str, unit: UnitView, at: Moment) -> Row[Any]:
    wanted = {"code": code, "today": at.on, "unit_id": unit.id}
    row = session.connection().execute(_RESIDENT_FACTS, wanted).first()
    if row is None or row.state == "anonymised":
        raise people.ResidentNotFound
    return row


def _is_overtaken(session: Session, unit: UnitView, *, at: Moment) -> bool:
    """Tell whether the unit came back or was released after the scan, which waited offline."""
    last = session.connection().execute(_LAST_ACTS, {"unit_id": unit.id}).one()
    return any(moment is not None and moment > at.at for moment in last)


def _reservation(
    session: Session, wish: Issue, unit: UnitView, resident_id: int
) -> ReservationView | None:
    """Return the promise that was named, else the resident's own for the unit's kind."""
    if wish.reservation_code is None:
        return reservations.for_issue(
            session, resident_id=resident_id, kind_id=unit.kind_id, site_id=unit.site_id
        )
    found = reservations.reservation(session, code=wish.reservation_code)
    if found.resident_id != resident_id:
        raise ReservationOfSomeoneElse(code=found.code)
    if not found.is_active:
        raise ReservationIsOver(code=found.code)
    return found


def _reserved_until(reservation: ReservationView | None, *, today: date) -> date | None:
    """Return until when the promise lets the unit stay: at least for today while it waits."""
    if reservation is None:
        return None
    waits = today <= reservation.hold_until
    return max(reservation.ends_on, today) if waits else reservation.ends_on


def _reserved(session: Session, reservation: ReservationView | None) -> dict[str, Any]:
    if reservation is None:
        return {}
    kind = catalogue.kind_by_id(session, kind_id=reservation.kind_id)
    return {
        "reserved_kind": kind.key,
        "reserved_kind_name": kind.name,
        "reserved_from": reservation.starts_on,
    }


def _open_loan_code(session: Session, unit: UnitView) -> str | None:
    if unit.state is not UnitState.ON_LOAN:
        return None
    found = open_loan_of_unit(session, unit_id=unit.id)
    return found.code if found else "?"


def _displaced(
    session: Session,
    unit: UnitView,
    reservation: ReservationView | None,
    *,
    last: date,
    today: date,
) -> Displaced | None:
    """Return the promise that the hand-over would break, None when none.

    The resident's own promise, which the hand-over keeps, doesn't count. Nobody was promised a unit
    that doesn't count, because its electrical test has run out.
    """
    if not unit.counts(today):
        return None
    own = reservation is not None and reservation.kind_id == unit.kind_id
    promise = reservations.displaced_by(
        session,
        kind_id=unit.kind_id,
        site_id=unit.site_id,
        first=today,
        last=last,
        today=today,
        without=reservation.id if reservation and own else None,
    )
    if promise is None:
        return None
    return Displaced(reservation_code=promise.code, starts_on=promise.starts_on)
