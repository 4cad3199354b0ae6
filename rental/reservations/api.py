"""Kinds, availability and reservations for programs."""

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from apiflask import APIBlueprint
from flask import jsonify
from flask.typing import ResponseReturnValue

from rental.catalogue import queries as catalogue
from rental.catalogue.queries import KindView
from rental.foundation import clock
from rental.foundation.database import reading
from rental.foundation.errors import Invalid
from rental.foundation.words import N_
from rental.people import queries as people
from rental.places import queries as places
from rental.reservations import queries, schemas, service
from rental.reservations.policy import free_days
from rental.reservations.queries import KindAvailability, ReservationView
from rental.web.access import actor, public, signed_in
from rental.web.api import once

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

PER_PAGE = 50
DEFAULT_DAYS = timedelta(days=30)

bp = APIBlueprint("reservations_api", __name__, url_prefix="/api/v1", tag="reservations")


class SpanTooLong(Invalid):
    """The last day lies before the first, or more than a year after it."""

    sentence = N_("结束日期要在开始日期当天或以后，最多查 %(most)s 天，请改短一些。")
    field = "to"


class WhoFor(Invalid):
    """The account has no resident of its own."""

    sentence = N_("请写明替哪位居民预约（resident 填居民编号）。")
    field = "resident"


@bp.get("/kinds")
@public
@bp.input(schemas.KindsQuery, location="query", arg_name="wanted")
@bp.output(schemas.KindsOut)
@bp.doc(summary="List kinds with free counts", responses=[404, 422])
def kinds(wanted: schemas.KindsQuery) -> ResponseReturnValue:
    """Return the kinds that fit; with ``free_on`` only those with a free unit on that day.

    ``on`` is the day that the counts are of: never before the first on which one can come.
    """
    session, at = reading(), clock.now()
    site = places.site(session, code=wanted.site)
    earliest = queries.earliest_on(session, site_id=site.id, at=at)
    if wanted.category:
        catalogue.category(session, key=wanted.category)
    fitting = catalogue.kinds(session, q=wanted.q, category=wanted.category, need=wanted.need)
    on = max(wanted.free_on or at.on, earliest or at.on)
    start = (wanted.page - 1) * PER_PAGE
    asked = fitting if wanted.free_on else fitting[start : start + PER_PAGE]
    found = queries.availability_of_kinds(
        session,
        kind_ids=[kind.id for kind in asked],
        site_id=site.id,
        on=on if earliest else None,
        today=at.on,
    )
    total = len(fitting)
    if wanted.free_on:
        free = [kind for kind in asked if found[kind.id].free_today]
        asked, total = tuple(free[start : start + PER_PAGE]), len(free)
    return jsonify({
        "items": [_kind_item(kind, found[kind.id]) for kind in asked],
        "on": on.isoformat(),
        "page": wanted.page,
        "pages": max(1, -(-total // PER_PAGE)),
        "total": total,
    })


def _kind_item(kind: KindView, found: KindAvailability) -> dict[str, Any]:
    of, next_free = kind.category, found.next_free_on
    return {
        "id": kind.key,
        "zh": kind.name.zh,
        "en": kind.name.en,
        "category": {"key": of.key, "zh": of.name.zh, "en": of.name.en},
        "free": found.free_today,
        "next_free_date": next_free.isoformat() if next_free else None,
        "loan_days": of.loan_days,
        "delivery": of.delivery,
    }


@bp.get("/kinds/<string:kind_id>/availability")
@public
@bp.input(schemas.AvailabilityQuery, location="query", arg_name="wanted")
@bp.output(schemas.AvailabilityOut)
@bp.doc(summary="Free units per day", responses=[404, 422])
def availability(kind_id: str, wanted: schemas.AvailabilityQuery) -> ResponseReturnValue:
    """Return how many units are free on each day, and the first day with a free one.

    None are before the first day on which somebody can still come.
    """
    session, at = reading(), clock.now()
    kind = catalogue.kind(session, key=kind_id)
    site = places.site(session, code=wanted.site)
    earliest = queries.earliest_on(session, site_id=site.id, at=at)
    first = wanted.first or earliest or at.on
    last = wanted.last or first + DEFAULT_DAYS
    if not 0 <= (last - first).days < schemas.MOST_DAYS:
        raise SpanTooLong(most=schemas.MOST_DAYS)
    changes = queries.changes(session, kind_id=kind.id, site_id=site.id, today=at.on)
    next_free = queries.availability(changes, earliest and max(first, earliest)).next_free_on
    return jsonify({
        "kind_id": kind.key,
        "site": site.code,
        "days": [
            {"date": day.isoformat(), "free": max(free, 0) if earliest and day >= earliest else 0}
            for day, free in free_days(changes, first, last)
        ],
        "next_free_date": next_free.isoformat() if next_free else None,
    })


@bp.post("/reservations")
@signed_in
@bp.input(schemas.ReservationIn, arg_name="wanted")
@bp.output(schemas.ReservationOut, status_code=201)
@bp.doc(summary="Reserve a unit of a kind", responses=[401, 403, 404, 409, 422])
def reserve(wanted: schemas.ReservationIn) -> ResponseReturnValue:
    """Promise a unit for the period: 201, or 409 with the alternatives."""
    by, at = actor(), clock.now()

    def act(session: "Session") -> tuple[dict[str, Any], int]:
        kind = catalogue.kind(session, key=wanted.kind_id)
        site = places.site(session, code=wanted.site)
        resident_id = by.resident_id
        if wanted.resident is not None:
            resident_id = people.resident_id_to_change(session, code=wanted.resident, by=by)
        if resident_id is None:
            raise WhoFor
        wish = service.Wish(
            kind_id=kind.id,
            site_id=site.id,
            resident_id=resident_id,
            starts_on=wanted.first,
            ends_on=wanted.last,
            fulfilment=wanted.fulfilment,
            slot_on=wanted.slot_on,
            slot_half=wanted.slot_half,
            address=wanted.address or None,
        )
        done = service.reserve(session, wish, by=by, at=at)
        return {
            "code": done.code,
            "state": "confirmed",
            "kind_id": kind.key,
            "site": site.code,
            "from": done.starts_on.isoformat(),
            "to": done.ends_on.isoformat(),
            "hold_until": done.hold_until.isoformat(),
            "fulfilment": done.fulfilment.value,
            "slot_on": wanted.slot_on.isoformat() if wanted.slot_on else None,
            "slot_half": wanted.slot_half.value if wanted.slot_half else None,
        }, 201

    return once(act)


@bp.get("/reservations/<string:code>")
@signed_in
@bp.output(schemas.ReservationOut)
@bp.doc(summary="Read a reservation", responses=[401, 403, 404])
def show(code: str) -> ResponseReturnValue:
    """Return the reservation, if the caller may look at its resident."""
    session = reading()
    found, _person = queries.reservation_for(session, code=code, by=actor())
    return jsonify(_item(session, found))


@bp.post("/reservations/<string:code>/cancel")
@signed_in
@bp.output(schemas.ReservationOut)
@bp.doc(summary="Cancel a reservation", responses=[401, 403, 404, 409])
def cancel(code: str) -> ResponseReturnValue:
    """Give the promise back; a second time changes nothing."""
    by, at = actor(), clock.now()

    def act(session: "Session") -> tuple[dict[str, Any], int]:
        found, person = queries.reservation_for(session, code=code, by=by)
        people.ensure_may_change(session, person, by=by)
        return _item(session, service.cancel(session, code=found.code, by=by, at=at)), 200

    return once(act)


def _item(session: "Session", found: ReservationView) -> dict[str, Any]:
    return {
        "code": found.code,
        "state": found.state.value,
        "kind_id": catalogue.kind_by_id(session, kind_id=found.kind_id).key,
        "site": places.site_by_id(session, site_id=found.site_id).code,
        "from": found.starts_on.isoformat(),
        "to": found.ends_on.isoformat(),
        "hold_until": found.hold_until.isoformat(),
        "fulfilment": found.fulfilment.value,
        "slot_on": found.slot_on.isoformat() if found.slot_on else None,
        "slot_half": found.slot_half.value if found.slot_half else None,
    }
