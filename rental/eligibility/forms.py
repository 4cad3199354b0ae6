"""Forms of eligibility: posted words in, declarations, claims and answers out."""

from collections.abc import Iterable, Sequence
from datetime import date
from itertools import starmap

from flask_babel import lazy_gettext as _l
from wtforms import HiddenField, RadioField, SelectMultipleField
from wtforms.fields.choices import SelectChoice

from rental.eligibility.policy import (
    DIFFICULTIES,
    ELSEWHERE,
    EVIDENCE_NAMES,
    GROUND_NAMES,
    REFUSAL_REASONS,
    CertificateEndsTooLate,
    CertificateInvalid,
    CertificateOfSomeoneElse,
    CitizenNumber,
    CitizenNumberInvalid,
    Claim,
    Declaration,
    DisabilityCertificate,
    DisabilityClaim,
    ElderlyClaim,
    EvidenceKind,
    Ground,
    InjuryClaim,
    PaperFacts,
    Reason,
    RefusalReason,
    ensure_certificate_end,
    ensure_same_person,
    read_citizen_number,
    read_disability_certificate,
    wrong_birth,
)
from rental.foundation.words import N_, Named, Sentence
from rental.web.forms import AtMost, Form, LongTextField, Needed, TextField, ThreePartDateField
from rental.web.say import say

PERMIT = "residence_permit"
"""The register lies elsewhere, but the person holds a residence permit of the area."""

GROUND_CHOICES = [
    SelectChoice(Ground.DISABILITY.value, _l("有残疾人证")),
    SelectChoice(Ground.ELDERLY.value, _l("老年人，生活有困难")),
    SelectChoice(Ground.INJURY.value, _l("受伤或生病，近期需要")),
]

_NOTED_IN_FUTURE = N_("医院证明的日期还没有到，请对照证明重新填写。")
_REGISTER_UNKNOWN = N_("没有这个社区，请从列表里重新选择。")


class PersonFields(Form):
    """Who asks: register, citizen number or birth date; everything may stay empty."""

    register = RadioField(_l("户口在哪里？"), default="", validate_choice=False)
    citizen_number = TextField(_l("身份证号码"), [AtMost(40)])
    born_on = ThreePartDateField(_l("出生日期"))


class GroundFields(Form):
    """The grounds with what their papers say; everything may stay empty."""

    grounds = SelectMultipleField(_l("属于哪一类？可以选几项"), choices=GROUND_CHOICES)
    certificate_number = TextField(_l("残疾人证号"), [AtMost(60)])
    expires_on = ThreePartDateField(_l("残疾人证有效期到哪一天"))
    difficulties = SelectMultipleField(_l("有哪些困难？"))
    noted_on = ThreePartDateField(_l("医院证明上的日期"))

    def offer(self, difficulties: Iterable[str]) -> None:
        """Offer the difficulties of the site's list, in our order."""
        self.difficulties.choices = _difficulties(difficulties)

    @property
    def chosen(self) -> frozenset[Ground]:
        """The grounds ticked, and those whose papers were filled in without a tick."""
        filled = {
            Ground.DISABILITY: bool(self.certificate_number.data or self.expires_on.data),
            Ground.ELDERLY: bool(self.difficulties.data),
            Ground.INJURY: self.noted_on.data is not None,
        }
        ticked = set(self.grounds.data or ())
        return frozenset(g for g in Ground if g.value in ticked or filled[g])

    def claims(self, *, today: date, own: CitizenNumber | None) -> tuple[Claim, ...]:
        """Return the claims; what is wrong stands beside its field afterwards."""
        certificate = self._certificate(today=today, own=own)
        check_certificate_end(self, self.expires_on.data, today=today)
        if self.noted_on.data and self.noted_on.data > today:
            self.refuse("noted_on", say(Sentence(_NOTED_IN_FUTURE)))
        claims: dict[Ground, Claim] = {
            Ground.DISABILITY: DisabilityClaim(
                certificate=certificate, expires_on=self.expires_on.data
            ),
            Ground.ELDERLY: ElderlyClaim(difficulties=frozenset(self.difficulties.data or ())),
            Ground.INJURY: InjuryClaim(noted_on=self.noted_on.data),
        }
        return tuple(claims[ground] for ground in Ground if ground in self.chosen)

    def _certificate(
        self, *, today: date, own: CitizenNumber | None
    ) -> DisabilityCertificate | None:
        return read_certificate(self, self.certificate_number.data, today=today, own=own)


class CheckForm(PersonFields, GroundFields):
    """The self-check."""

    def offer_registers(self, communities: Sequence[tuple[str, Named]]) -> None:
        """Offer the communities, and the other answers."""
        self.register.choices = [
            *starmap(SelectChoice, communities),
            SelectChoice(PERMIT, _l("不在本街道，但有本街道的居住证")),
            SelectChoice(ELSEWHERE, _l("不在本街道")),
            SelectChoice("", _l("不清楚")),
        ]

    def declaration(self, *, today: date) -> Declaration:
        """Return what is declared; what is wrong stands beside its field afterwards."""
        known = {choice.value for choice in self.register.choices}
        register = self.register.data or ""
        if register not in known:
            self.refuse("register", say(Sentence(_REGISTER_UNKNOWN)))
        number = self._number(today=today)
        self._check_birth(number, today=today)
        by_permit = register == PERMIT
        return Declaration(
            citizen_number=number,
            born_on=self.born_on.data,
            register=ELSEWHERE if by_permit else register or None,
            residence_permit=by_permit,
            grounds=self.claims(today=today, own=number),
        )

    def _number(self, *, today: date) -> CitizenNumber | None:
        text = self.citizen_number.data
        if not text or self.citizen_number.errors:
            return None
        try:
            return read_citizen_number(text, today=today)
        except CitizenNumberInvalid as error:
            self.refuse("citizen_number", say(error.said))
            return None

    def _check_birth(self, number: CitizenNumber | None, *, today: date) -> None:
        wrong = wrong_birth(self.born_on.data, number, today=today)
        if wrong is not None:
            self.refuse("born_on", say(wrong))


class ApplyForm(GroundFields):
    """Applying; `step` says whether to check the answers, change them, or hand in."""

    step = HiddenField()


class PaperForm(Form):
    """What a paper says that somebody has seen; an empty field leaves what was declared."""

    certificate_number = TextField(_l("残疾人证号"), [AtMost(60)])
    expires_on = ThreePartDateField(_l("有效期到哪一天"))
    noted_on = ThreePartDateField(_l("医院证明上的日期"))
    difficulties = SelectMultipleField(_l("核实了哪些困难？一项也没有就都不选"))
    note = TextField(_l("备注"), [AtMost(200)])

    def offer(self, difficulties: Iterable[str]) -> None:
        """Offer the difficulties of the site's list, in our order."""
        self.difficulties.choices = _difficulties(difficulties)

    def facts(self, kind: EvidenceKind, *, today: date) -> PaperFacts:
        """Return what was read; what is wrong stands beside its field afterwards."""
        if kind is EvidenceKind.DISABILITY_CERTIFICATE:
            text = self.certificate_number.data
            check_certificate_end(self, self.expires_on.data, today=today)
            return PaperFacts(
                certificate=read_certificate(self, text, today=today, own=None),
                expires_on=self.expires_on.data,
            )
        if kind is EvidenceKind.HOSPITAL_NOTE:
            if self.noted_on.data and self.noted_on.data > today:
                self.refuse("noted_on", say(Sentence(_NOTED_IN_FUTURE)))
            return PaperFacts(noted_on=self.noted_on.data)
        if kind is EvidenceKind.DIFFICULTY_PROOF:
            return PaperFacts(difficulties=frozenset(self.difficulties.data or ()))
        return PaperFacts()


class AnswerForm(Form):
    """What every answer of a reviewer carries: which state of the application it answers."""

    seen_seq = HiddenField()

    @property
    def seq(self) -> int | None:
        """The application's count of happenings on the page that was answered."""
        text = self.seen_seq.data or ""
        return int(text) if text.isdecimal() and len(text) < 10 else None  # ruff: ignore[magic-value-comparison]


class ApproveForm(AnswerForm):
    """Approve on some of the grounds claimed, each with an earlier last day if wanted."""

    grounds = SelectMultipleField(
        _l("通过哪几类？"), [Needed(_l("请至少勾选一类再通过；都不符合时请选“不通过”。"))]
    )
    disability_until = ThreePartDateField(_l("残疾人：有效期提前到"))
    elderly_until = ThreePartDateField(_l("困难老年人：有效期提前到"))
    injury_until = ThreePartDateField(_l("伤病人员：有效期提前到"))
    note = TextField(_l("备注（居民看不到）"), [AtMost(200)])

    def offer(self, grounds: Iterable[Ground]) -> None:
        """Offer the grounds claimed."""
        self.grounds.choices = [SelectChoice(g.value, GROUND_NAMES[g]) for g in grounds]

    def until(self, ground: Ground) -> date | None:
        """Return the reviewer's own last day for the ground."""
        found: date | None = self[f"{ground.value}_until"].data
        return found


class RefuseForm(AnswerForm):
    """Refuse with a named reason and words of one's own; both go to the resident."""

    reason = RadioField(
        _l("为什么不通过？"),
        [Needed(_l("请选一个原因，居民会看到。"))],
        choices=[
            SelectChoice(reason.value, name if name.zh else _l("其他原因（请在下面写明）"))
            for reason, name in REFUSAL_REASONS.items()
        ],
        validate_choice=False,
    )
    note = LongTextField(_l("补充说明（居民看得到）"), [AtMost(300)])

    def said(self) -> Reason | None:
        """Return the reason; what is wrong stands beside its field afterwards."""
        try:
            reason = RefusalReason(self.reason.data or "")
        except ValueError:
            self.refuse("reason", str(_l("请从列表里选一个原因。")))
            return None
        if reason is RefusalReason.OTHER and not self.note.data:
            self.refuse("note", str(_l("请写明原因，让居民知道下一步怎么办。")))
        return Reason((reason.value,), self.note.data or "")


class RequestForm(AnswerForm):
    """Ask for papers."""

    papers = SelectMultipleField(_l("要补哪些材料？"), [Needed(_l("请至少勾选一样要补的材料。"))])
    note = LongTextField(_l("补充说明（居民看得到）"), [AtMost(300)])

    def offer(self, kinds: Iterable[EvidenceKind]) -> None:
        """Offer the papers that the application needs."""
        self.papers.choices = [SelectChoice(k.value, EVIDENCE_NAMES[k]) for k in kinds]

    @property
    def kinds(self) -> tuple[EvidenceKind, ...]:
        """The papers asked for."""
        return tuple(EvidenceKind(value) for value in self.papers.data or ())


class RevokeForm(Form):
    """Take an approval back."""

    reason = LongTextField(_l("为什么撤销？"), [Needed(_l("请写明撤销的原因。")), AtMost(300)])


def _difficulties(listed: Iterable[str]) -> list[SelectChoice]:
    """Return the difficulties of the site's list, in our order."""
    on_list = frozenset(listed)
    return [SelectChoice(code, name) for code, name in DIFFICULTIES.items() if code in on_list]


def read_certificate(
    form: Form, text: str | None, *, today: date, own: CitizenNumber | None
) -> DisabilityCertificate | None:
    """Return the certificate number as read; what is wrong stands beside its field."""
    if not text or form["certificate_number"].errors:
        return None
    try:
        found = read_disability_certificate(text, today=today)
        if own is not None:
            ensure_same_person(found, own)
    except (CertificateInvalid, CertificateOfSomeoneElse) as error:
        form.refuse("certificate_number", say(error.said))
        return None
    return found


def check_certificate_end(form: Form, expires_on: date | None, *, today: date) -> None:
    """Say beside the field that no certificate holds until the day."""
    try:
        ensure_certificate_end(expires_on, today=today)
    except CertificateEndsTooLate as error:
        form.refuse("expires_on", say(error.said))


def carried(form: Form) -> tuple[tuple[str, str], ...]:
    """Return the typed words as name and value, for a page that hands them on unseen."""
    found: list[tuple[str, str]] = []
    for field in form:
        if isinstance(field, HiddenField):
            continue
        if isinstance(field, ThreePartDateField):
            parts = ("year", field.year_text), ("month", field.month_text), ("day", field.day_text)
            found += [(f"{field.name}-{part}", text) for part, text in parts if text]
        elif isinstance(field, SelectMultipleField):
            found += [(field.name, value) for value in field.data or ()]
        elif field.data:
            found.append((field.name, field.data))
    return tuple(found)
