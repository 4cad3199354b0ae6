from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rental.foundation.actor import Role
from rental.people import policy
from rental.people.policy import (
    ATTEMPT_WINDOW,
    MAX_FAILURES_PER_ACCOUNT,
    MAX_FAILURES_PER_ADDRESS,
    LoginUnreadable,
    PasswordTooWeak,
    PhoneUnreadable,
    Purpose,
    Register,
    Relation,
    ResidentState,
    Secret,
)

NOW = datetime(2026, 12, 1, 2, 0, tzinfo=UTC)
PHONES = st.from_regex(r"1[3-9][0-9]{9}", fullmatch=True).filter(str.isascii)


class TestReadPhone:
    @given(PHONES)
    def test_returns_eleven_digits_unchanged(self, phone: str) -> None:
        assert policy.read_phone(phone) == phone

    @given(PHONES, st.sampled_from(["+86", "86", "0086", "+86 ", "86-"]))
    def test_drops_the_country_code(self, phone: str, prefix: str) -> None:
        assert policy.read_phone(prefix + phone) == phone

    @given(PHONES)
    def test_folds_full_width_digits_blanks_and_hyphens(self, phone: str) -> None:
        wide = phone.translate({ord("0") + n: ord("０") + n for n in range(10)})
        typed = f" {wide[:3]}-{wide[3:7]} {wide[7:]}\u3000"
        assert policy.read_phone(typed) == phone

    @given(st.text(max_size=30))
    def test_returns_a_number_or_refuses_and_never_fails(self, text: str) -> None:
        try:
            phone = policy.read_phone(text)
        except PhoneUnreadable:
            assert not policy.is_phone(text)
            return
        assert len(phone) == 11
        assert phone.isascii()
        assert policy.read_phone(phone) == phone

    @pytest.mark.parametrize(
        "text",
        ["", "1390000000", "139000000001", "12900000001", "2390000000１", "abc", "١٣٩٠٠٠٠٠٠٠١"],
    )
    def test_refuses_what_is_no_mobile_number(self, text: str) -> None:
        with pytest.raises(PhoneUnreadable):
            policy.read_phone(text)


class TestReadLogin:
    @pytest.mark.parametrize(
        ("text", "login"), [("Clerk", "clerk"), (" grid-worker ", "grid-worker"), ("ｌｉ2", "li2")]
    )
    def test_folds(self, text: str, login: str) -> None:
        assert policy.read_login(text) == login

    @pytest.mark.parametrize("text", ["", "a", "13900000001", "-a", "王", "a" * 41, "a_b", "a\0b"])
    def test_refuses(self, text: str) -> None:
        with pytest.raises(LoginUnreadable):
            policy.read_login(text)

    @given(st.text(max_size=50))
    def test_never_reads_a_telephone_number(self, text: str) -> None:
        try:
            login = policy.read_login(text)
        except LoginUnreadable:
            return
        assert not policy.is_phone(login)


class TestEnsurePassword:
    @pytest.mark.parametrize("password", ["demo-rental-2026", "八个汉字也是密码", "x" * 127 + "y"])
    def test_accepts(self, password: str) -> None:
        policy.ensure_password(password, phone="13900000001")

    @pytest.mark.parametrize(
        "password", ["", "1234567", "aaaaaaaaa", "13900000001", "x" * 128 + "y"]
    )
    def test_refuses_short_long_repeated_and_the_number_itself(self, password: str) -> None:
        with pytest.raises(PasswordTooWeak):
            policy.ensure_password(password, phone="13900000001")


def failures(count: int, *, newest: timedelta) -> list[datetime]:
    """Return instants one second apart, newest first."""
    return [NOW - newest - timedelta(seconds=n) for n in range(count)]


class TestWaitMinutes:
    def test_lets_the_fifth_attempt_through(self) -> None:
        four = failures(MAX_FAILURES_PER_ACCOUNT - 1, newest=timedelta(0))
        assert policy.wait_minutes(four, four, now=NOW) == 0

    def test_pauses_after_the_fifth_failure_of_an_account(self) -> None:
        five = failures(MAX_FAILURES_PER_ACCOUNT, newest=timedelta(0))
        assert policy.wait_minutes(five, [], now=NOW) == 15

    def test_pauses_after_the_thirtieth_failure_of_an_address(self) -> None:
        thirty = failures(MAX_FAILURES_PER_ADDRESS, newest=timedelta(minutes=5))
        assert policy.wait_minutes([], thirty, now=NOW) == 10
        assert policy.wait_minutes([], thirty[:-1], now=NOW) == 0

    def test_ends_when_the_fifth_newest_leaves_the_window(self) -> None:
        five = [NOW - ATTEMPT_WINDOW] * MAX_FAILURES_PER_ACCOUNT
        assert policy.wait_minutes(five, [], now=NOW) == 0
        almost = [NOW - ATTEMPT_WINDOW + timedelta(seconds=1)] * MAX_FAILURES_PER_ACCOUNT
        assert policy.wait_minutes(almost, [], now=NOW) == 1

    @given(st.lists(st.integers(0, 900), max_size=40), st.lists(st.integers(0, 900), max_size=40))
    def test_is_never_negative_nor_longer_than_the_window(
        self, account: list[int], address: list[int]
    ) -> None:
        ago = [[NOW - timedelta(seconds=s) for s in sorted(each)] for each in (account, address)]
        assert 0 <= policy.wait_minutes(ago[0], ago[1], now=NOW) <= 15


class TestNetworkOf:
    @pytest.mark.parametrize(
        ("address", "network"),
        [
            ("192.0.2.7", "192.0.2.7"),
            ("::ffff:192.0.2.7", "192.0.2.7"),
            ("2001:db8:1:2:3::4", "2001:db8:1:2::/64"),
            ("", "unknown"),
            ("nonsense", "unknown"),
        ],
    )
    def test_counts_a_home_as_one(self, address: str, network: str) -> None:
        assert policy.network_of(address) == network


class TestSessionLength:
    def test_is_longer_for_residents(self) -> None:
        assert policy.session_length(is_staff=False) == timedelta(days=30)
        assert policy.session_length(is_staff=True) == timedelta(hours=12)


class TestMasks:
    @given(PHONES)
    def test_hides_the_middle_of_a_number(self, phone: str) -> None:
        masked = policy.masked_phone(phone)
        assert masked == f"{phone[:3]}****{phone[-4:]}"
        assert len(masked) == 11

    @given(st.text(max_size=6))
    def test_hides_short_numbers_wholly(self, phone: str) -> None:
        assert policy.masked_phone(phone) == "****"

    @given(st.from_regex(r"[1-9][0-9]{16}[0-9X]", fullmatch=True))
    def test_hides_area_and_birth_of_a_citizen_number(self, number: str) -> None:
        masked = policy.masked_number(number)
        assert len(masked) == 18
        assert masked.count("*") == 11
        assert number[6:14] not in masked

    @given(st.text(min_size=1, max_size=40))
    def test_shows_the_first_character_of_a_name_only(self, name: str) -> None:
        masked = policy.masked_name(name)
        assert masked[0] == name[0]
        assert set(masked[1:]) == {"*"}

    @given(st.text(max_size=200))
    def test_shows_the_beginning_of_an_address_only(self, address: str) -> None:
        shown = policy.masked_address(address).removesuffix("****")
        assert address.startswith(shown)
        assert len(shown) <= min(4, len(address) / 3)


class TestWords:
    def test_name_every_member(self) -> None:
        assert set(policy.ROLE_NAMES) == set(Role)
        assert set(policy.REGISTER_NAMES) == set(Register)
        assert set(policy.RELATION_NAMES) == set(Relation)
        assert set(policy.STATE_NAMES) == set(ResidentState)
        assert set(policy.PURPOSE_NAMES) == set(Purpose)
        assert set(policy.SECRET_NAMES) == set(Secret)


class TestPersonalData:
    def test_keeps_sensitive_parts_out_of_repr(self) -> None:
        number = policy.read_citizen_number("11010119900307109X", today=date(2026, 12, 1))
        data = policy.PersonalData(
            name="王桂兰", phone="13900000001", address="测试路 1 号", citizen_number=number
        )
        assert "1390000" not in repr(data)
        assert "测试路" not in repr(data)
        assert "110101" not in repr(data) + repr(number)
