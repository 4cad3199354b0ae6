"""When a person's own data change while an application is open, its papers are looked at again."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from rental import journal
from rental.eligibility import queries
from rental.eligibility.models import Application, Evidence
from rental.eligibility.policy import ABOUT_THE_PERSON, OPEN_STATES
from rental.eligibility.service.rows import papers_of
from rental.foundation.actor import Actor
from rental.foundation.clock import Moment
from rental.people import queries as people
from rental.people.service import residents


def _recheck(session: Session, resident_id: int, by: Actor, at: Moment) -> None:
    """Ask for what the application rests on now; a page opened before is stale.

    Papers about the person that were seen are to be seen again, unless staff corrected the data,
    who have them in hand.
    """
    row = session.scalars(
        select(Application)
        .where(Application.resident_id == resident_id, Application.state.in_(OPEN_STATES))
        .with_for_update()
        .execution_options(populate_existing=True)
    ).one_or_none()
    if row is None:
        return
    papers = papers_of(session, row)
    person = people.person_by_id(session, resident_id=resident_id)
    if not by.is_staff or people.is_own_or_family(session, person, by=by):
        for kind in ABOUT_THE_PERSON.intersection(papers):
            papers[kind].seen_by = papers[kind].seen_at = None
    grounds = [claim.ground for claim in queries.claims_of(session, [row.id])]
    needed = queries.papers_needed(session, person, grounds, today=at.on)
    session.add_all(
        Evidence(application_id=row.id, kind=kind, declared_at=at.at)
        for kind in needed
        if kind not in papers
    )
    journal.record(session, row, act="person_changed", by=by, at=at, resident_id=resident_id)


residents.CHANGED.append(_recheck)
