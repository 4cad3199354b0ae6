"""The rows that a use case decides on, locked, and the papers beside them."""

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from rental.eligibility.models import Application, Evidence
from rental.eligibility.policy import EvidenceKind
from rental.eligibility.queries import ApplicationNotFound
from rental.foundation.codes import CodeKind, is_code
from rental.people.service import RESIDENT, held_resident

_HOLD_RESIDENT = held_resident(
    RESIDENT.c.id.in_(select(Application.resident_id).where(Application.code == bindparam("code")))
)


def locked(session: Session, code: str) -> Application:
    """Return the application, locked until the transaction ends; the resident is held before it.

    Raises:
        ApplicationNotFound: If no application bears the code.
    """
    row = None
    if is_code(CodeKind.APPLICATION, code):
        connection = session.connection()
        if connection.dialect.name == "postgresql":
            connection.execute(_HOLD_RESIDENT, {"code": code})
        row = session.scalar(
            select(Application)
            .where(Application.code == code)
            .with_for_update()
            .execution_options(populate_existing=True)
        )
    if row is None:
        raise ApplicationNotFound
    return row


def papers_of(session: Session, row: Application) -> dict[EvidenceKind, Evidence]:
    """Return the application's papers by kind."""
    found = session.scalars(select(Evidence).where(Evidence.application_id == row.id))
    return {paper.kind: paper for paper in found}


def seen_of(papers: dict[EvidenceKind, Evidence]) -> frozenset[EvidenceKind]:
    """Return the kinds that somebody has seen."""
    return frozenset(kind for kind, paper in papers.items() if paper.seen_at is not None)
