"""Acting on somebody's behalf, and looking at masked values: both are written down."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from rental import journal
from rental.foundation.actor import Actor
from rental.foundation.clock import Moment
from rental.foundation.constraints import refusing
from rental.foundation.crypto import blind_index
from rental.foundation.errors import Conflict, NotAllowed, NotFound
from rental.foundation.words import N_
from rental.people import queries
from rental.people.models import Account, ActingFor, Resident, Reveal, SignInAttempt
from rental.people.policy import Relation, Secret, network_of


class AlreadyActing(Conflict):
    """The account acts for the resident already."""

    sentence = N_("这位家人已经是代办人了，不用再添加。")


class DeputyWorksHere(NotAllowed):
    """Staff would let themselves or a colleague act as family, and so see everything unmasked."""

    sentence = N_(
        "代办人要是居民自己的家人，不能是工作人员的账号。替居民办事不用添加代办人；"
        "真是家人的，请居民登录自己的账号来添加。"
    )


class ActingNotFound(NotFound):
    """Nobody acts for the resident under this number, or it has ended."""

    sentence = N_("这位代办人已经不在名单里，请刷新页面再看一次。")


def act_for(
    session: Session,
    account_id: int,
    resident_id: int,
    *,
    relation: Relation,
    by: Actor,
    at: Moment,
) -> None:
    """Let an account act for a resident; the caller has tested that the actor may say so.

    Raises:
        DataWiped: If the resident was anonymised.
        AlreadyActing: If it does already.
    """
    row = session.get_one(Resident, resident_id, with_for_update=True, populate_existing=True)
    queries.ensure_known(row.state)
    let_act(session, row, account_id=account_id, relation=relation, by=by, at=at)


def add_deputy(
    session: Session, *, code: str, name: str, relation: Relation, by: Actor, at: Moment
) -> None:
    """Let the account with the login name or telephone number act for the resident.

    Raises:
        ResidentNotFound: If there is none.
        DataWiped: If the resident was anonymised.
        NotYourResident: If the actor may not act for the resident.
        AccountNotFound: If no account bears the name.
        AlreadyActing: If it acts for the resident already.
        DeputyWorksHere: If staff name a member of staff, or themselves.
    """
    found = queries.person_to_change(session, code=code, by=by)
    account_id = queries.account_named(session, name=name)
    if account_id == found.account_id:
        raise AlreadyActing
    at_work = not queries.is_own_or_family(session, found, by=by)
    if at_work and queries.works_here(session, account_id=account_id):
        raise DeputyWorksHere
    act_for(session, account_id, found.id, relation=relation, by=by, at=at)


def count_try(session: Session, *, address: str, by: Actor, at: Moment) -> int:
    """Count that the actor names somebody's account, or say for how many minutes not to.

    Found or not, each try counts, so that telephone numbers can't be tried out one by one.

    Args:
        session: The open use-case transaction.
        address: The network address that the try comes from.
        by: Who tries.
        at: Now.
    """
    session.get_one(Account, by.account_id, with_for_update=True)
    account_index = blind_index(str(by.account_id), purpose="deputy-account")
    address_index = blind_index(network_of(address), purpose="deputy-address")
    minutes = queries.paused_for(
        session, account_index=account_index, address_index=address_index, at=at
    )
    if not minutes:
        session.add(
            SignInAttempt(account_index=account_index, address_index=address_index, at=at.at)
        )
    return minutes


def let_act(
    session: Session, row: Resident, *, account_id: int, relation: Relation, by: Actor, at: Moment
) -> None:
    """Add the relation; for the use cases of this slice.

    Raises:
        AlreadyActing: If it exists.
    """
    acting = ActingFor(account_id=account_id, resident_id=row.id, relation=relation, since_at=at.at)
    session.add(acting)
    with refusing("acting_for.account_id", "uq_acting_for_current", refusal=AlreadyActing()):
        session.flush()
    details = {"account_id": account_id, "relation": relation}
    journal.record(
        session, row, act="deputy_added", by=by, at=at, resident_id=row.id, details=details
    )


def end_acting(session: Session, *, code: str, acting_id: int, by: Actor, at: Moment) -> None:
    """End that somebody acts for the resident.

    Raises:
        ResidentNotFound: If there is none.
        DataWiped: If the resident was anonymised.
        NotYourResident: If the actor may not act for the resident.
        ActingNotFound: If nobody acts under this number.
    """
    queries.person_to_change(session, code=code, by=by)
    row = locked_resident(session, code)
    acting = session.scalars(
        select(ActingFor).where(
            ActingFor.id == acting_id,
            ActingFor.resident_id == row.id,
            ActingFor.ended_at.is_(None),
        )
    ).one_or_none()
    if acting is None:
        raise ActingNotFound
    acting.ended_at = at.at
    details = {"account_id": acting.account_id}
    journal.record(
        session, row, act="deputy_ended", by=by, at=at, resident_id=row.id, details=details
    )


def reveal(
    session: Session, *, code: str, which: Secret, reason: str, by: Actor, at: Moment
) -> int:
    """Write down that the actor looks at a masked value, and why; return the look's id.

    Raises:
        ResidentNotFound: If there is none.
        DataWiped: If the resident was anonymised.
        NotYourResident: If the actor may not act for the resident.
    """
    found = queries.person_for(session, code=code, by=by)
    row = locked_resident(session, found.code)
    look = Reveal(
        resident_id=row.id,
        account_id=by.account_id or 0,
        field=which.value,
        reason=reason,
        at=at.at,
    )
    session.add(look)
    details = {"field": which}
    journal.record(session, row, act="revealed", by=by, at=at, resident_id=row.id, details=details)
    return look.id


def note_export(session: Session, *, code: str, by: Actor, at: Moment) -> None:
    """Write down that the actor takes everything along that is kept about the resident.

    Raises:
        ResidentNotFound: If there is none.
        DataWiped: If the resident was anonymised.
        NotYourResident: If the actor is neither the resident nor family.
    """
    found = queries.person(session, code=code)
    if not queries.is_own_or_family(session, found, by=by):
        raise queries.NotYourResident
    row = locked_resident(session, code)
    session.add(
        Reveal(
            resident_id=row.id,
            account_id=by.account_id or 0,
            field=Secret.EVERYTHING.value,
            reason="",
            at=at.at,
        )
    )
    details = {"field": Secret.EVERYTHING}
    journal.record(session, row, act="revealed", by=by, at=at, resident_id=row.id, details=details)


def hold_resident(session: Session, *, resident_id: int) -> None:
    """Let nobody change the resident, or decide about them, until the use case ends.

    Raises:
        DataWiped: If the resident was anonymised, perhaps while this waited for the lock.
    """
    state = session.scalars(
        select(Resident.state).where(Resident.id == resident_id).with_for_update()
    ).one()
    queries.ensure_known(state)


def locked_resident(session: Session, code: str) -> Resident:
    """Return the row, locked; for the use cases of this slice.

    Raises:
        ResidentNotFound: If there is none.
        DataWiped: If the resident was anonymised, perhaps while this waited for the lock.
    """
    row = session.scalars(
        select(Resident)
        .where(Resident.code == code)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).one_or_none()
    if row is None:
        raise queries.ResidentNotFound
    queries.ensure_known(row.state)
    return row
