"""Reminding: before the due date, on it and after it, into the outbox, each once."""

from datetime import timedelta

from sqlalchemy.orm import Session

from rental.catalogue import queries as catalogue
from rental.foundation.clock import SITE_ZONE, Moment
from rental.loans import queries
from rental.loans.policy import reminders_due
from rental.notices import service as notices
from rental.notices.policy import NoticeKind

#: Nobody is woken by a reminder; hours of the day at the site, the last one excluded.
FIRST_HOUR, LAST_HOUR = 8, 20

#: For how many days a reminder is made up for when nothing ran on its own day.
CATCH_UP_DAYS = 3

_DAY = timedelta(days=1)
_KINDS: dict[int, NoticeKind] = {
    -3: NoticeKind.DUE_IN_3_DAYS,
    0: NoticeKind.DUE_TODAY,
    1: NoticeKind.OVERDUE_1_DAY,
    7: NoticeKind.OVERDUE_7_DAYS,
}


def remind(session: Session, *, at: Moment) -> int:
    """Send the reminders of the day; safe to repeat. Return how many loans they concern.

    Those of the last days go out late when they never did; of several only the latest, as the
    others are no longer true. A renewed loan is reminded anew: the due date is part of the key.
    """
    if not FIRST_HOUR <= at.at.astimezone(SITE_ZONE).hour < LAST_HOUR:
        return 0
    found = queries.to_remind(session, on=at.on, days_back=CATCH_UP_DAYS)
    for loan in found:
        since = max(at.on - (CATCH_UP_DAYS + 1) * _DAY, loan.issued_on - _DAY)
        for days in reminders_due(loan.due_on, at.on, since=since)[-1:]:
            notices.send(
                session,
                _KINDS[days],
                resident_id=loan.resident_id,
                once=f"{loan.code}:{loan.due_on.isoformat()}",
                at=at,
                params={
                    "kind": catalogue.kind_by_id(session, kind_id=loan.kind_id).name,
                    "due": loan.due_on,
                },
            )
    return len(found)
