"""What was written about a device may tell of who had it: that goes with the person."""

from sqlalchemy import or_, update
from sqlalchemy.orm import Session

from rental.foundation.clock import Moment
from rental.people import queries as people
from rental.people.service import anonymising
from rental.upkeep.models import Fault
from rental.upkeep.policy import OwnWords


def _wipe(session: Session, resident_id: int, _at: Moment) -> None:
    """Wipe reports from the resident's loans and by the resident; that there was one stays."""
    whose = [Fault.resident_id == resident_id]
    account_id = people.person_by_id(session, resident_id=resident_id).account_id
    if account_id is not None:
        whose.append(Fault.reported_by == account_id)
    wiped = update(Fault).where(or_(*whose), Fault.what.not_in(list(OwnWords)))
    session.execute(wiped.values(what=OwnWords.WIPED.value))


anonymising.WIPES.append(_wipe)
