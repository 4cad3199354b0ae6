"""The words of eligibility: grounds, outcomes, papers, and the life of an application."""

from enum import StrEnum

from rental.foundation.errors import Conflict
from rental.foundation.words import N_, Named


class Ground(StrEnum):
    """One way to qualify (资格类型)."""

    DISABILITY = "disability"
    ELDERLY = "elderly"
    INJURY = "injury"


class Outcome(StrEnum):
    """What an assessment says."""

    ELIGIBLE = "eligible"
    NEEDS_REVIEW = "needs_review"
    NOT_ELIGIBLE = "not_eligible"


class Met(StrEnum):
    """Whether a criterion holds; an absent paper is unknown, never no."""

    YES = "yes"
    NO = "no"
    UNKNOWN = "unknown"


class Attestation(StrEnum):
    """What a difficulty that nobody attested does to an elderly person's application."""

    REQUIRED = "required"
    """It needs a review."""
    IGNORED = "ignored"
    """Age alone is enough, and the difficulty counts nowhere."""


class EvidenceKind(StrEnum):
    """A paper seen or uploaded for a ground (证明材料)."""

    REGISTER_PAGE = "register_page"
    RESIDENCE_PERMIT = "residence_permit"
    IDENTITY_CARD = "identity_card"
    DISABILITY_CERTIFICATE = "disability_certificate"
    HOSPITAL_NOTE = "hospital_note"
    DIFFICULTY_PROOF = "difficulty_proof"


class ApplicationState(StrEnum):
    """Where an application for eligibility stands."""

    SUBMITTED = "submitted"
    PAPERS_REQUESTED = "papers_requested"
    APPROVED = "approved"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"


GROUND_NAMES: dict[Ground, Named] = {
    Ground.DISABILITY: Named("残疾人", "disabled"),
    Ground.ELDERLY: Named("困难老年人", "elderly and in difficulty"),
    Ground.INJURY: Named("伤病人员", "injured or ill"),
}

EVIDENCE_NAMES: dict[EvidenceKind, Named] = {
    EvidenceKind.REGISTER_PAGE: Named("户口簿", "household register"),
    EvidenceKind.RESIDENCE_PERMIT: Named("居住证", "residence permit"),
    EvidenceKind.IDENTITY_CARD: Named("身份证", "identity card"),
    EvidenceKind.DISABILITY_CERTIFICATE: Named("残疾人证", "disability certificate"),
    EvidenceKind.HOSPITAL_NOTE: Named("医院证明", "hospital note"),
    EvidenceKind.DIFFICULTY_PROOF: Named("困难证明", "proof of difficulty"),
}

APPLICATION_STATE_NAMES: dict[ApplicationState, Named] = {
    ApplicationState.SUBMITTED: Named("待审核", "waiting for review"),
    ApplicationState.PAPERS_REQUESTED: Named("待补材料", "papers requested"),
    ApplicationState.APPROVED: Named("已通过", "approved"),
    ApplicationState.REFUSED: Named("未通过", "refused"),
    ApplicationState.WITHDRAWN: Named("已撤回", "withdrawn"),
}

TRANSITIONS: dict[ApplicationState, frozenset[ApplicationState]] = {
    ApplicationState.SUBMITTED: frozenset({
        ApplicationState.PAPERS_REQUESTED,
        ApplicationState.APPROVED,
        ApplicationState.REFUSED,
        ApplicationState.WITHDRAWN,
    }),
    ApplicationState.PAPERS_REQUESTED: frozenset({
        ApplicationState.SUBMITTED,
        ApplicationState.APPROVED,
        ApplicationState.REFUSED,
        ApplicationState.WITHDRAWN,
    }),
    ApplicationState.APPROVED: frozenset(),
    ApplicationState.REFUSED: frozenset(),
    ApplicationState.WITHDRAWN: frozenset(),
}

OPEN_STATES = frozenset(state for state, arrows in TRANSITIONS.items() if arrows)
"""The states in which an application still waits for an answer."""


class ApplicationCannotMove(Conflict):
    """The application may not go from its state to the one asked for."""

    sentence = N_(
        "这份申请现在是“%(state)s”，不能改成“%(to)s”。请刷新页面查看最新情况，需要时重新提交申请。"
    )


def ensure_can_move(state: ApplicationState, to: ApplicationState) -> None:
    """Test that the application may move to the state.

    Raises:
        ApplicationCannotMove: If the table of transitions has no such arrow.
    """
    if to not in TRANSITIONS[state]:
        raise ApplicationCannotMove(
            state=APPLICATION_STATE_NAMES[state], to=APPLICATION_STATE_NAMES[to]
        )
