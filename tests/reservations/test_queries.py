"""Whose device is not there, on both databases."""

from datetime import date, timedelta

from apiflask import APIFlask
from sqlalchemy import update

from rental.foundation.clock import Moment
from rental.foundation.database import reading, transaction
from rental.inventory import queries as inventory
from rental.inventory.models import Unit
from rental.inventory.policy import UnitState
from rental.reservations import queries, service
from rental.reservations.models import Reservation
from rental.reservations.policy import Fulfilment
from rental.reservations.service import Wish
from rental.upkeep import queries as upkeep_queries
from rental.upkeep import service as upkeep
from tests.cast import Cast

DAY = timedelta(days=1)


class TestShort:
    def test_follows_what_is_taken_out_of_service(
        self, app: APIFlask, cast: Cast, at: Moment
    ) -> None:
        kind_id, codes = cast.kind["quad-stick"], []
        for who, first in (("wang-guilan", 1), ("li-jianguo", 30)):
            wish = Wish(
                kind_id=kind_id,
                site_id=cast.site_id,
                resident_id=cast.resident[who].id,
                starts_on=at.on + first * DAY,
                ends_on=at.on + (first + 20) * DAY,
            )
            with transaction() as session:
                codes.append(service.reserve(session, wish, by=cast.actor("clerk"), at=at).code)
        with transaction() as session:
            stick = session.query(Unit).filter_by(kind_id=kind_id, state=UnitState.AVAILABLE).one()
            unit_code = stick.code
        assert self.short(cast, at.on) == []
        session = reading()
        unit = inventory.unit(session, code=unit_code)
        without = upkeep_queries.go_without(session, unit, today=at.on)
        assert [each.code for each in without] == codes
        session.rollback()
        with transaction() as session:
            upkeep.set_aside(
                session, unit_code=unit_code, to=UnitState.LOST, reason="展厅里找不到",
                by=cast.actor("clerk"), at=at,
            )  # fmt: skip
        assert self.short(cast, at.on) == codes
        session = reading()
        found = [queries.reservation(session, code=code) for code in codes]
        assert queries.short_among(session, found[1:], today=at.on) == {codes[1]}
        unit = inventory.unit(session, code=unit_code)
        assert upkeep_queries.go_without(session, unit, today=at.on) == ()
        assert upkeep_queries.why_aside(session, unit_ids=[unit.id]) == {unit.id: "展厅里找不到"}

    def test_knows_the_delivery_that_is_not_made_yet(
        self, app: APIFlask, cast: Cast, at: Moment
    ) -> None:
        wish = Wish(
            kind_id=cast.kind["quad-stick"],
            site_id=cast.site_id,
            resident_id=cast.resident["wang-guilan"].id,
            starts_on=at.on + DAY,
            ends_on=at.on + 7 * DAY,
        )
        with transaction() as session:
            code = service.reserve(session, wish, by=cast.actor("clerk"), at=at).code
            session.execute(
                update(Reservation)
                .where(Reservation.code == code)
                .values(fulfilment=Fulfilment.DELIVERY)
            )
        late = at.on + 60 * DAY
        assert self.short(cast, late) == []
        with transaction() as session:
            session.execute(
                update(Unit)
                .where(Unit.kind_id == cast.kind["quad-stick"])
                .values(state=UnitState.SCRAPPED)
            )
        assert self.short(cast, late) == [code]

    @staticmethod
    def short(cast: Cast, today: date) -> list[str]:
        session = reading()
        session.rollback()
        return [each.code for each in queries.short(session, site_id=cast.site_id, today=today)]
