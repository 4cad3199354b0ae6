"""What tests of loans do first."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

from rental.foundation.clock import Moment
from rental.foundation.database import transaction
from rental.loans import service
from rental.loans.policy.acts import Issue, Return
from rental.people import service as people
from tests.cast import Cast

DAY = timedelta(days=1)


def wish(cast: Cast, unit: str = "available", who: str = "wang-guilan", **more: Any) -> Issue:
    plain = Issue(unit_code=cast.unit[unit].code, resident_code=cast.resident[who].code)
    return replace(plain, **more)


def issue(cast: Cast, at: Moment, asked: Issue, login: str = "clerk") -> service.Issued:
    with transaction() as session:
        return service.issue(session, asked, by=cast.actor(login), at=at)


def take_back(cast: Cast, at: Moment, unit: str, **more: Any) -> service.TakenBack:
    back = replace(Return(unit_code=cast.unit[unit].code), **more)
    with transaction() as session:
        return service.take_back(session, back, by=cast.actor("clerk"), at=at)


def later(at: Moment, days: int) -> Moment:
    return Moment.of(at.at + days * DAY)


def forget(cast: Cast, at: Moment, who: str = "wang-guilan") -> None:
    by = cast.actor("manager")
    with transaction() as session:
        people.anonymise(session, code=cast.resident[who].code, by=by, at=at)
