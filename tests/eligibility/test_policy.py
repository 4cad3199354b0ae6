import string
from dataclasses import replace
from datetime import date, timedelta
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st
from stdnum.cn import ric

from rental.eligibility.policy import (
    APPLICATION_STATE_NAMES,
    CATEGORY_NAMES,
    DIFFICULTIES,
    ELSEWHERE,
    EVIDENCE_NAMES,
    GROUND_NAMES,
    PAPERS,
    TRANSITIONS,
    ApplicationCannotMove,
    ApplicationState,
    Assessment,
    Attestation,
    CertificateCategoryWrong,
    CertificateEndsTooLate,
    CertificateLengthWrong,
    CertificateLevelWrong,
    CertificateNumberPartWrong,
    CertificateOfSomeoneElse,
    CertificateReplacementWrong,
    CertificateState,
    CitizenNumber,
    CitizenNumberCheckWrong,
    CitizenNumberDateImpossible,
    CitizenNumberInFuture,
    CitizenNumberInvalid,
    CitizenNumberLengthWrong,
    CitizenNumberNotDigits,
    Claim,
    CriterionCode,
    Declaration,
    DisabilityCategory,
    DisabilityClaim,
    ElderlyClaim,
    EvidenceKind,
    Ground,
    InjuryClaim,
    Met,
    Outcome,
    PaperDateMissing,
    PaperHasEnded,
    Rules,
    Sex,
    age_on,
    assess,
    birthday,
    ensure_can_move,
    ensure_same_person,
    papers_for,
    read_citizen_number,
    read_disability_certificate,
    validity,
)

TODAY = date(2026, 3, 10)
DAY = timedelta(days=1)
RULES = Rules(communities=frozenset({"C1", "C2"}))


def number(born: str = "19600229", area: str = "370402", sequence: str = "001") -> str:
    body = f"{area}{born}{sequence}"
    return body + ric.calc_check_digit(body + "0")


def person(born: str = "19500101") -> CitizenNumber:
    return read_citizen_number(number(born), today=TODAY)


def certificate_of(born: str = "19500101", tail: str = "43") -> DisabilityClaim:
    return DisabilityClaim(
        certificate=read_disability_certificate(number(born) + tail, today=TODAY),
        expires_on=date(2030, 1, 1),
    )


def declare(*claims: Claim, born: str = "19500101", register: str | None = "C1") -> Declaration:
    return Declaration(citizen_number=person(born), register=register, grounds=claims)


POOR = ElderlyClaim(difficulties=frozenset({"dibao"}))
ATTESTED = replace(POOR, attested=True)
INJURED = InjuryClaim(noted_on=TODAY)


class TestReadCitizenNumber:
    def test_computes_birth_and_sex(self) -> None:
        read = read_citizen_number("37040219600229001x", today=TODAY)
        assert (read.number, read.born_on, read.sex) == (
            "37040219600229001X",
            date(1960, 2, 29),
            Sex.MALE,
        )

    @pytest.mark.parametrize(
        "typed",
        [
            "  37040219600229001x\n",
            "370402 19600229 001X",
            "３７０４０２１９６００２２９００１ｘ",
            "370402-19600229-001X",
        ],
    )
    def test_takes_what_people_type(self, typed: str) -> None:
        assert read_citizen_number(typed, today=TODAY).number == "37040219600229001X"

    def test_reads_a_woman_from_an_even_sequence(self) -> None:
        assert read_citizen_number(number(sequence="002"), today=TODAY).sex is Sex.FEMALE

    def test_accepts_an_area_that_no_table_knows(self) -> None:
        unknown = number(area="999999")
        assert not ric.is_valid(unknown)
        assert read_citizen_number(unknown, today=TODAY).number == unknown

    @pytest.mark.parametrize(
        ("typed", "fact"),
        [
            ("", CitizenNumberLengthWrong),
            ("370402600229001", CitizenNumberLengthWrong),
            ("37040219600229001X0", CitizenNumberLengthWrong),
            ("37040219600229O01X", CitizenNumberNotDigits),
            ("X70402196002290011", CitizenNumberNotDigits),
            (number(area="070402"), CitizenNumberNotDigits),
            (number(born="19610229"), CitizenNumberDateImpossible),
            (number(born="19611301"), CitizenNumberDateImpossible),
            (number(born="18991231"), CitizenNumberDateImpossible),
            (number(born="20260311"), CitizenNumberInFuture),
            ("370402196002290010", CitizenNumberCheckWrong),
            ("37040219600228001X", CitizenNumberCheckWrong),
        ],
    )
    def test_says_what_is_wrong(self, typed: str, fact: type[CitizenNumberInvalid]) -> None:
        with pytest.raises(fact) as refusal:
            read_citizen_number(typed, today=TODAY)
        assert refusal.value.field == "citizen_number"
        assert "%(" not in str(refusal.value)

    def test_says_each_thing_differently(self) -> None:
        facts = CitizenNumberInvalid.__subclasses__()
        assert len({fact.sentence for fact in facts}) == len(facts) == 5

    def test_accepts_a_child_born_today(self) -> None:
        assert read_citizen_number(number(born="20260310"), today=TODAY).born_on == TODAY

    @given(
        st.integers(100000, 999999),
        st.dates(date(1900, 1, 1), TODAY),
        st.integers(0, 999),
        st.integers(0, 17),
        st.integers(1, 9),
    )
    def test_catches_every_single_slip(
        self, area: int, born: date, sequence: int, place: int, by: int
    ) -> None:
        right = number(f"{born:%Y%m%d}", str(area), f"{sequence:03}")
        assert read_citizen_number(right, today=TODAY).born_on == born
        characters = "0123456789X" if place == 17 else string.digits
        at = characters.index(right[place])
        slip = right[:place] + characters[(at + by) % len(characters)] + right[place + 1 :]
        with pytest.raises(CitizenNumberInvalid):
            read_citizen_number(slip, today=TODAY)

    def test_keeps_the_number_out_of_repr(self) -> None:
        assert "37040219500101" not in repr(declare(certificate_of()))


class TestAgeOn:
    @pytest.mark.parametrize(
        ("born", "day", "age"),
        [
            (date(1966, 3, 10), date(2026, 3, 9), 59),
            (date(1966, 3, 10), date(2026, 3, 10), 60),
            (date(1960, 2, 29), date(2020, 2, 28), 59),
            (date(1960, 2, 29), date(2020, 2, 29), 60),
            (date(1960, 2, 29), date(2025, 2, 27), 64),
            (date(1960, 2, 29), date(2025, 2, 28), 65),
            (date(2040, 2, 29), date(2100, 2, 28), 60),
            (date(1966, 2, 28), date(2026, 2, 27), 59),
            (date(1966, 3, 1), date(2026, 2, 28), 59),
        ],
    )
    def test_counts_the_birthday(self, born: date, day: date, age: int) -> None:
        assert age_on(born, day) == age

    @given(st.dates(date(1900, 1, 1), date(2026, 1, 1)), st.integers(1, 120))
    def test_changes_on_the_birthday_alone(self, born: date, age: int) -> None:
        day = birthday(born, age)
        assert (age_on(born, day - DAY), age_on(born, day)) == (age - 1, age)


class TestReadDisabilityCertificate:
    def test_reads_every_part(self) -> None:
        read = read_disability_certificate(number() + "43", today=TODAY)
        assert read.citizen_number.born_on == date(1960, 2, 29)
        assert (read.category, read.level, read.replacement) == (DisabilityCategory.PHYSICAL, 3, 0)

    @pytest.mark.parametrize(("tail", "count"), [("71B1", 1), (" 71 b2", 2), ("71Ｂ１２", 12)])
    def test_counts_replacements(self, tail: str, count: int) -> None:
        assert read_disability_certificate(number() + tail, today=TODAY).replacement == count

    @pytest.mark.parametrize(
        ("typed", "fact"),
        [
            (number() + "4", CertificateLengthWrong),
            ("370402196002290010" + "43", CertificateNumberPartWrong),
            (number() + "03", CertificateCategoryWrong),
            (number() + "83", CertificateCategoryWrong),
            (number() + "40", CertificateLevelWrong),
            (number() + "45", CertificateLevelWrong),
            (number() + "43B", CertificateReplacementWrong),
            (number() + "43B0", CertificateReplacementWrong),
            (number() + "43C1", CertificateReplacementWrong),
        ],
    )
    def test_says_what_is_wrong(self, typed: str, fact: type[Exception]) -> None:
        with pytest.raises(fact):
            read_disability_certificate(typed, today=TODAY)

    def test_belongs_to_one_person(self) -> None:
        certificate = read_disability_certificate(number("19500101") + "43", today=TODAY)
        ensure_same_person(certificate, person("19500101"))
        with pytest.raises(CertificateOfSomeoneElse):
            ensure_same_person(certificate, person("19500102"))


class TestAssess:
    def test_holds_every_criterion_once(self) -> None:
        for claims in ((), (POOR,), (POOR, INJURED, certificate_of())):
            found = assess(declare(*claims), RULES, TODAY)
            assert [c.code for c in found.criteria] == list(CriterionCode)
            assert all(str(c.reason) for c in found.criteria)

    def test_counts_only_what_is_claimed(self) -> None:
        found = assess(declare(INJURED), RULES, TODAY)
        counted = {c.ground for c in found.criteria if c.counted}
        assert counted == {None, Ground.INJURY}
        assert found.met_grounds == (Ground.INJURY,)

    @pytest.mark.parametrize("claim", [certificate_of(), ATTESTED, INJURED])
    def test_admits_each_ground(self, claim: Claim) -> None:
        assert assess(declare(claim), RULES, TODAY).outcome is Outcome.ELIGIBLE

    @pytest.mark.parametrize("claim", [certificate_of(), ATTESTED, INJURED])
    def test_refuses_each_ground_with_a_register_elsewhere(self, claim: Claim) -> None:
        found = assess(declare(claim, register=ELSEWHERE), RULES, TODAY)
        assert found.outcome is Outcome.NOT_ELIGIBLE
        assert found.criterion(CriterionCode.REGISTER).met is Met.NO

    def test_refuses_a_community_that_is_not_served(self) -> None:
        found = assess(declare(INJURED, register="C9"), RULES, TODAY)
        assert found.outcome is Outcome.NOT_ELIGIBLE

    def test_reviews_an_unknown_register(self) -> None:
        found = assess(declare(INJURED, register=None), RULES, TODAY)
        assert found.outcome is Outcome.NEEDS_REVIEW
        assert "户口簿" in str(found.criterion(CriterionCode.REGISTER).bring)

    @pytest.mark.parametrize("area", ["370402", "110101"])
    def test_does_not_read_the_register_from_the_number(self, area: str) -> None:
        born_there = read_citizen_number(number("19500101", area), today=TODAY)
        told = Declaration(citizen_number=born_there, register="C1", grounds=(INJURED,))
        assert assess(told, RULES, TODAY).outcome is Outcome.ELIGIBLE
        untold = replace(told, register=None)
        assert assess(untold, RULES, TODAY).outcome is Outcome.NEEDS_REVIEW

    @pytest.mark.parametrize(
        ("admitted", "outcome"), [(False, Outcome.NOT_ELIGIBLE), (True, Outcome.ELIGIBLE)]
    )
    def test_admits_residence_permits_by_policy(self, admitted: bool, outcome: Outcome) -> None:
        declaration = replace(declare(INJURED, register=ELSEWHERE), residence_permit=True)
        rules = replace(RULES, admit_residence_permit=admitted)
        assert assess(declaration, rules, TODAY).outcome is outcome

    def test_refuses_elsewhere_without_a_permit_where_permits_count(self) -> None:
        rules = replace(RULES, admit_residence_permit=True)
        found = assess(declare(INJURED, register=ELSEWHERE), rules, TODAY)
        assert "居住证" in str(found.criterion(CriterionCode.REGISTER).reason)
        assert found.outcome is Outcome.NOT_ELIGIBLE

    def test_reviews_somebody_who_names_no_ground(self) -> None:
        assert assess(declare(), RULES, TODAY).outcome is Outcome.NEEDS_REVIEW

    def test_reviews_an_empty_declaration_and_says_what_to_bring(self) -> None:
        blank = Declaration(grounds=(DisabilityClaim(), ElderlyClaim(), InjuryClaim()))
        found = assess(blank, RULES, TODAY)
        assert found.outcome is Outcome.NEEDS_REVIEW
        assert {c.met for c in found.criteria} == {Met.UNKNOWN}
        assert len({c.bring for c in found.criteria if c.bring}) == 5

    def test_takes_one_good_ground_beside_bad_ones(self) -> None:
        young = declare(ATTESTED, InjuryClaim(noted_on=TODAY), born="19900101")
        found = assess(young, RULES, TODAY)
        assert (found.outcome, found.met_grounds) == (Outcome.ELIGIBLE, (Ground.INJURY,))

    def test_takes_the_best_claim_of_a_ground(self) -> None:
        old = InjuryClaim(noted_on=date(2020, 1, 1))
        for claims in ((old, INJURED), (INJURED, old)):
            assert assess(declare(*claims), RULES, TODAY).outcome is Outcome.ELIGIBLE

    def test_answers_without_a_name(self) -> None:
        nameless = Declaration(born_on=date(1950, 1, 1), register="C1", grounds=(ATTESTED,))
        found = assess(nameless, RULES, TODAY)
        assert found.outcome is Outcome.ELIGIBLE
        assert found.criterion(CriterionCode.IDENTITY).met is Met.UNKNOWN


class TestAssessElderly:
    @pytest.mark.parametrize(
        ("born", "outcome"),
        [("19660310", Outcome.ELIGIBLE), ("19660311", Outcome.NOT_ELIGIBLE)],
    )
    def test_starts_on_the_sixtieth_birthday(self, born: str, outcome: Outcome) -> None:
        assert assess(declare(ATTESTED, born=born), RULES, TODAY).outcome is outcome

    def test_names_the_birthday_to_come(self) -> None:
        found = assess(declare(ATTESTED, born="19660311"), RULES, TODAY)
        assert "2026-03-11" in str(found.criterion(CriterionCode.AGE).reason)

    @pytest.mark.parametrize(
        ("attestation", "outcome"),
        [
            (Attestation.REQUIRED, Outcome.NEEDS_REVIEW),
            (Attestation.IGNORED, Outcome.ELIGIBLE),
        ],
    )
    def test_treats_a_missing_attestation_by_policy(
        self, attestation: Attestation, outcome: Outcome
    ) -> None:
        rules = replace(RULES, elderly_attestation=attestation)
        assert assess(declare(POOR), rules, TODAY).outcome is outcome

    def test_refuses_who_is_found_without_difficulty(self) -> None:
        found = assess(declare(ElderlyClaim(attested=True)), RULES, TODAY)
        assert found.outcome is Outcome.NOT_ELIGIBLE

    def test_ignores_codes_that_left_the_list(self) -> None:
        rules = replace(RULES, difficulties=frozenset({"tekun"}))
        assert assess(declare(ATTESTED), rules, TODAY).outcome is Outcome.NOT_ELIGIBLE

    @pytest.mark.parametrize(
        ("born", "outcome"),
        [("19460310", Outcome.ELIGIBLE), ("19460311", Outcome.NOT_ELIGIBLE)],
    )
    def test_believes_the_birth_date_about_advanced_age(self, born: str, outcome: Outcome) -> None:
        claim = ElderlyClaim(difficulties=frozenset({"advanced_age"}), attested=True)
        assert assess(declare(claim, born=born), RULES, TODAY).outcome is outcome

    @pytest.mark.parametrize("ticked", [set(), {"advanced_age"}, {"dibao"}])
    def test_takes_advanced_age_for_a_difficulty_without_proof(self, ticked: set[str]) -> None:
        told = declare(ElderlyClaim(difficulties=frozenset(ticked)), born="19460310")
        assert assess(told, RULES, TODAY).outcome is Outcome.ELIGIBLE
        needed = papers_for([Ground.ELDERLY], told, RULES, TODAY)
        assert EvidenceKind.DIFFICULTY_PROOF not in needed

    def test_asks_for_proof_where_advanced_age_is_not_on_the_list(self) -> None:
        told = declare(ElderlyClaim(difficulties=frozenset({"dibao"})), born="19460310")
        rules = replace(RULES, difficulties=frozenset({"dibao"}))
        assert assess(told, rules, TODAY).outcome is Outcome.NEEDS_REVIEW
        needed = papers_for([Ground.ELDERLY], told, rules, TODAY)
        assert EvidenceKind.DIFFICULTY_PROOF in needed

    @pytest.mark.parametrize(
        ("born", "ticked", "reason", "bring"),
        [
            (
                "19460311",
                {"advanced_age"},
                "还没满 80 岁，不能按高龄算。有别的困难请勾选。",
                "低保",
            ),
            ("19460311", {"advanced_age", "dibao"}, "还要由工作人员核实", "低保"),
            ("19460311", set(), "还不知道您有没有低保", "低保"),
            (None, {"advanced_age"}, "还要由工作人员核实", "低保"),
        ],
    )
    def test_asks_the_younger_for_proof(
        self, born: str | None, ticked: set[str], reason: str, bring: str
    ) -> None:
        claim = ElderlyClaim(difficulties=frozenset(ticked))
        told = declare(claim, born=born or "19460310")
        if born is None:
            told = replace(told, citizen_number=None)
        found = assess(told, RULES, TODAY)
        assert found.outcome is Outcome.NEEDS_REVIEW
        difficulty = found.criterion(CriterionCode.DIFFICULTY)
        assert difficulty.met is Met.UNKNOWN
        assert reason in str(difficulty.reason)
        assert bring in str(difficulty.bring)


class TestAssessDisability:
    def found(self, claim: DisabilityClaim, born: str = "19500101") -> Assessment:
        return assess(declare(claim, born=born), RULES, TODAY)

    @pytest.mark.parametrize(
        ("expires_on", "outcome"),
        [
            (TODAY, Outcome.ELIGIBLE),
            (TODAY - DAY, Outcome.NOT_ELIGIBLE),
            (None, Outcome.NEEDS_REVIEW),
        ],
    )
    def test_counts_the_last_printed_day(self, expires_on: date | None, outcome: Outcome) -> None:
        assert self.found(replace(certificate_of(), expires_on=expires_on)).outcome is outcome

    @pytest.mark.parametrize("state", list(CertificateState))
    def test_believes_the_federation(self, state: CertificateState) -> None:
        expected = Outcome.ELIGIBLE if state is CertificateState.VALID else Outcome.NOT_ELIGIBLE
        assert self.found(replace(certificate_of(), state=state)).outcome is expected

    def test_refuses_the_certificate_of_someone_else(self) -> None:
        found = self.found(certificate_of("19500102"))
        assert found.outcome is Outcome.NOT_ELIGIBLE
        assert found.criterion(CriterionCode.CERTIFICATE).met is Met.NO

    @pytest.mark.parametrize(
        ("born_on", "outcome"),
        [
            (date(1950, 1, 1), Outcome.NEEDS_REVIEW),
            (date(1950, 1, 2), Outcome.NOT_ELIGIBLE),
            (None, Outcome.NEEDS_REVIEW),
        ],
    )
    def test_takes_no_birth_date_for_the_number(
        self, born_on: date | None, outcome: Outcome
    ) -> None:
        told = Declaration(born_on=born_on, register="C1", grounds=(certificate_of(),))
        assert assess(told, RULES, TODAY).outcome is outcome

    def test_asks_for_the_number_when_only_the_birth_date_agrees(self) -> None:
        told = Declaration(born_on=date(1950, 1, 1), register="C1", grounds=(certificate_of(),))
        found = assess(told, RULES, TODAY).criterion(CriterionCode.CERTIFICATE)
        assert found.met is Met.UNKNOWN
        assert "要先登记身份证号码" in str(found.reason)
        assert found.bring is not None

    @pytest.mark.parametrize(
        ("expires_on", "met"),
        [(date(2036, 3, 10), Met.YES), (date(2036, 3, 11), Met.UNKNOWN), (date.max, Met.UNKNOWN)],
    )
    def test_believes_no_certificate_beyond_ten_years(self, expires_on: date, met: Met) -> None:
        found = self.found(replace(certificate_of(), expires_on=expires_on))
        assert found.criterion(CriterionCode.CERTIFICATE_VALID).met is met


class TestAssessInjury:
    @pytest.mark.parametrize(
        ("noted_on", "outcome"),
        [
            (TODAY - 90 * DAY, Outcome.ELIGIBLE),
            (TODAY - 91 * DAY, Outcome.NOT_ELIGIBLE),
            (TODAY + DAY, Outcome.NOT_ELIGIBLE),
            (None, Outcome.NEEDS_REVIEW),
        ],
    )
    def test_holds_in_the_window(self, noted_on: date | None, outcome: Outcome) -> None:
        claim = InjuryClaim(noted_on=noted_on)
        assert assess(declare(claim), RULES, TODAY).outcome is outcome

    def test_asks_for_a_new_note_when_the_window_ended(self) -> None:
        found = assess(declare(InjuryClaim(noted_on=TODAY - 91 * DAY)), RULES, TODAY)
        assert found.criterion(CriterionCode.INJURY_WINDOW).bring is not None


_DAYS = st.none() | st.dates(date(2025, 1, 1), date(2027, 1, 1))
_CLAIMS: st.SearchStrategy[Claim] = st.one_of(
    st.builds(
        DisabilityClaim,
        certificate=st.sampled_from([None, certificate_of().certificate]),
        expires_on=_DAYS,
        state=st.none() | st.sampled_from(CertificateState),
    ),
    st.builds(
        ElderlyClaim,
        difficulties=st.frozensets(st.sampled_from([*DIFFICULTIES, "gone"])),
        attested=st.booleans(),
    ),
    st.builds(InjuryClaim, noted_on=_DAYS),
)
_DECLARATIONS = st.builds(
    Declaration,
    citizen_number=st.sampled_from([None, person("19500101"), person("19990101")]),
    born_on=st.none() | st.dates(date(1930, 1, 1), TODAY),
    register=st.sampled_from([None, "C1", "C9", ELSEWHERE]),
    residence_permit=st.booleans(),
    grounds=st.lists(_CLAIMS, max_size=4).map(tuple),
)
_RULES = st.builds(
    Rules,
    communities=st.just(frozenset({"C1"})),
    admit_residence_permit=st.booleans(),
    elderly_attestation=st.sampled_from(Attestation),
)


class TestOutcome:
    @given(_DECLARATIONS, _RULES)
    def test_follows_from_the_criteria(self, declaration: Declaration, rules: Rules) -> None:
        found = assess(declaration, rules, TODAY)
        mets: dict[Ground, set[Met]] = {}
        for criterion in found.criteria:
            if criterion.ground and criterion.counted:
                mets.setdefault(criterion.ground, set()).add(criterion.met)
        register = found.criterion(CriterionCode.REGISTER).met
        any_ground = {Met.YES} in mets.values()
        no_ground = bool(mets) and all(Met.NO in m for m in mets.values())
        if register is Met.NO or no_ground:
            expected = Outcome.NOT_ELIGIBLE
        elif register is Met.YES and any_ground:
            expected = Outcome.ELIGIBLE
        else:
            expected = Outcome.NEEDS_REVIEW
        assert found.outcome is expected

    @given(_DECLARATIONS, _RULES)
    def test_is_never_no_for_absent_papers(self, declaration: Declaration, rules: Rules) -> None:
        stripped = Declaration(
            grounds=tuple(type(claim)() for claim in declaration.grounds),
        )
        assert assess(stripped, rules, TODAY).outcome is Outcome.NEEDS_REVIEW

    @given(_DECLARATIONS, _RULES)
    def test_says_what_to_bring_for_every_unknown_paper(
        self, declaration: Declaration, rules: Rules
    ) -> None:
        for c in assess(declaration, rules, TODAY).criteria:
            if c.counted and c.met is Met.UNKNOWN and c.code is not CriterionCode.GROUND:
                assert c.bring is not None


class TestValidity:
    def test_ends_with_the_certificate(self) -> None:
        until = date(2027, 5, 1)
        found = validity(Ground.DISABILITY, decided_on=TODAY, rules=RULES, paper_until=until)
        assert found == (TODAY, until)

    def test_lasts_a_year_for_the_elderly(self) -> None:
        found = validity(Ground.ELDERLY, decided_on=date(2028, 2, 29), rules=RULES)
        assert found.valid_until == date(2029, 2, 28)

    def test_ends_with_the_window(self) -> None:
        found = validity(Ground.INJURY, decided_on=TODAY, rules=RULES, noted_on=TODAY - DAY)
        assert found.valid_until == TODAY + 89 * DAY
        assert found.covers(found.valid_until)
        assert not found.covers(found.valid_until + DAY)

    @given(st.sampled_from(Ground), st.dates(date(2025, 1, 1), date(2028, 1, 1)))
    def test_never_outlives_the_paper(self, ground: Ground, until: date) -> None:
        try:
            found = validity(
                ground, decided_on=TODAY, rules=RULES, paper_until=until, noted_on=TODAY
            )
        except PaperHasEnded:
            assert until < TODAY
        else:
            assert TODAY <= found.valid_until <= until

    @pytest.mark.parametrize("ground", [Ground.DISABILITY, Ground.INJURY])
    def test_needs_the_date_of_the_paper(self, ground: Ground) -> None:
        with pytest.raises(PaperDateMissing):
            validity(ground, decided_on=TODAY, rules=RULES)

    def test_refuses_a_certificate_beyond_ten_years(self) -> None:
        last = date(2036, 3, 10)
        found = validity(Ground.DISABILITY, decided_on=TODAY, rules=RULES, paper_until=last)
        assert found.valid_until == last
        with pytest.raises(CertificateEndsTooLate):
            validity(Ground.DISABILITY, decided_on=TODAY, rules=RULES, paper_until=last + DAY)


class TestEnsureCanMove:
    @pytest.mark.parametrize(("state", "to"), list(product(ApplicationState, ApplicationState)))
    def test_follows_the_table(self, state: ApplicationState, to: ApplicationState) -> None:
        if to in TRANSITIONS[state]:
            ensure_can_move(state, to)
        else:
            with pytest.raises(ApplicationCannotMove):
                ensure_can_move(state, to)

    def test_names_every_word(self) -> None:
        assert set(TRANSITIONS) == set(APPLICATION_STATE_NAMES) == set(ApplicationState)
        assert set(GROUND_NAMES) == set(Ground)
        assert set(EVIDENCE_NAMES) == set(EvidenceKind)
        assert set(CATEGORY_NAMES) == set(DisabilityCategory)
        assert set(PAPERS) == set(CriterionCode)
