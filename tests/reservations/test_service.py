import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, time, timedelta
from threading import Barrier
from typing import Any

import pytest
from apiflask import APIFlask
from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from rental.catalogue import queries as catalogue
from rental.catalogue.models import Kind
from rental.foundation.clock import Moment
from rental.foundation.database import reading, transaction
from rental.foundation.errors import DomainError
from rental.inventory.models import Unit
from rental.journal import queries as journal
from rental.journal import write
from rental.notices import queries as notices
from rental.notices.models import Notice
from rental.people import service as people
from rental.people.models import Consent, Resident
from rental.people.queries import ResidentNotFound
from rental.places import queries as calendars
from rental.places import service as places
from rental.places.policy import Change, Half
from rental.places.service import ripples
from rental.policies import service as policies
from rental.policies.policy import Policy, Scope
from rental.reservations import queries, service
from rental.reservations.models import Reservation, VisitSlot
from rental.reservations.policy import (
    Fulfilment,
    PeriodTooLong,
    ReservationCannotMove,
    ReservationState,
    StartsTooEarly,
    StartsTooLate,
)
from rental.reservations.policy.offer import Slot
from rental.reservations.service import Move, Reserved, Wish
from rental.reservations.service.free import ensure_free
from tests.beside import Beside
from tests.cast import Cast

CHAIR, STICK, OXYGEN = "lightweight-wheelchair", "quad-stick", "home-oxygen-concentrator"
START, END = date(2026, 12, 2), date(2026, 12, 21)
MORNING = {"slot_on": START, "slot_half": Half.MORNING}
DAY = timedelta(days=1)


@pytest.fixture
def reserve(app: APIFlask, cast: Cast, at: Moment) -> Callable[..., Reserved]:
    def act(kind: str = CHAIR, login: str = "wang-guilan", **more: Any) -> Reserved:
        wish = Wish(**{
            "kind_id": cast.kind[kind],
            "site_id": cast.site_id,
            "resident_id": cast.resident[login].id,
            "starts_on": START,
            "ends_on": END,
            **more,
        })
        with transaction() as session:
            return service.reserve(session, wish, by=cast.actor(login), at=at)

    return act


def at_once(app: APIFlask, *acts: Callable[[Session], object]) -> list[object]:
    """Run the acts in threads of their own that begin together; return results and refusals."""
    barrier = Barrier(len(acts))

    def run(act: Callable[[Session], object]) -> object:
        with app.app_context():
            barrier.wait()
            try:
                with transaction() as session:
                    return act(session)
            except DomainError as refusal:
                return refusal

    with ThreadPoolExecutor(len(acts)) as pool:
        return list(pool.map(run, acts))


def slots_booked() -> list[tuple[date, Half, int]]:
    rows = reading().execute(select(VisitSlot.slot_on, VisitSlot.half, VisitSlot.booked))
    return [tuple(row) for row in rows if row.booked]  # type: ignore[misc]


def set_policy(name: Policy, value: int, at: Moment, cast: Cast) -> None:
    with transaction() as session:
        policies.set_value(session, name, value, Scope(), by=cast.actor("manager"), at=at)


class TestMessage:
    @pytest.mark.parametrize(
        ("kind", "more", "said"),
        [
            (CHAIR, {}, "上午 到租赁点来取，带上使用人的身份证。"),
            (
                OXYGEN,
                {"fulfilment": Fulfilment.DELIVERY, "address": "和平路 1 号"},
                "上午 送到家，请家里留人。",
            ),
        ],
    )
    def test_tells_how_the_device_is_had(
        self,
        reserve: Callable[..., Reserved],
        cast: Cast,
        kind: str,
        more: dict[str, Any],
        said: str,
    ) -> None:
        reserve(kind, **MORNING, **more)
        (told,) = notices.of_resident(reading(), resident_id=cast.resident["wang-guilan"].id)
        assert said in str(told.body)
        assert "来取或等" not in str(told.body)


class TestReserve:
    def test_promises_a_unit(self, reserve: Callable[..., Reserved], cast: Cast) -> None:
        done = reserve(**MORNING)
        found = queries.reservation(reading(), code=done.code)
        assert found.state is ReservationState.CONFIRMED
        assert (found.starts_on, found.ends_on) == (START, END)
        assert (found.blocked_until, found.hold_until) == (END + DAY, date(2026, 12, 4))
        assert found.slot == Slot(START, Half.MORNING)
        assert slots_booked() == [(START, Half.MORNING, 1)]

    def test_tells_the_resident_and_the_journal(
        self, reserve: Callable[..., Reserved], cast: Cast
    ) -> None:
        done = reserve()
        lines = journal.history(reading(), subject=f"reservation:{done.code}")
        assert [line.act for line in lines] == ["reserved"]
        assert lines[0].actor_id == cast.account["wang-guilan"]
        told = reading().scalars(select(Notice.kind)).all()
        assert [kind.value for kind in told] == ["reserved"]
        assert not [found for found in journal.verify(reading()) if done.code in found.subject]

    def test_makes_it_as_long_as_allowed_without_an_end(
        self, reserve: Callable[..., Reserved]
    ) -> None:
        assert reserve(ends_on=None).ends_on == START + 89 * DAY

    def test_counts_the_unit_that_comes_back_in_time(
        self, reserve: Callable[..., Reserved]
    ) -> None:
        reserve(login="wang-guilan")
        reserve(login="li-jianguo")
        reserve(login="zhao-min")  # the third one stands in the dirty zone until today

    def test_names_what_else_there_is_when_nothing_is_free(
        self, reserve: Callable[..., Reserved]
    ) -> None:
        reserve(STICK, starts_on=date(2026, 12, 14), ends_on=date(2026, 12, 18))
        with pytest.raises(service.NothingFree) as refused:
            reserve(STICK, login="li-jianguo")
        instead = refused.value.more()["alternatives"]
        assert instead["other_start"] == "2026-12-21"
        assert instead["shorter_until"] == "2026-12-11"
        assert STICK not in instead["like_kinds"]

    def test_refuses_a_kind_without_any_unit(self, reserve: Callable[..., Reserved]) -> None:
        with pytest.raises(service.NothingFree) as refused:
            reserve("folding-commode")
        assert refused.value.more()["alternatives"]["other_start"] is None

    def test_takes_a_late_unit_for_away_another_month(
        self, reserve: Callable[..., Reserved], cast: Cast, at: Moment
    ) -> None:
        with transaction() as session:
            unit = session.get_one(Unit, cast.unit["last_stick"].id)
            unit.state, unit.due_on = type(unit.state).ON_LOAN, at.on - DAY
            unit.free_from = at.on + DAY
        with pytest.raises(service.NothingFree) as refused:
            reserve(STICK)
        assert refused.value.more()["alternatives"]["other_start"] == "2027-01-04"

    @pytest.mark.parametrize(
        ("dates", "refusal"),
        [
            ({"starts_on": date(2026, 11, 30)}, StartsTooEarly),
            ({"starts_on": date(2027, 2, 1), "ends_on": None}, StartsTooLate),
            ({"starts_on": date(2026, 12, 6)}, service.StartsOnClosedDay),
            ({"ends_on": START + 95 * DAY}, PeriodTooLong),
        ],
    )
    def test_refuses_days(
        self, reserve: Callable[..., Reserved], dates: dict[str, Any], refusal: type[DomainError]
    ) -> None:
        with pytest.raises(refusal):
            reserve(**dates)

    def test_refuses_who_is_not_eligible(self, reserve: Callable[..., Reserved]) -> None:
        with pytest.raises(service.NotEligible):
            reserve(login="sun-lei")

    def test_refuses_without_consent(
        self, reserve: Callable[..., Reserved], cast: Cast, at: Moment
    ) -> None:
        with transaction() as session:
            session.execute(update(Consent).values(withdrawn_at=at.at))
        with pytest.raises(service.ConsentMissing):
            reserve()

    def test_refuses_the_same_kind_twice(self, reserve: Callable[..., Reserved]) -> None:
        reserve()
        with pytest.raises(service.AlreadyReservedThisKind):
            reserve(starts_on=date(2027, 1, 20), ends_on=date(2027, 1, 25))

    def test_refuses_one_too_many(
        self, reserve: Callable[..., Reserved], cast: Cast, at: Moment
    ) -> None:
        set_policy(Policy.MAX_RESERVATIONS, 1, at, cast)
        reserve()
        with pytest.raises(service.TooManyReservations):
            reserve(STICK)

    def test_refuses_a_withdrawn_kind(
        self, reserve: Callable[..., Reserved], cast: Cast, at: Moment
    ) -> None:
        with transaction() as session:
            session.execute(
                update(Kind).where(Kind.id == cast.kind[CHAIR]).values(withdrawn_at=at.at)
            )
            catalogue.forget(session)
        with pytest.raises(service.KindWithdrawn):
            reserve()

    def test_refuses_delivery_of_what_is_fitted(self, reserve: Callable[..., Reserved]) -> None:
        with pytest.raises(service.KindNotDelivered):
            reserve(fulfilment=Fulfilment.DELIVERY)

    def test_delivers_to_the_address_known_or_typed(
        self, reserve: Callable[..., Reserved], cast: Cast
    ) -> None:
        reserve(OXYGEN, fulfilment=Fulfilment.DELIVERY, ends_on=None)
        with transaction() as session:
            session.get_one(Resident, cast.resident["li-jianguo"].id).address = None
        more = {"fulfilment": Fulfilment.DELIVERY, "login": "li-jianguo"}
        later = {"starts_on": date(2027, 1, 11), "ends_on": date(2027, 1, 14)}
        with pytest.raises(service.AddressMissing):
            reserve(OXYGEN, **more, **later)
        done = reserve(OXYGEN, **more, **later, address="人民路 2 号")
        assert queries.reservation(reading(), code=done.code).address == "人民路 2 号"

    def test_refuses_a_slot_that_is_full_and_promises_nothing(
        self, reserve: Callable[..., Reserved], cast: Cast, at: Moment
    ) -> None:
        set_policy(Policy.SLOT_CAPACITY, 1, at, cast)
        reserve(**MORNING)
        with pytest.raises(service.SlotFull):
            reserve(login="li-jianguo", **MORNING)
        assert reading().scalar(select(func.count(Reservation.id))) == 1

    def test_refuses_a_slot_on_another_day(self, reserve: Callable[..., Reserved]) -> None:
        with pytest.raises(service.SlotNotOffered):
            reserve(slot_on=date(2026, 12, 9), slot_half=Half.MORNING)

    def test_gives_the_last_unit_to_one_of_two(self, app: APIFlask, cast: Cast, at: Moment) -> None:
        def wants(login: str) -> Callable[[Session], object]:
            wish = Wish(
                kind_id=cast.kind[STICK],
                site_id=cast.site_id,
                resident_id=cast.resident[login].id,
                starts_on=START,
                ends_on=END,
            )
            return lambda session: service.reserve(session, wish, by=cast.actor(login), at=at)

        found = at_once(app, *(wants(login) for login in ("wang-guilan", "li-jianguo", "zhao-min")))
        assert [type(one).__name__ for one in found].count("Reserved") == 1
        assert [type(one).__name__ for one in found].count("NothingFree") == 2

    def test_gives_the_last_place_of_a_slot_to_one_of_two(
        self, app: APIFlask, cast: Cast, at: Moment
    ) -> None:
        set_policy(Policy.SLOT_CAPACITY, 1, at, cast)

        def wants(login: str, kind: str) -> Callable[[Session], object]:
            wish = Wish(
                kind_id=cast.kind[kind],
                site_id=cast.site_id,
                resident_id=cast.resident[login].id,
                starts_on=START,
                slot_on=START,
                slot_half=Half.MORNING,
            )
            return lambda session: service.reserve(session, wish, by=cast.actor(login), at=at)

        found = at_once(app, wants("wang-guilan", STICK), wants("li-jianguo", CHAIR))
        assert sorted(type(one).__name__ for one in found) == ["Reserved", "SlotFull"]

    def test_keeps_the_limit_when_one_resident_asks_twice_at_once(
        self, app: APIFlask, cast: Cast, at: Moment
    ) -> None:
        set_policy(Policy.MAX_RESERVATIONS, 1, at, cast)

        def wants(kind: str) -> Callable[[Session], object]:
            wish = Wish(
                kind_id=cast.kind[kind],
                site_id=cast.site_id,
                resident_id=cast.resident["zhao-min"].id,
                starts_on=START,
            )
            by = cast.actor("zhao-min")
            return lambda session: service.reserve(session, wish, by=by, at=at)

        found = at_once(app, wants(STICK), wants(CHAIR), wants(OXYGEN))
        assert [type(one).__name__ for one in found].count("Reserved") == 1


class TestWhoIsBeingForgotten:
    def forget(self, cast: Cast, at: Moment) -> None:
        code, by = cast.resident["zhao-min"].code, cast.actor("manager")
        with transaction() as session:
            people.anonymise(session, code=code, by=by, at=at)

    def test_is_kept_when_the_promise_comes_first(
        self,
        app: APIFlask,
        reserve: Callable[..., Reserved],
        cast: Cast,
        at: Moment,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        module = sys.modules["rental.reservations.service.reserve"]
        beside = Beside(app, lambda: self.forget(cast, at))
        monkeypatch.setattr(module, "ensure_free", beside.after(ensure_free))
        reserve(login="zhao-min")
        assert beside.outcome() == "still-needed"

    def test_is_promised_nothing_afterwards(
        self, reserve: Callable[..., Reserved], cast: Cast, at: Moment
    ) -> None:
        self.forget(cast, at)
        with pytest.raises(ResidentNotFound):
            reserve(login="zhao-min")


class TestChange:
    def test_moves_days_and_visit(
        self, reserve: Callable[..., Reserved], cast: Cast, at: Moment
    ) -> None:
        done = reserve(**MORNING)
        later = date(2026, 12, 9)
        move = Move(starts_on=later, ends_on=None, slot=Slot(later, Half.AFTERNOON))
        with transaction() as session:
            service.change(session, code=done.code, move=move, by=cast.actor("clerk"), at=at)
        found = queries.reservation(reading(), code=done.code)
        assert (found.starts_on, found.hold_until) == (later, date(2026, 12, 11))
        assert slots_booked() == [(later, Half.AFTERNOON, 1)]
        acts = [line.act for line in journal.history(reading(), subject=f"reservation:{done.code}")]
        assert acts == ["changed", "reserved"]
        assert not [found for found in journal.verify(reading()) if done.code in found.subject]

    def test_does_not_stand_in_its_own_way(
        self, reserve: Callable[..., Reserved], cast: Cast, at: Moment
    ) -> None:
        done = reserve(STICK)
        move = Move(starts_on=START + DAY, ends_on=END + DAY)
        with transaction() as session:
            service.change(session, code=done.code, move=move, by=cast.actor("clerk"), at=at)
        assert queries.reservation(reading(), code=done.code).starts_on == START + DAY

    def test_keeps_the_old_promise_when_the_new_one_cannot_be_had(
        self, reserve: Callable[..., Reserved], cast: Cast, at: Moment
    ) -> None:
        reserve(STICK, login="li-jianguo", starts_on=date(2027, 1, 11), ends_on=date(2027, 1, 15))
        done = reserve(STICK, **MORNING)
        before = queries.reservation(reading(), code=done.code)
        move = Move(starts_on=date(2027, 1, 11), slot=Slot(date(2027, 1, 11), Half.MORNING))
        with pytest.raises(service.NothingFree), transaction() as session:
            service.change(session, code=done.code, move=move, by=cast.actor("clerk"), at=at)
        assert queries.reservation(reading(), code=done.code) == before
        assert slots_booked() == [(START, Half.MORNING, 1)]

    def test_keeps_the_old_visit_when_the_new_slot_is_full(
        self, reserve: Callable[..., Reserved], cast: Cast, at: Moment
    ) -> None:
        set_policy(Policy.SLOT_CAPACITY, 1, at, cast)
        reserve(login="li-jianguo", slot_on=START, slot_half=Half.AFTERNOON)
        done = reserve(**MORNING)
        move = Move(starts_on=START, ends_on=END, slot=Slot(START, Half.AFTERNOON))
        with pytest.raises(service.SlotFull), transaction() as session:
            service.change(session, code=done.code, move=move, by=cast.actor("clerk"), at=at)
        assert sorted(slots_booked()) == [(START, Half.AFTERNOON, 1), (START, Half.MORNING, 1)]

    def test_refuses_what_was_cancelled(
        self, reserve: Callable[..., Reserved], cast: Cast, at: Moment
    ) -> None:
        done = reserve()
        with transaction() as session:
            service.cancel(session, code=done.code, by=cast.actor("wang-guilan"), at=at)
        move = Move(starts_on=START)
        with pytest.raises(service.ReservationIsPacked), transaction() as session:
            service.change(session, code=done.code, move=move, by=cast.actor("clerk"), at=at)


class TestCancel:
    def test_frees_unit_and_slot_and_may_be_repeated(
        self, reserve: Callable[..., Reserved], cast: Cast, at: Moment
    ) -> None:
        done = reserve(STICK, **MORNING)
        for _ in range(2):
            with transaction() as session:
                found = service.cancel(session, code=done.code, by=cast.actor("clerk"), at=at)
            assert found.state is ReservationState.CANCELLED
        assert slots_booked() == []
        reserve(STICK, login="li-jianguo", **MORNING)
        assert not [found for found in journal.verify(reading()) if done.code in found.subject]

    def test_refuses_what_was_handed_over(
        self, reserve: Callable[..., Reserved], cast: Cast, at: Moment
    ) -> None:
        done = reserve()
        fulfil(cast, done.code, at)
        with pytest.raises(ReservationCannotMove), transaction() as session:
            service.cancel(session, code=done.code, by=cast.actor("clerk"), at=at)

    def test_is_done_once_when_two_cancel_at_once(
        self, app: APIFlask, reserve: Callable[..., Reserved], cast: Cast, at: Moment
    ) -> None:
        done = reserve(**MORNING)
        reserve(login="li-jianguo", **MORNING)

        def cancels(session: Session) -> object:
            return service.cancel(session, code=done.code, by=cast.actor("clerk"), at=at)

        at_once(app, cancels, cancels, cancels)
        assert slots_booked() == [(START, Half.MORNING, 1)]

    def test_refuses_an_unknown_code(self, app: APIFlask, cast: Cast, at: Moment) -> None:
        with pytest.raises(queries.ReservationNotFound), transaction() as session:
            service.cancel(session, code="B-22222222", by=cast.actor("clerk"), at=at)


def fulfil(cast: Cast, code: str, at: Moment) -> None:
    with transaction() as session:
        found = queries.reservation(session, code=code)
        line = service.fulfil(
            session, found, unit_id=cast.unit["available"].id, by=cast.actor("clerk"), at=at
        )
        write(session, [line])


class TestFulfil:
    def test_binds_the_unit(self, reserve: Callable[..., Reserved], cast: Cast, at: Moment) -> None:
        done = reserve(**MORNING)
        fulfil(cast, done.code, at)
        found = queries.reservation(reading(), code=done.code)
        assert found.state is ReservationState.FULFILLED
        assert found.unit_id == cast.unit["available"].id
        assert slots_booked() == []
        assert not [found for found in journal.verify(reading()) if done.code in found.subject]

    def test_refuses_a_stale_view(
        self, reserve: Callable[..., Reserved], cast: Cast, at: Moment
    ) -> None:
        done = reserve()
        stale = queries.reservation(reading(), code=done.code)
        with transaction() as session:
            service.cancel(session, code=done.code, by=cast.actor("clerk"), at=at)
        with pytest.raises(service.ReservationChangedMeanwhile), transaction() as session:
            service.fulfil(
                session, stale, unit_id=cast.unit["available"].id, by=cast.actor("clerk"), at=at
            )


class TestExpireHeld:
    def test_lets_go_the_day_after_the_last(
        self, reserve: Callable[..., Reserved], cast: Cast
    ) -> None:
        done = reserve(**MORNING)
        for day, expected in ((4, 0), (5, 1), (5, 0)):
            moment = Moment.of(datetime(2026, 12, day, 2, tzinfo=UTC))
            with transaction() as session:
                assert service.expire_held(session, at=moment) == expected
        found = queries.reservation(reading(), code=done.code)
        assert found.state is ReservationState.EXPIRED
        assert slots_booked() == []
        told = {kind.value for kind in reading().scalars(select(Notice.kind))}
        assert told == {"reserved", "reservation_expired"}
        assert not [found for found in journal.verify(reading()) if done.code in found.subject]

    def test_leaves_deliveries_to_the_desk(
        self, reserve: Callable[..., Reserved], cast: Cast
    ) -> None:
        done = reserve(OXYGEN, **MORNING, fulfilment=Fulfilment.DELIVERY, address="和平路 1 号")
        late = Moment.of(datetime(2026, 12, 9, 2, tzinfo=UTC))
        with transaction() as session:
            assert service.expire_held(session, at=late) == 0
        found = queries.pickups(reading(), site_id=cast.site_id, on=late.on)
        assert [one.code for one in found] == [done.code]

    def test_expects_who_missed_the_visit_while_the_unit_waits(
        self, reserve: Callable[..., Reserved], cast: Cast
    ) -> None:
        done = reserve(**MORNING)  # waits from Wednesday to Friday
        for days, expected in ((-1, []), (0, [done.code]), (2, [done.code]), (3, [])):
            found = queries.pickups(reading(), site_id=cast.site_id, on=START + days * DAY)
            assert [one.code for one in found] == expected


class TestWhileItWaits:
    def test_the_unit_is_promised_to_nobody_else(
        self, reserve: Callable[..., Reserved], at: Moment
    ) -> None:
        done = reserve(STICK, starts_on=at.on, ends_on=at.on)
        found = queries.reservation(reading(), code=done.code)
        assert (found.hold_until, found.blocked_until) == (at.on + 2 * DAY, at.on + 3 * DAY)
        for ahead in (2, 3):
            with pytest.raises(service.NothingFree) as refused:
                reserve(STICK, "li-jianguo", starts_on=at.on + ahead * DAY)
            assert refused.value.instead.other_start == at.on + 4 * DAY
        reserve(STICK, "li-jianguo", starts_on=at.on + 4 * DAY)

    def test_a_change_of_the_calendar_keeps_it_so(
        self, reserve: Callable[..., Reserved], cast: Cast, at: Moment
    ) -> None:
        done = reserve(STICK, starts_on=at.on, ends_on=at.on)
        for ahead in (1, 2):
            with transaction() as session:
                places.close_day(
                    session,
                    site_id=cast.site_id,
                    on=at.on + ahead * DAY,
                    reason="检修",
                    by=cast.actor("manager"),
                    at=at,
                )
        with transaction() as session:
            assert service.follow_calendar(session, at=at) == 1
        found = queries.reservation(reading(), code=done.code)
        assert (found.hold_until, found.blocked_until) == (at.on + 4 * DAY, at.on + 6 * DAY)

    def test_a_delivery_keeps_its_unit_until_it_is_made(
        self, reserve: Callable[..., Reserved], cast: Cast, at: Moment
    ) -> None:
        done, late = reserve(STICK, starts_on=at.on, ends_on=at.on), Moment.of(at.at + 20 * DAY)
        stick: dict[str, Any] = {"site_id": cast.site_id, "today": late.on}

        def free() -> list[int]:
            ids = [cast.kind[STICK]]
            (found,) = queries.changes_of_kinds(reading(), kind_ids=ids, **stick).values()
            assert found == queries.changes(reading(), kind_id=ids[0], **stick)
            reading().rollback()
            return [change.free for change in found]

        assert free() == [1]
        with transaction() as session:
            session.execute(update(Reservation).values(fulfilment=Fulfilment.DELIVERY))
        assert free() == [0, 1]
        broken = queries.displaced_by(
            reading(), kind_id=cast.kind[STICK], first=late.on, last=late.on, **stick
        )
        assert broken == queries.Promise(code=done.code, starts_on=at.on)


class TestFollowCalendar:
    def close(self, cast: Cast, at: Moment, on: date) -> None:
        with transaction() as session:
            places.close_day(
                session, site_id=cast.site_id, on=on, reason="检修", by=cast.actor("manager"), at=at
            )

    def follow(self, at: Moment) -> int:
        with transaction() as session:
            return service.follow_calendar(session, at=at)

    def told(self) -> list[str]:
        return [kind.value for kind in reading().scalars(select(Notice.kind).order_by(Notice.id))]

    def test_waits_as_many_open_days_as_it_was_said_to(
        self, reserve: Callable[..., Reserved], cast: Cast, at: Moment
    ) -> None:
        done = reserve(**MORNING)
        self.close(cast, at, START + DAY)
        self.close(cast, at, END + DAY)
        assert [self.follow(at), self.follow(at)] == [1, 0]
        found = queries.reservation(reading(), code=done.code)
        assert (found.hold_until, found.blocked_until) == (date(2026, 12, 5), END + 2 * DAY)
        assert self.told() == ["reserved"]
        assert not [line for line in journal.verify(reading()) if done.code in line.subject]

    def test_tells_who_would_come_to_a_closed_door(
        self, reserve: Callable[..., Reserved], cast: Cast, at: Moment
    ) -> None:
        reserve(**MORNING)
        reserve(STICK, "zhao-min")
        self.close(cast, at, START)
        assert [self.follow(at), self.follow(at)] == [2, 0]
        assert sorted(self.told()) == ["reserved"] * 2 + ["visit_closed"] * 2

    def test_tells_who_waits_for_a_delivery_that_nobody_comes(
        self, reserve: Callable[..., Reserved], cast: Cast, at: Moment
    ) -> None:
        reserve(OXYGEN, **MORNING, fulfilment=Fulfilment.DELIVERY, address="和平路 1 号")
        self.close(cast, at, START)
        self.follow(at)
        assert self.told() == ["reserved", "delivery_closed"]
        told = notices.of_resident(reading(), resident_id=cast.resident["wang-guilan"].id)
        assert not [one for one in told if "白跑" in str(one.body)]

    @pytest.mark.parametrize(
        ("half", "told"), [(Half.MORNING, []), (Half.AFTERNOON, ["visit_closed"])]
    )
    def test_tells_who_would_come_in_a_half_that_is_closed_now(
        self,
        reserve: Callable[..., Reserved],
        cast: Cast,
        at: Moment,
        half: Half,
        told: list[str],
    ) -> None:
        last = START + 2 * DAY
        done, mornings = reserve(slot_on=last, slot_half=half), ((time(8, 30), time(11, 30)),)
        change = Change(
            site_id=cast.site_id,
            before=calendars.calendar(reading(), site_id=cast.site_id),
            after=calendars.calendar_with(
                reading(), site_id=cast.site_id, hours=dict.fromkeys(range(6), mornings)
            ),
            today=at.on,
        )
        warned = [code for each in ripples.affected(reading(), change) for code in each.codes]
        assert warned == [done.code for _ in told]
        with transaction() as session:
            places.set_hours(
                session,
                site_id=cast.site_id,
                weekdays=range(6),
                spans=mornings,
                by=cast.actor("manager"),
                at=at,
            )
        assert [self.follow(at), self.follow(at)] == [len(told), 0]
        assert self.told() == ["reserved", *told]
        found = queries.reservation(reading(), code=done.code)
        assert found.hold_until == last + len(told) * DAY
        if told:
            self.close(cast, at, last)
            self.follow(at)
            assert self.told() == ["reserved", *told, *told]

    def test_lets_go_of_nothing_early_when_a_day_opens_again(
        self, reserve: Callable[..., Reserved], cast: Cast, at: Moment
    ) -> None:
        done = reserve()
        self.close(cast, at, START + DAY)
        self.follow(at)
        with transaction() as session:
            places.open_day(
                session, site_id=cast.site_id, on=START + DAY, by=cast.actor("manager"), at=at
            )
        assert self.follow(at) == 0
        assert queries.reservation(reading(), code=done.code).hold_until == date(2026, 12, 5)


class TestQueries:
    def test_batched_availability_equals_the_single_one(
        self, reserve: Callable[..., Reserved], cast: Cast, at: Moment
    ) -> None:
        reserve()
        reserve(STICK)
        ids = [cast.kind[key] for key in (CHAIR, STICK, OXYGEN, "folding-commode")]
        batched = queries.changes_of_kinds(
            reading(), kind_ids=ids, site_id=cast.site_id, today=at.on
        )
        assert batched == {
            kind_id: queries.changes(reading(), kind_id=kind_id, site_id=cast.site_id, today=at.on)
            for kind_id in ids
        }

    def test_says_how_many_are_free_and_when_the_next_is(
        self, reserve: Callable[..., Reserved], cast: Cast, at: Moment
    ) -> None:
        reserve(STICK, starts_on=at.on)
        ids = [cast.kind[CHAIR], cast.kind[STICK]]
        found = queries.availability_of_kinds(
            reading(), kind_ids=ids, site_id=cast.site_id, on=at.on, today=at.on
        )
        assert found[cast.kind[CHAIR]].free_today == 2
        stick = found[cast.kind[STICK]]
        assert (stick.free_today, stick.next_free_on) == (0, END + 2 * DAY)

    def test_names_the_promise_that_a_walk_in_would_break(
        self, reserve: Callable[..., Reserved], cast: Cast, at: Moment
    ) -> None:
        done = reserve(STICK, starts_on=date(2026, 12, 14))
        stick: dict[str, Any] = {
            "kind_id": cast.kind[STICK],
            "site_id": cast.site_id,
            "today": at.on,
        }
        found = queries.displaced_by(reading(), **stick, first=at.on, last=date(2026, 12, 14))
        assert found == queries.Promise(code=done.code, starts_on=date(2026, 12, 14))
        before = date(2026, 12, 13)
        assert queries.displaced_by(reading(), **stick, first=at.on, last=before) is None
        own = queries.reservation(reading(), code=done.code).id
        late = date(2027, 1, 30)
        assert not queries.displaced_by(reading(), **stick, first=at.on, last=late, without=own)

    def test_finds_the_reservation_of_a_resident_for_a_kind(
        self, reserve: Callable[..., Reserved], cast: Cast
    ) -> None:
        done = reserve()
        mine: dict[str, int] = {
            "resident_id": cast.resident["wang-guilan"].id,
            "site_id": cast.site_id,
        }
        found = queries.for_issue(reading(), kind_id=cast.kind[CHAIR], **mine)
        assert found is not None
        assert found.code == done.code
        assert queries.for_issue(reading(), kind_id=cast.kind[STICK], **mine) is None
        listed = queries.of_resident(reading(), resident_id=mine["resident_id"])
        assert [one.code for one in listed] == [done.code]

    def test_lists_the_visits_of_a_day(
        self, reserve: Callable[..., Reserved], cast: Cast, at: Moment
    ) -> None:
        afternoon = reserve(login="li-jianguo", slot_on=START, slot_half=Half.AFTERNOON)
        morning = reserve(**MORNING)
        loose = reserve(STICK)
        found = [one.code for one in queries.pickups(reading(), site_id=cast.site_id, on=START)]
        assert set(found) == {afternoon.code, morning.code, loose.code}
        assert found.index(morning.code) < found.index(afternoon.code)
        day_before = queries.pickups(reading(), site_id=cast.site_id, on=START - DAY)
        assert day_before == ()
        days = [(START, START), (START - DAY, START), (START + DAY, START + 6 * DAY)]
        visits = [
            queries.visits(reading(), site_id=cast.site_id, first=first, last=last)
            for first, last in days
        ]
        assert [len(each) for each in visits] == [3, 3, 0]

    def test_counts_the_places_left(self, reserve: Callable[..., Reserved], cast: Cast) -> None:
        reserve(**MORNING)
        found = queries.free_slots(
            reading(), site_id=cast.site_id, first=START, last=date(2026, 12, 6)
        )
        assert [(one.on.day, one.half.value, one.left) for one in found][:2] == [
            (2, "morning", 5),
            (2, "afternoon", 6),
        ]
        assert max(one.on for one in found) == date(2026, 12, 5)
