"""Asking about applications."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from rental.eligibility import models
from rental.eligibility.models import Application, Evidence
from rental.eligibility.policy import (
    OPEN_STATES,
    ApplicationState,
    EvidenceKind,
    Ground,
    Reason,
)
from rental.eligibility.queries.decisions import DecisionView, of_application
from rental.foundation.clock import Moment
from rental.foundation.codes import CodeKind, is_code
from rental.foundation.errors import NotFound
from rental.foundation.words import N_
from rental.people.policy import masked_number

PAGE = 20


class ApplicationNotFound(NotFound):
    """No application bears the code."""

    sentence = N_("没有找到这份申请。请从“我的租借”重新打开，或打电话给我们。")


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimView:
    """One ground as it was claimed; the number is masked."""

    ground: Ground
    certificate: str | None
    expires_on: date | None
    difficulties: tuple[str, ...]
    noted_on: date | None


@dataclass(frozen=True, slots=True, kw_only=True)
class PaperView:
    """A paper that was declared, and who saw it when."""

    kind: EvidenceKind
    seen_by: int | None
    seen_at: datetime | None
    note: str

    @property
    def is_seen(self) -> bool:
        """Whether somebody has seen it."""
        return self.seen_at is not None


@dataclass(frozen=True, slots=True, kw_only=True)
class ApplicationView:
    """An application with everything that hangs on it.

    Attributes:
        seq: How many things have happened to it; tells whether a page is stale.
    """

    code: str
    resident_id: int
    state: ApplicationState
    submitted_at: datetime
    submitted_by: int
    answered_at: datetime | None
    reason: Reason
    seq: int
    claims: tuple[ClaimView, ...]
    papers: tuple[PaperView, ...]
    decisions: tuple[DecisionView, ...]

    @property
    def is_open(self) -> bool:
        """Whether it still waits for an answer."""
        return self.state in OPEN_STATES

    @property
    def grounds(self) -> tuple[Ground, ...]:
        """The grounds claimed."""
        return tuple(claim.ground for claim in self.claims)

    @property
    def unseen(self) -> tuple[EvidenceKind, ...]:
        """The papers that nobody has seen yet."""
        return tuple(paper.kind for paper in self.papers if not paper.is_seen)


@dataclass(frozen=True, slots=True, kw_only=True)
class ApplicationLine:
    """An application in a list."""

    code: str
    resident_id: int
    state: ApplicationState
    submitted_at: datetime
    answered_at: datetime | None
    grounds: tuple[Ground, ...]
    papers: int
    papers_seen: int

    def waiting_days(self, today: date) -> int:
        """Return how many days ago it was submitted."""
        return (today - Moment.of(self.submitted_at).on).days


@dataclass(frozen=True, slots=True, kw_only=True)
class QueuePage:
    """One page of the queue; `number` counts from 1, `waiting` tells that none is answered yet."""

    lines: tuple[ApplicationLine, ...]
    number: int
    pages: int
    total: int
    waiting: bool


def application(session: Session, *, code: str) -> ApplicationView:
    """Return the application with the code.

    Raises:
        ApplicationNotFound: If there is none.
    """
    row = row_of(session, code)
    papers = session.scalars(
        select(Evidence).where(Evidence.application_id == row.id).order_by(Evidence.id)
    )
    return ApplicationView(
        code=row.code,
        resident_id=row.resident_id,
        state=row.state,
        submitted_at=row.submitted_at,
        submitted_by=row.submitted_by,
        answered_at=row.answered_at,
        reason=Reason.read(row.reason),
        seq=row.journal_seq,
        claims=tuple(_claim_view(claim) for claim in claims_of(session, [row.id])),
        papers=tuple(
            PaperView(kind=p.kind, seen_by=p.seen_by, seen_at=p.seen_at, note=p.note)
            for p in papers
        ),
        decisions=of_application(session, row.id),
    )


def open_application(session: Session, resident_id: int) -> ApplicationLine | None:
    """Return the resident's application that waits for an answer, None without one."""
    statement = select(Application).where(
        Application.resident_id == resident_id, Application.state.in_(OPEN_STATES)
    )
    return next(iter(_lines(session, session.scalars(statement).all())), None)


def of_resident(session: Session, *, resident_id: int) -> tuple[ApplicationLine, ...]:
    """Return the resident's applications, the latest first."""
    statement = (
        select(Application)
        .where(Application.resident_id == resident_id)
        .order_by(Application.id.desc())
    )
    return _lines(session, session.scalars(statement).all())


def last_refusal(session: Session, *, resident_id: int) -> ApplicationView | None:
    """Return the resident's latest application if it was refused; a withdrawn one doesn't count."""
    lines = of_resident(session, resident_id=resident_id)
    last = next((each for each in lines if each.state is not ApplicationState.WITHDRAWN), None)
    if last is None or last.state is not ApplicationState.REFUSED:
        return None
    return application(session, code=last.code)


def queue(
    session: Session,
    *,
    state: ApplicationState | None = None,
    ground: Ground | None = None,
    page: int = 1,
) -> QueuePage:
    """Return one page of applications: the longest waiting first, answered ones newest first.

    Args:
        session: The request's session.
        state: Only this state; None for all that wait for an answer.
        ground: Only applications that claim this ground.
        page: From 1; a page beyond the last one gives the last one.
    """
    states = OPEN_STATES if state is None else {state}
    asked = select(Application).where(Application.state.in_(states))
    if ground is not None:
        asked = asked.where(
            select(models.Claim.id)
            .where(models.Claim.application_id == Application.id, models.Claim.ground == ground)
            .exists()
        )
    total = session.scalar(select(func.count()).select_from(asked.subquery())) or 0
    pages = max(1, -(-total // PAGE))
    number = min(max(page, 1), pages)
    waiting = states <= OPEN_STATES
    longest_waiting = (Application.submitted_at, Application.id)
    newest_answer = (Application.answered_at.desc(), Application.id.desc())
    rows = session.scalars(
        asked
        .order_by(*(longest_waiting if waiting else newest_answer))
        .offset((number - 1) * PAGE)
        .limit(PAGE)
    ).all()
    lines = _lines(session, rows)
    return QueuePage(lines=lines, number=number, pages=pages, total=total, waiting=waiting)


def count_waiting(session: Session) -> int:
    """Return how many applications wait for a reviewer."""
    waiting = select(func.count()).where(Application.state == ApplicationState.SUBMITTED)
    return session.scalar(waiting) or 0


def row_of(session: Session, code: str) -> Application:
    """Return the application's row.

    Raises:
        ApplicationNotFound: If there is none.
    """
    found = None
    if is_code(CodeKind.APPLICATION, code):
        found = session.scalar(select(Application).where(Application.code == code))
    if found is None:
        raise ApplicationNotFound
    return found


def claims_of(session: Session, application_ids: Sequence[int]) -> list[models.Claim]:
    """Return the claims of the applications, in the order of the grounds."""
    found = session.scalars(
        select(models.Claim).where(models.Claim.application_id.in_(application_ids))
    )
    order = list(Ground)
    return sorted(found, key=lambda claim: order.index(claim.ground))


def _claim_view(row: models.Claim) -> ClaimView:
    number = row.certificate_number
    return ClaimView(
        ground=row.ground,
        certificate=masked_number(number) if number else None,
        expires_on=row.expires_on,
        difficulties=codes_of(row),
        noted_on=row.noted_on,
    )


def codes_of(row: models.Claim) -> tuple[str, ...]:
    """Return the codes of the declared difficulties."""
    return tuple(code for code in row.difficulties.split(",") if code)


def _lines(session: Session, rows: Sequence[Application]) -> tuple[ApplicationLine, ...]:
    """Return list lines for the rows, with two more statements for all of them."""
    ids = [row.id for row in rows]
    if not ids:
        return ()
    grounds: dict[int, list[Ground]] = defaultdict(list)
    for claim in claims_of(session, ids):
        grounds[claim.application_id].append(claim.ground)
    papers = {
        id_: (all_, seen)
        for id_, all_, seen in session.execute(
            select(Evidence.application_id, func.count(), func.count(Evidence.seen_at))
            .where(Evidence.application_id.in_(ids))
            .group_by(Evidence.application_id)
        )
    }
    return tuple(
        ApplicationLine(
            code=row.code,
            resident_id=row.resident_id,
            state=row.state,
            submitted_at=row.submitted_at,
            answered_at=row.answered_at,
            grounds=tuple(grounds[row.id]),
            papers=papers.get(row.id, (0, 0))[0],
            papers_seen=papers.get(row.id, (0, 0))[1],
        )
        for row in rows
    )
