"""What a site calls itself."""

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from rental.foundation.actor import Actor
from rental.foundation.words import Named
from rental.places import queries
from rental.places.models import Site


@dataclass(frozen=True, slots=True, kw_only=True)
class SiteWords:
    """A site's name, address and telephone as everybody reads them."""

    name: Named
    address: Named
    phone: str


def set_site(session: Session, *, code: str, words: SiteWords, by: Actor) -> None:
    """Change name, address and telephone of the site.

    Raises:
        queries.SiteNotFound: If there is no such site.
    """
    del by
    row = session.scalar(select(Site).where(Site.code == code).with_for_update())
    if row is None:
        raise queries.SiteNotFound
    row.zh, row.en = words.name.zh, words.name.en
    row.address_zh, row.address_en = words.address.zh, words.address.en
    row.phone = words.phone
    session.flush()
    queries.forget(session)
