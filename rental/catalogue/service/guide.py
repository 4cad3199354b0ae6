"""The manager's own guides."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from rental.catalogue import queries
from rental.catalogue.models import Kind
from rental.foundation.actor import Actor
from rental.foundation.errors import Invalid
from rental.foundation.words import N_, Named

LONGEST = 4000


class GuideTooLong(Invalid):
    """Nobody reads that much."""

    sentence = N_("说明太长了，最多 %(n)s 个字，请写短一些。")
    field = "zh"


def set_guide(session: Session, *, key: str, guide: Named, by: Actor) -> None:
    """Replace the kind's guide; empty words bring the composed guide back.

    Raises:
        queries.KindNotFound: If there is no such kind.
        GuideTooLong: If a text has more than 4,000 characters.
    """
    del by
    if max(len(guide.zh), len(guide.en)) > LONGEST:
        raise GuideTooLong(n=LONGEST)
    row = session.scalar(select(Kind).where(Kind.key == key).with_for_update())
    if row is None:
        raise queries.KindNotFound
    row.guide_zh, row.guide_en = guide.zh, guide.en
    session.flush()
    queries.forget(session)
