import json
from datetime import timedelta

import pytest
from apiflask import APIFlask
from sqlalchemy import Engine, event, func, select

from rental.foundation.actor import SYSTEM, Role
from rental.foundation.clock import Moment
from rental.foundation.database import db, reading, transaction
from rental.journal import queries as journal
from rental.notices import service as notices
from rental.notices.models import Delivery
from rental.notices.policy import DeliveryState, NoticeKind
from rental.people import queries, service
from rental.people.models import (
    Account,
    ActingFor,
    ApiToken,
    Consent,
    Resident,
    Reveal,
    SignInAttempt,
)
from rental.people.policy import (
    MAX_FAILURES_PER_ACCOUNT,
    MAX_FAILURES_PER_ADDRESS,
    PersonalData,
    Purpose,
    Register,
    Relation,
    ResidentState,
    Secret,
    read_citizen_number,
)
from rental.places import queries as places
from tests.cast import PASSWORD, Cast, fake_number

HERE = "192.0.2.7"


def personal(at: Moment, *, number: str | None = None, name: str = "周秀英") -> PersonalData:
    read = read_citizen_number(number, today=at.on) if number else None
    return PersonalData(name=name, phone="13811112222", address="某路 2 号", citizen_number=read)


def own_number() -> str:
    return fake_number("370402", "19480229", "001")


def attempt(name: str, *, right: bool, at: Moment, address: str = HERE) -> service.SignInAnswer:
    """Try to sign in as the page does, without the slow part."""
    with transaction() as session:
        facts = queries.sign_in_facts(session, name=name, address=address, at=at)
        return service.answer_sign_in(session, facts, right=right, at=at)


def chains_hold() -> bool:
    db.session.rollback()
    return next(journal.verify(reading()), None) is None


class TestCheckPassword:
    def test_tells_right_from_wrong(self) -> None:
        kept = service.hash_password("康复辅具租赁 2026")
        assert service.check_password(kept, "康复辅具租赁 2026")
        assert not service.check_password(kept, "康复辅具租赁 2027")

    def test_is_never_right_without_an_account(self) -> None:
        assert not service.check_password(None, "nobody")

    def test_survives_a_broken_hash(self) -> None:
        assert not service.check_password("not a hash", "x")


class TestSignIn:
    @pytest.mark.parametrize("name", ["wang-guilan", "13900000001", "+86 139-0000-0001"])
    def test_finds_the_account_by_login_or_number(
        self, app: APIFlask, cast: Cast, at: Moment, name: str
    ) -> None:
        facts = queries.sign_in_facts(reading(), name=name, address=HERE, at=at)
        assert facts.account_id == cast.account["wang-guilan"]
        assert service.check_password(facts.password_hash, PASSWORD)

    @pytest.mark.parametrize("name", ["", "nobody", "13811112222", "a\0b", "😀" * 30])
    def test_knows_nothing_of_strangers(self, app: APIFlask, at: Moment, name: str) -> None:
        facts = queries.sign_in_facts(reading(), name=name, address=HERE, at=at)
        assert facts.account_id is None
        assert facts.password_hash is None

    def test_pauses_after_five_failures_even_for_the_right_password(
        self, app: APIFlask, cast: Cast, at: Moment
    ) -> None:
        for _ in range(MAX_FAILURES_PER_ACCOUNT):
            assert attempt("clerk", right=False, at=at).wait_minutes == 0
        assert attempt("clerk", right=True, at=at) == service.SignInAnswer(wait_minutes=15)
        later = Moment.of(at.at + timedelta(minutes=15))
        assert attempt("clerk", right=True, at=later).session_text == f"{cast.account['clerk']}.1"

    def test_counts_login_and_number_as_one_account(
        self, app: APIFlask, cast: Cast, at: Moment
    ) -> None:
        for name in ("wang-guilan", "13900000001", "wang-guilan", "13900000001", "wang-guilan"):
            attempt(name, right=False, at=at)
        assert attempt("13900000001", right=True, at=at).wait_minutes

    def test_clears_the_failures_of_the_account_on_success(
        self, app: APIFlask, cast: Cast, at: Moment
    ) -> None:
        for _ in range(MAX_FAILURES_PER_ACCOUNT - 1):
            attempt("clerk", right=False, at=at)
            attempt("manager", right=False, at=at)
        assert attempt("clerk", right=True, at=at).session_text
        assert attempt("clerk", right=False, at=at).wait_minutes == 0
        assert attempt("clerk", right=True, at=at).session_text
        attempt("manager", right=False, at=at)
        assert attempt("manager", right=True, at=at).wait_minutes

    def test_pauses_an_address_that_tries_many_names(
        self, app: APIFlask, cast: Cast, at: Moment
    ) -> None:
        for n in range(MAX_FAILURES_PER_ADDRESS):
            attempt(f"name-{n}", right=False, at=at)
        assert attempt("clerk", right=True, at=at).wait_minutes
        assert attempt("clerk", right=True, at=at, address="192.0.2.8").session_text

    def test_counts_no_failures_of_days_to_come(
        self, app: APIFlask, cast: Cast, at: Moment
    ) -> None:
        ahead = Moment.of(at.at + timedelta(days=1))
        for _ in range(MAX_FAILURES_PER_ACCOUNT):
            attempt("clerk", right=False, at=ahead)
        assert attempt("clerk", right=False, at=ahead).wait_minutes
        assert attempt("clerk", right=True, at=at).session_text

    def test_keeps_no_name_and_no_address(self, app: APIFlask, at: Moment) -> None:
        attempt("13811112222", right=False, at=at)
        row = reading().scalars(select(SignInAttempt)).one()
        assert {len(row.account_index), len(row.address_index)} == {64}

    def test_refuses_a_closed_account(self, app: APIFlask, cast: Cast, at: Moment) -> None:
        with transaction() as session:
            service.deactivate_account(
                session, cast.account["clerk"], by=cast.actor("manager"), at=at
            )
        facts = queries.sign_in_facts(reading(), name="clerk", address=HERE, at=at)
        assert facts.account_id is None

    def test_refuses_when_the_password_changed_in_between(
        self, app: APIFlask, cast: Cast, at: Moment
    ) -> None:
        facts = queries.sign_in_facts(reading(), name="clerk", address=HERE, at=at)
        with transaction() as session:
            service.change_password(session, password_hash="new", by=cast.actor("clerk"), at=at)
        with transaction() as session:
            assert service.answer_sign_in(session, facts, right=True, at=at).session_text is None

    def test_forgets_old_failures(self, app: APIFlask, at: Moment) -> None:
        attempt("nobody", right=False, at=at)
        with transaction() as session:
            service.forget_attempts(session, at=Moment.of(at.at + timedelta(minutes=16)))
        assert reading().scalar(select(func.count()).select_from(SignInAttempt)) == 0


class TestSessionState:
    def test_names_roles_and_resident(self, app: APIFlask, cast: Cast) -> None:
        found = queries.signed_in_by_session(f"{cast.account['wang-guilan']}.1")
        assert found is not None
        assert found.actor.resident_id == cast.resident["wang-guilan"].id
        assert found.actor.roles == {Role.RESIDENT}
        assert not found.by_token
        assert found.get_id() == f"{cast.account['wang-guilan']}.1"

    @pytest.mark.parametrize(
        "text", ["", "1", "1.2.3", "-1.1", "9" * 30 + ".1", "1.9", "a.b", "１.１"]
    )
    def test_knows_no_other_text(self, app: APIFlask, text: str) -> None:
        assert queries.signed_in_by_session(text) is None

    def test_takes_one_statement(self, app: APIFlask, cast: Cast) -> None:
        seen: list[str] = []

        def note(*args: object) -> None:
            seen.append(str(args[2]))

        event.listen(Engine, "before_cursor_execute", note)
        try:
            queries.signed_in_by_session(f"{cast.account['clerk']}.1")
        finally:
            event.remove(Engine, "before_cursor_execute", note)
        assert [text.split()[0] for text in seen if "SELECT" in text] == ["SELECT"]

    def test_leaves_the_connection_as_it_was(self, app: APIFlask, cast: Cast, at: Moment) -> None:
        for _ in range(3):
            queries.signed_in_by_session(f"{cast.account['clerk']}.1")
        with transaction() as session:
            service.sign_out_everywhere(session, by=cast.actor("clerk"), at=at)
            session.rollback()
        assert queries.signed_in_by_session(f"{cast.account['clerk']}.1") is not None

    def test_ends_when_signed_out_everywhere(self, app: APIFlask, cast: Cast, at: Moment) -> None:
        with transaction() as session:
            service.sign_out_everywhere(session, by=cast.actor("clerk"), at=at)
        assert queries.signed_in_by_session(f"{cast.account['clerk']}.1") is None
        assert queries.signed_in_by_session(f"{cast.account['clerk']}.2") is not None
        assert chains_hold()

    def test_ends_others_when_the_password_changes(
        self, app: APIFlask, cast: Cast, at: Moment
    ) -> None:
        with transaction() as session:
            text = service.change_password(
                session, password_hash="new", by=cast.actor("clerk"), at=at
            )
        assert queries.signed_in_by_session(f"{cast.account['clerk']}.1") is None
        assert queries.signed_in_by_session(text) is not None


class TestToken:
    def test_is_found_by_its_hash_only(self, app: APIFlask, cast: Cast, at: Moment) -> None:
        with transaction() as session:
            token = service.new_token(session, login="clerk", at=at)
        found = queries.signed_in_by_token(token)
        assert found is not None
        assert found.by_token
        assert found.actor.has(Role.CLERK)
        assert token not in {row.token_hash for row in reading().scalars(select(ApiToken))}

    @pytest.mark.parametrize("token", ["", "x", "a" * 43, "😀" * 25, "a" * 500, "a\0" * 20])
    def test_that_nobody_made_is_nobodys(self, app: APIFlask, token: str) -> None:
        assert queries.signed_in_by_token(token) is None

    def test_needs_an_account(self, app: APIFlask, at: Moment) -> None:
        with pytest.raises(queries.AccountNotFound), transaction() as session:
            service.new_token(session, login="nobody", at=at)

    def test_ends_with_a_password_reset(self, app: APIFlask, cast: Cast, at: Moment) -> None:
        with transaction() as session:
            token = service.new_token(session, login="clerk", at=at)
        with transaction() as session:
            service.reset_password(
                session,
                cast.account["clerk"],
                password_hash="new",
                by=cast.actor("manager"),
                at=at,
            )
        assert queries.signed_in_by_token(token) is None


class TestSignUp:
    def wish(self, phone: str = "13811112222", *, for_self: bool = True) -> service.SigningUp:
        return service.SigningUp(name="周秀英", phone=phone, password_hash="h", for_self=for_self)

    def test_makes_account_resident_and_consent(self, app: APIFlask, at: Moment) -> None:
        with transaction() as session:
            made = service.sign_up(session, self.wish(), at=at)
        assert made.resident_code is not None
        found = queries.person(reading(), code=made.resident_code)
        assert found.register is Register.UNKNOWN
        assert found.phone == "13811112222"
        assert queries.has_consent(reading(), resident_id=found.id, purpose=Purpose.SERVICE)
        assert not queries.has_consent(reading(), resident_id=found.id, purpose=Purpose.HEALTH)
        signed_in = queries.signed_in_by_session(made.session_text)
        assert signed_in is not None
        assert signed_in.actor.resident_id == found.id
        assert chains_hold()

    def test_for_family_makes_no_resident(self, app: APIFlask, at: Moment) -> None:
        with transaction() as session:
            made = service.sign_up(session, self.wish(for_self=False), at=at)
        assert made.resident_code is None

    def test_refuses_a_number_that_has_an_account(
        self, app: APIFlask, cast: Cast, at: Moment
    ) -> None:
        with pytest.raises(service.PhoneHasAccount), transaction() as session:
            service.sign_up(session, self.wish("13900000001"), at=at)

    def test_stores_the_number_encrypted(self, app: APIFlask, at: Moment) -> None:
        with transaction() as session:
            service.sign_up(session, self.wish(), at=at)
        with db.engine.connect() as connection:
            for table in ("account", "resident"):
                rows = connection.exec_driver_sql(f"SELECT * FROM {table}").mappings()  # ruff: ignore[hardcoded-sql-expression]
                assert not any("13811112222" in str(dict(row)) for row in rows)


class TestRegister:
    def test_at_the_desk_needs_no_account(self, app: APIFlask, cast: Cast, at: Moment) -> None:
        with transaction() as session:
            code = service.register_resident(
                session,
                personal(at, number=own_number()),
                purposes=[Purpose.SERVICE, Purpose.HEALTH],
                by=cast.actor("clerk"),
                at=at,
            )
        found = queries.person(reading(), code=code)
        assert found.account_id is None
        assert found.born_on is not None
        assert found.born_on.isoformat() == "1948-02-29"
        assert found.masked_number.startswith("370***")
        assert queries.has_consent(reading(), resident_id=found.id, purpose=Purpose.HEALTH)
        assert (
            reading().scalars(select(Resident.name_initials).where(Resident.code == code)).one()
            == "zxy"
        )
        assert chains_hold()

    def test_of_a_grid_worker_goes_into_the_own_grid(
        self, app: APIFlask, cast: Cast, at: Moment
    ) -> None:
        with transaction() as session:
            code = service.register_resident(
                session,
                personal(at),
                purposes=[Purpose.SERVICE],
                by=cast.actor("grid-worker"),
                at=at,
            )
        found = queries.person_for(reading(), code=code, by=cast.actor("grid-worker"))
        assert found.grid_id is not None

    def test_refuses_a_grid_worker_without_grid(
        self, app: APIFlask, cast: Cast, at: Moment
    ) -> None:
        with transaction() as session:
            row = session.get_one(Account, cast.account["grid-worker"])
            row.grid_id = None
        with pytest.raises(service.GridUnknown), transaction() as session:
            service.register_resident(
                session, personal(at), purposes=[], by=cast.actor("grid-worker"), at=at
            )

    def test_tells_staff_about_a_double_and_a_stranger_nothing(
        self, app: APIFlask, cast: Cast, at: Moment
    ) -> None:
        number = queries.citizen_number(reading(), resident_id=cast.resident["sun-lei"].id)
        data = personal(at, number=number)
        with pytest.raises(service.AlreadyRegistered), transaction() as session:
            service.register_resident(session, data, purposes=[], by=cast.actor("clerk"), at=at)
        with pytest.raises(service.NumberNeedsTheDesk) as refusal, transaction() as session:
            service.register_family(
                session, data, relation=Relation.CHILD, by=cast.actor("chen-jing"), at=at
            )
        assert "已经登记" not in str(refusal.value)

    def test_of_family_lets_the_account_act(self, app: APIFlask, cast: Cast, at: Moment) -> None:
        daughter = cast.actor("chen-jing")
        with transaction() as session:
            code = service.register_family(
                session, personal(at), relation=Relation.CHILD, by=daughter, at=at
            )
        assert queries.person_for(reading(), code=code, by=daughter).code == code
        assert [one.name for one in queries.people_of(reading(), by=daughter)] == [
            "王桂兰",
            "周秀英",
        ]

    def test_of_oneself_happens_once(self, app: APIFlask, cast: Cast, at: Moment) -> None:
        with pytest.raises(service.AlreadyHasOwnResident), transaction() as session:
            service.register_self(session, personal(at), by=cast.actor("sun-lei"), at=at)


class TestSavePersonalData:
    def test_keeps_what_was_left_out(self, app: APIFlask, cast: Cast, at: Moment) -> None:
        known = cast.resident["wang-guilan"]
        before = queries.contact(reading(), resident_id=known.id)
        number = queries.citizen_number(reading(), resident_id=known.id)
        with transaction() as session:
            service.save_personal_data(
                session,
                code=known.code,
                data=PersonalData(name="王桂兰", register=Register.ELSEWHERE),
                by=cast.actor("clerk"),
                at=at,
            )
        assert queries.contact(reading(), resident_id=known.id) == before
        assert queries.citizen_number(reading(), resident_id=known.id) == number
        found = queries.person(reading(), code=known.code)
        assert found.register is Register.ELSEWHERE
        assert found.community_id is None

    def test_clears_what_was_emptied(self, app: APIFlask, cast: Cast, at: Moment) -> None:
        known = cast.resident["wang-guilan"]
        with transaction() as session:
            service.save_personal_data(
                session,
                code=known.code,
                data=PersonalData(name="王桂兰", phone="", address=""),
                by=cast.actor("wang-guilan"),
                at=at,
            )
        assert queries.contact(reading(), resident_id=known.id) == queries.Contact(
            phone="", address=""
        )
        assert queries.search(reading(), text="13900000001", by=cast.actor("clerk")) == ()

    def test_lets_only_staff_change_a_number(self, app: APIFlask, cast: Cast, at: Moment) -> None:
        known = cast.resident["wang-guilan"]
        data = personal(at, number=own_number())
        with pytest.raises(service.CitizenNumberIsFixed), transaction() as session:
            service.save_personal_data(
                session, code=known.code, data=data, by=cast.actor("chen-jing"), at=at
            )
        with transaction() as session:
            service.save_personal_data(
                session, code=known.code, data=data, by=cast.actor("clerk"), at=at
            )
        assert queries.citizen_number(reading(), resident_id=known.id) == own_number()

    def test_refuses_a_stranger(self, app: APIFlask, cast: Cast, at: Moment) -> None:
        with pytest.raises(queries.NotYourResident), transaction() as session:
            service.save_personal_data(
                session,
                code=cast.resident["wang-guilan"].code,
                data=personal(at),
                by=cast.actor("sun-lei"),
                at=at,
            )


class TestPersonFor:
    @pytest.mark.parametrize(
        "login",
        ["wang-guilan", "chen-jing", "clerk", "reviewer", "manager", "therapist", "grid-worker"],
    )
    def test_lets_in(self, app: APIFlask, cast: Cast, login: str) -> None:
        code = cast.resident["wang-guilan"].code
        assert queries.person_for(reading(), code=code, by=cast.actor(login)).name == "王桂兰"

    @pytest.mark.parametrize("login", ["li-jianguo", "sun-lei", "cleaner", "technician"])
    def test_keeps_out(self, app: APIFlask, cast: Cast, login: str) -> None:
        with pytest.raises(queries.NotYourResident):
            queries.person_for(
                reading(), code=cast.resident["wang-guilan"].code, by=cast.actor(login)
            )

    @pytest.mark.parametrize(
        ("register", "moves", "stays"),
        [
            (Register.HERE, False, True),
            (Register.HERE, True, False),
            (Register.ELSEWHERE, False, False),
        ],
    )
    def test_leaves_a_grid_worker_nobody_who_moved_out(
        self,
        app: APIFlask,
        cast: Cast,
        at: Moment,
        register: Register,
        moves: bool,
        stays: bool,
    ) -> None:
        by, code = cast.actor("grid-worker"), cast.resident["wang-guilan"].code
        home = queries.person(reading(), code=code).community_id
        other = next(one.id for one in places.communities(reading()) if one.id != home)
        community_id = (other if moves else home) if register is Register.HERE else None
        data = PersonalData(name="王桂兰", register=register, community_id=community_id)
        with transaction() as session:
            actor = cast.actor("wang-guilan")
            service.save_personal_data(session, code=code, data=data, by=actor, at=at)
        found = queries.person(reading(), code=code)
        assert queries.may_look_at(reading(), found, by=by) is stays
        assert bool(queries.search(reading(), text="王桂兰", by=by)) is stays

    def test_keeps_a_grid_worker_in_the_own_grid(self, app: APIFlask, cast: Cast) -> None:
        with pytest.raises(queries.NotYourResident):
            queries.person_for(
                reading(), code=cast.resident["sun-lei"].code, by=cast.actor("grid-worker")
            )

    @pytest.mark.parametrize("code", ["", "R-XXXXXXXX", "x" * 500, "😀"])
    def test_finds_no_unknown_code(self, app: APIFlask, cast: Cast, code: str) -> None:
        with pytest.raises(queries.ResidentNotFound):
            queries.person_for(reading(), code=code, by=cast.actor("clerk"))


class TestSearch:
    @pytest.mark.parametrize(
        "text", ["王桂", "桂兰", "wgl", "WG", "13900000001", "+86 13900000001", " 王桂兰 "]
    )
    def test_finds_by_name_initials_and_number(self, app: APIFlask, cast: Cast, text: str) -> None:
        found = queries.search(reading(), text=text, by=cast.actor("clerk"))
        assert [one.name for one in found] == ["王桂兰"]

    @pytest.mark.parametrize("text", ["Lopez", "lopez", "MARIA L"])
    def test_finds_small_and_capital_letters_alike(
        self, app: APIFlask, cast: Cast, at: Moment, text: str
    ) -> None:
        with transaction() as session:
            service.register_resident(
                session,
                PersonalData(name="Maria Lopez"),
                purposes=(),
                by=cast.actor("clerk"),
                at=at,
            )
        found = queries.search(reading(), text=text, by=cast.actor("clerk"))
        assert [one.name for one in found] == ["Maria Lopez"]

    def test_finds_by_code_and_citizen_number(self, app: APIFlask, cast: Cast) -> None:
        known = cast.resident["wang-guilan"]
        number = queries.citizen_number(reading(), resident_id=known.id) or ""
        for text in (known.code, known.code.lower(), number, number.lower()):
            found = queries.search(reading(), text=text, by=cast.actor("clerk"))
            assert [one.code for one in found] == [known.code]

    @pytest.mark.parametrize(
        "text", ["", "%", "_", "1390000", "\0", "王\0", "😀" * 99, "'--", "x" * 999]
    )
    def test_finds_nobody(self, app: APIFlask, cast: Cast, text: str) -> None:
        assert queries.search(reading(), text=text, by=cast.actor("clerk")) == ()

    def test_shows_a_grid_worker_the_own_grid(self, app: APIFlask, cast: Cast) -> None:
        by = cast.actor("grid-worker")
        assert queries.search(reading(), text="王桂兰", by=by)
        assert queries.search(reading(), text="孙磊", by=by) == ()
        assert queries.search(reading(), text=cast.resident["sun-lei"].code, by=by) == ()

    @pytest.mark.parametrize("login", ["cleaner", "sun-lei"])
    def test_shows_others_nobody(self, app: APIFlask, cast: Cast, login: str) -> None:
        assert queries.search(reading(), text="王桂兰", by=cast.actor(login)) == ()


class TestConsent:
    def test_is_given_once_withdrawn_and_given_again(
        self, app: APIFlask, cast: Cast, at: Moment
    ) -> None:
        known, by = cast.resident["wang-guilan"], cast.actor("wang-guilan")

        def holds() -> bool:
            db.session.rollback()
            return queries.has_consent(reading(), resident_id=known.id, purpose=Purpose.HEALTH)

        def act(do: object) -> None:
            with transaction() as session:
                do(session, code=known.code, purpose=Purpose.HEALTH, by=by, at=at)  # type: ignore[operator]

        act(service.give_consent)
        assert holds()
        act(service.withdraw_consent)
        assert not holds()
        act(service.withdraw_consent)
        act(service.give_consent)
        assert holds()
        kept = reading().scalars(
            select(Consent).where(
                Consent.resident_id == known.id, Consent.purpose == Purpose.HEALTH
            )
        )
        assert sorted(row.withdrawn_at is None for row in kept) == [False, True]
        assert chains_hold()

    @pytest.mark.parametrize(
        ("login", "at_desk"),
        [("clerk", True), ("grid-worker", True), ("chen-jing", False), ("wang-guilan", False)],
    )
    def test_keeps_whether_the_desk_noted_it(
        self, app: APIFlask, cast: Cast, at: Moment, login: str, at_desk: bool
    ) -> None:
        known, by = cast.resident["wang-guilan"], cast.actor(login)
        for act in (service.withdraw_consent, service.give_consent):
            with transaction() as session:
                act(session, code=known.code, purpose=Purpose.HEALTH, by=by, at=at)
        found = queries.consents(reading(), resident_id=known.id)[Purpose.HEALTH]
        assert found.at_desk is at_desk

    def test_of_one_purpose_says_nothing_of_the_other(
        self, app: APIFlask, cast: Cast, at: Moment
    ) -> None:
        known = cast.resident["wang-guilan"]
        with transaction() as session:
            service.withdraw_consent(
                session,
                code=known.code,
                purpose=Purpose.HEALTH,
                by=cast.actor("chen-jing"),
                at=at,
            )
        assert queries.has_consent(reading(), resident_id=known.id, purpose=Purpose.SERVICE)
        others = select(Resident.code).where(queries.consented(Resident.id, Purpose.HEALTH))
        assert known.code not in set(reading().scalars(others))
        assert cast.resident["sun-lei"].code in set(reading().scalars(others))


class TestActingFor:
    def test_ends(self, app: APIFlask, cast: Cast, at: Moment) -> None:
        known, daughter = cast.resident["wang-guilan"], cast.actor("chen-jing")
        acting = queries.deputies(reading(), resident_id=known.id)[0]
        with transaction() as session:
            service.end_acting(
                session, code=known.code, acting_id=acting.id, by=cast.actor("wang-guilan"), at=at
            )
        with pytest.raises(queries.NotYourResident):
            queries.person_for(reading(), code=known.code, by=daughter)
        with pytest.raises(service.ActingNotFound), transaction() as session:
            service.end_acting(
                session, code=known.code, acting_id=acting.id, by=cast.actor("wang-guilan"), at=at
            )
        with transaction() as session:
            service.add_deputy(
                session,
                code=known.code,
                name="13900000005",
                relation=Relation.CHILD,
                by=cast.actor("wang-guilan"),
                at=at,
            )
        assert queries.person_for(reading(), code=known.code, by=daughter).code == known.code
        assert chains_hold()

    def test_exists_once(self, app: APIFlask, cast: Cast, at: Moment) -> None:
        with pytest.raises(service.AlreadyActing), transaction() as session:
            service.act_for(
                session,
                cast.account["chen-jing"],
                cast.resident["wang-guilan"].id,
                relation=Relation.CHILD,
                by=SYSTEM,
                at=at,
            )
        assert reading().scalar(select(func.count()).select_from(ActingFor)) == 1


class TestReveal:
    def test_is_written_down_and_shown_for_minutes_to_one_person(
        self, app: APIFlask, cast: Cast, at: Moment
    ) -> None:
        known, clerk = cast.resident["wang-guilan"], cast.actor("clerk")
        with transaction() as session:
            look = service.reveal(
                session, code=known.code, which=Secret.PHONE, reason="约送货", by=clerk, at=at
            )
        session = reading()
        shown = queries.reveal(session, reveal_id=look, resident_id=known.id, by=clerk, now=at.at)
        assert shown.which is Secret.PHONE
        assert queries.secret(session, resident_id=known.id, which=shown.which) == "13900000001"
        for who, now, whose in (
            (cast.actor("manager"), at.at, known.id),
            (clerk, at.at + timedelta(minutes=5), known.id),
            (clerk, at.at - timedelta(minutes=5), known.id),
            (clerk, at.at, cast.resident["sun-lei"].id),
        ):
            with pytest.raises(queries.RevealNotFound):
                queries.reveal(session, reveal_id=look, resident_id=whose, by=who, now=now)
        assert [one.reason for one in queries.looks(session, resident_id=known.id)] == ["约送货"]
        lines = journal.history(session, subject=f"resident:{known.code}")
        assert lines[0].act == "revealed"
        assert "约送货" not in json.dumps(dict(lines[0].details), ensure_ascii=False)

    def test_is_refused_to_strangers(self, app: APIFlask, cast: Cast, at: Moment) -> None:
        with pytest.raises(queries.NotYourResident), transaction() as session:
            service.reveal(
                session,
                code=cast.resident["sun-lei"].code,
                which=Secret.PHONE,
                reason="x",
                by=cast.actor("grid-worker"),
                at=at,
            )
        assert reading().scalar(select(func.count()).select_from(Reveal)) == 0


class TestHush:
    def test_stops_messages_until_spoken_to_again(
        self, app: APIFlask, cast: Cast, at: Moment
    ) -> None:
        known, clerk = cast.resident["wang-guilan"], cast.actor("clerk")
        with transaction() as session:
            notices.send(
                session,
                NoticeKind.DUE_TODAY,
                resident_id=known.id,
                once="1",
                at=at,
                params={"kind": "轮椅"},
            )
            notices.dispatch(session, at=at)
            service.hush(session, code=known.code, by=clerk, at=at)
        assert queries.person(reading(), code=known.code).state is ResidentState.QUIET
        assert reading().scalars(select(Delivery.state)).all() == [DeliveryState.CANCELLED]
        with transaction() as session:
            service.speak_again(session, code=known.code, by=clerk, at=at)
        assert queries.person(reading(), code=known.code).state is ResidentState.ACTIVE
        assert chains_hold()


class TestExport:
    def test_holds_everything_and_is_json(self, app: APIFlask, cast: Cast, at: Moment) -> None:
        known = cast.resident["wang-guilan"]
        found = queries.person(reading(), code=known.code)
        answer = json.loads(json.dumps(queries.own_data(reading(), found)))
        assert answer["phone"] == "13900000001"
        assert answer["acting_for_you"][0]["relation"] == "child"
        assert len(answer["consents"]) == 2
        account = queries.own_account(reading(), account_id=cast.account["wang-guilan"])
        assert "argon2" not in json.dumps(account)


class TestAccounts:
    def create(self, cast: Cast, at: Moment, login: str = "li-min") -> int:
        with transaction() as session:
            return service.create_account(
                session,
                login=login,
                name="李敏",
                password_hash="h",
                roles=[Role.CLERK, Role.CLEANER],
                site_id=cast.site_id,
                by=cast.actor("manager"),
                at=at,
            )

    def test_are_made_and_set(self, app: APIFlask, cast: Cast, at: Moment) -> None:
        made = self.create(cast, at)
        view = queries.account(reading(), account_id=made)
        assert set(view.roles) == {Role.CLERK, Role.CLEANER}
        with transaction() as session:
            service.set_account(
                session,
                made,
                wish=service.AccountSettings(name="李敏敏", roles=frozenset({Role.REVIEWER})),
                by=cast.actor("manager"),
                at=at,
            )
        view = queries.account(reading(), account_id=made)
        assert (view.name, view.roles, view.site_id) == ("李敏敏", (Role.REVIEWER,), None)
        assert queries.account_names(reading(), [made, None, 0]) == {made: "李敏敏"}
        assert chains_hold()

    def test_have_names_of_their_own(self, app: APIFlask, cast: Cast, at: Moment) -> None:
        with pytest.raises(service.LoginTaken):
            self.create(cast, at, login="clerk")

    def test_keep_the_residents_role(self, app: APIFlask, cast: Cast, at: Moment) -> None:
        id_ = cast.account["sun-lei"]
        with transaction() as session:
            service.set_account(
                session,
                id_,
                wish=service.AccountSettings(name="孙磊", roles=frozenset({Role.CLERK})),
                by=cast.actor("manager"),
                at=at,
            )
        roles = queries.account(reading(), account_id=id_).roles
        assert set(roles) == {Role.CLERK, Role.RESIDENT}

    def test_end_sessions_and_tokens_when_closed(
        self, app: APIFlask, cast: Cast, at: Moment
    ) -> None:
        id_, manager = cast.account["clerk"], cast.actor("manager")
        with transaction() as session:
            token = service.new_token(session, login="clerk", at=at)
        with transaction() as session:
            service.deactivate_account(session, id_, by=manager, at=at)
        assert queries.signed_in_by_session(f"{id_}.1") is None
        assert queries.signed_in_by_token(token) is None
        with transaction() as session:
            service.activate_account(session, id_, by=manager, at=at)
        assert queries.signed_in_by_session(f"{id_}.1") is None
        assert queries.signed_in_by_token(token) is None
        assert queries.signed_in_by_session(f"{id_}.2") is not None

    def test_never_lock_their_manager_out(self, app: APIFlask, cast: Cast, at: Moment) -> None:
        manager = cast.actor("manager")
        wish = service.AccountSettings(name="m", roles=frozenset({Role.CLERK}))
        with pytest.raises(service.WouldLockYourselfOut), transaction() as session:
            service.set_account(session, cast.account["manager"], wish=wish, by=manager, at=at)
        with pytest.raises(service.WouldLockYourselfOut), transaction() as session:
            service.deactivate_account(session, cast.account["manager"], by=manager, at=at)

    def test_are_listed_without_residents(self, app: APIFlask, cast: Cast) -> None:
        session = reading()
        logins = {one.login for one in queries.accounts(session)}
        assert "clerk" in logins
        assert "sun-lei" not in logins
        found = queries.accounts(session, text="13900000004", staff_only=False)
        assert [one.login for one in found] == ["sun-lei"]
        assert "clerk" in {one.login for one in queries.accounts(session, text="CLER")}
        for text in ("%", "\0", "😀" * 60):
            queries.accounts(session, text=text)

    def test_are_found_for_commands(self, app: APIFlask, cast: Cast) -> None:
        assert queries.account_id_of(reading(), login="clerk") == cast.account["clerk"]
        assert queries.account_id_of(reading(), login="nobody") is None
        actor = queries.actor_of(reading(), login="wang-guilan")
        assert actor.resident_id == cast.resident["wang-guilan"].id
        with pytest.raises(queries.AccountNotFound):
            queries.actor_of(reading(), login="nobody")
