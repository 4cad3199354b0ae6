"""Who acts in the demo data, and when."""

from datetime import datetime, time, timedelta

from rental.foundation.actor import Actor
from rental.foundation.clock import SITE_ZONE, Moment
from rental.foundation.database import reading
from rental.people import queries as people


def at_ten(now: Moment, *, days: int) -> Moment:
    """Return ten in the morning at the site, some days from now."""
    return Moment.of(datetime.combine(now.on + timedelta(days=days), time(10), SITE_ZONE))


def actor(login: str) -> Actor:
    """Return the account with the login as an actor.

    Raises:
        people.AccountNotFound: If there is none, or it is inactive.
    """
    session = reading()
    try:
        return people.actor_of(session, login=login)
    finally:
        session.rollback()
