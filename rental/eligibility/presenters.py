"""What pages and the API show of assessments, applications and decisions."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date

from flask_babel import gettext as _

from rental.eligibility.policy import (
    APPLICATION_STATE_NAMES,
    BRING,
    DIFFICULTIES,
    EVIDENCE_NAMES,
    GROUND_NAMES,
    ApplicationState,
    Assessment,
    Criterion,
    CriterionCode,
    Declaration,
    DisabilityClaim,
    ElderlyClaim,
    EvidenceKind,
    Ground,
    InjuryClaim,
    Met,
    Outcome,
    Reason,
    Rules,
    papers_for,
)
from rental.eligibility.policy import Claim as PolicyClaim
from rental.foundation.words import N_, Named, Sentence
from rental.journal.queries import Happening
from rental.people.policy import masked_number
from rental.web.parts import Event, Status
from rental.web.say import day, in_english, moment, say


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """The outcome in big letters, and what to do next."""

    tone: str
    icon: str
    title: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One criterion as a page shows it."""

    name: str
    tag: Status
    reason: str
    bring: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """The criteria of everybody, or of one ground."""

    name: str
    rows: tuple[Row, ...]


CRITERION_NAMES: dict[CriterionCode, str] = {
    CriterionCode.REGISTER: N_("户口"),
    CriterionCode.IDENTITY: N_("身份证"),
    CriterionCode.GROUND: N_("服务对象"),
    CriterionCode.CERTIFICATE: N_("残疾人证"),
    CriterionCode.CERTIFICATE_VALID: N_("残疾人证有效期"),
    CriterionCode.AGE: N_("年龄"),
    CriterionCode.DIFFICULTY: N_("生活困难"),
    CriterionCode.HOSPITAL_NOTE: N_("医院证明"),
    CriterionCode.INJURY_WINDOW: N_("证明的期限"),
}

_MET: dict[Met, tuple[str, str, str]] = {
    Met.YES: (N_("符合"), "green", "check"),
    Met.NO: (N_("不符合"), "red", "stop"),
    Met.UNKNOWN: (N_("还不知道"), "yellow", "question"),
}

_STATES: dict[ApplicationState, tuple[str, str]] = {
    ApplicationState.SUBMITTED: ("blue", "clock"),
    ApplicationState.PAPERS_REQUESTED: ("yellow", "warn"),
    ApplicationState.APPROVED: ("green", "check"),
    ApplicationState.REFUSED: ("red", "stop"),
    ApplicationState.WITHDRAWN: ("grey", "back"),
}

_VERDICTS: dict[Outcome, tuple[str, str, str, str]] = {
    Outcome.ELIGIBLE: (
        "good",
        "check",
        N_("可以借"),
        N_("按您填的情况，符合免费借用的条件。带上证件，办一次申请就能借。"),
    ),
    Outcome.NEEDS_REVIEW: (
        "warn",
        "question",
        N_("还要看一看材料才知道"),
        N_("有几项还不知道。请看下面缺什么、谁可以拿来，然后申请，由工作人员核实。"),
    ),
    Outcome.NOT_ELIGIBLE: (
        "bad",
        "stop",
        N_("现在还不能借"),
        N_("按您填的情况，有的条件不符合，原因在下面。情况特殊或者填错了，请打电话问我们。"),
    ),
}

_TOO_YOUNG = N_("到 %(day)s 就满 %(age)s 周岁，那天起可以申请。")

_ACTS: dict[str, str] = {
    "submitted": N_("提交申请"),
    "paper_seen": N_("看过%(paper)s"),
    "person_changed": N_("改了个人资料，证件要重新看"),
    "papers_requested": N_("请补材料"),
    "approved": N_("审核通过"),
    "refused": N_("审核未通过"),
    "withdrawn": N_("撤回申请"),
}


def relevant(assessment: Assessment) -> tuple[Criterion, ...]:
    """Return the criteria that concern the person: all, while no ground was named."""
    named = any(c.counted and c.ground is not None for c in assessment.criteria)
    return tuple(c for c in assessment.criteria if c.counted or not named)


def reason_with_paper(criterion: Criterion) -> str:
    """Return why, and which paper is missing and who can fetch it."""
    parts = [say(part) for part in (criterion.reason, criterion.bring) if part]
    return (" " if in_english() else "").join(parts)


def verdict(assessment: Assessment) -> Verdict:
    """Return the outcome in words; who is only too young reads from which day on they may apply."""
    tone, icon, title, text = _VERDICTS[assessment.outcome]
    said = Sentence(text)
    if assessment.is_only_too_young:
        age = assessment.criterion(CriterionCode.AGE)
        said = Sentence(_TOO_YOUNG, **age.reason.params)
    return Verdict(tone=tone, icon=icon, title=_(title), text=say(said))


def groups(assessment: Assessment) -> tuple[Group, ...]:
    """Return the criteria in groups: what everybody needs, then each ground named.

    Who may not borrow is sent nowhere with papers.
    """
    shown = relevant(assessment)
    if assessment.outcome is Outcome.NOT_ELIGIBLE:
        shown = tuple(replace(criterion, bring=None) for criterion in shown)
    common = [c for c in shown if c.ground is None]
    found = [Group(name=_("每个人都要看的"), rows=tuple(_row(c) for c in common))]
    for ground in Ground:
        rows = tuple(_row(c) for c in shown if c.ground is ground)
        if rows:
            found.append(Group(name=say(GROUND_NAMES[ground]), rows=rows))
    return tuple(found)


def _row(criterion: Criterion) -> Row:
    word, colour, icon = _MET[criterion.met]
    return Row(
        name=_(CRITERION_NAMES[criterion.code]),
        tag=Status(_(word), colour, icon),
        reason=say(criterion.reason),
        bring=say(criterion.bring) if criterion.bring else "",
    )


def to_bring(
    assessment: Assessment, declaration: Declaration, rules: Rules, *, today: date
) -> tuple[str, ...]:
    """Return every paper that the application will ask for, so that one way is enough.

    Who perhaps may borrow reads who can fetch it, too. Who may not is sent nowhere with papers.
    """
    if assessment.outcome is Outcome.NOT_ELIGIBLE:
        return ()
    claimed = (claim.ground for claim in declaration.grounds)
    papers = papers_for(claimed, declaration, rules, today)
    if assessment.outcome is Outcome.ELIGIBLE:
        return tuple(paper_name(kind) for kind in papers)
    return tuple(say(BRING[kind]) for kind in papers)


def state_tag(state: ApplicationState) -> Status:
    """Return the state of an application."""
    colour, icon = _STATES[state]
    return Status(say(APPLICATION_STATE_NAMES[state]), colour, icon)


def decision_tag(*, revoked: bool, ended: bool) -> Status:
    """Return whether a decision holds."""
    if revoked:
        return Status(_("已撤销"), "red", "stop")
    return Status(_("已到期"), "grey", "clock") if ended else Status(_("有效"), "green", "check")


def seen_tag(*, seen: bool) -> Status:
    """Return whether a paper was seen."""
    if seen:
        return Status(_("看过了"), "green", "check")
    return Status(_("还没看到"), "yellow", "question")


def ground_names(grounds: Iterable[Ground]) -> str:
    """Return the grounds in one line."""
    return str(_("、")).join(say(GROUND_NAMES[ground]) for ground in grounds)


def paper_name(kind: EvidenceKind) -> str:
    """Return the paper's name."""
    return say(EVIDENCE_NAMES[kind])


def difficulty_names(codes: Iterable[str]) -> str:
    """Return the difficulties in one line; a dash for none."""
    names = [say(DIFFICULTIES.get(code, Named(code, code))) for code in codes]
    return str(_("、")).join(names) or "—"


def claim_facts(
    ground: Ground,
    *,
    certificate: str | None,
    expires_on: date | None,
    difficulties: Iterable[str],
    noted_on: date | None,
) -> list[tuple[str, str]]:
    """Return what was declared for a ground as terms and values."""
    unknown = _("没有填")
    match ground:
        case Ground.DISABILITY:
            until = day(expires_on) if expires_on else unknown
            return [(_("残疾人证号"), certificate or unknown), (_("有效期到"), until)]
        case Ground.ELDERLY:
            return [(_("困难情况"), difficulty_names(difficulties))]
        case Ground.INJURY:
            return [(_("医院证明日期"), day(noted_on) if noted_on else unknown)]


def declared_facts(claim: PolicyClaim) -> list[tuple[str, str]]:
    """Return the facts of a claim that is not stored yet; the number is masked."""
    match claim:
        case DisabilityClaim():
            number = masked_number(claim.certificate.number) if claim.certificate else None
            return claim_facts(
                claim.ground,
                certificate=number,
                expires_on=claim.expires_on,
                difficulties=(),
                noted_on=None,
            )
        case ElderlyClaim() | InjuryClaim():
            return claim_facts(
                claim.ground,
                certificate=None,
                expires_on=None,
                difficulties=sorted(getattr(claim, "difficulties", ())),
                noted_on=getattr(claim, "noted_on", None),
            )


def timeline(
    happenings: Iterable[Happening], names: Mapping[int, str], *, latest: Reason
) -> list[Event]:
    """Return an application's history, newest first.

    Args:
        happenings: What happened, newest first.
        names: Names of the accounts that did it.
        latest: The reason of the last answer; of those before it only the codes are kept.
    """
    events = []
    for line in happenings:
        text = ""
        if line.act in {"papers_requested", "refused"}:
            codes = tuple(line.details.get("reasons", ()))
            reason = latest if latest.codes == codes else Reason(codes)
            text, latest = say(reason.said), Reason()
        by = names.get(line.actor_id or 0, "")
        events.append(Event(at_text=moment(line.at), title=_act(line), text=text, by=by))
    return events


def _act(line: Happening) -> str:
    title = _ACTS.get(line.act, line.act)
    paper = str(line.details.get("paper", ""))
    named = EVIDENCE_NAMES[EvidenceKind(paper)] if paper in set(EvidenceKind) else ""
    return say(Sentence(title, paper=named)) if named else _(title)
