import pytest
from apiflask import APIFlask
from cryptography.exceptions import InvalidTag
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from rental.foundation import crypto


@given(plain=st.text(max_size=200))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_value_opens_in_its_own_column_only(app: APIFlask, plain: str) -> None:
    stored = crypto.encrypt(plain, column="resident.phone")
    assert crypto.decrypt(stored, column="resident.phone") == plain
    with pytest.raises(InvalidTag):
        crypto.decrypt(stored, column="resident.address")


def test_equal_values_look_different_and_index_the_same(app: APIFlask) -> None:
    one, two = (crypto.encrypt("13900000001", column="a.b") for _ in range(2))
    assert one != two
    assert "139" not in one
    assert crypto.blind_index("x", purpose="p") == crypto.blind_index("x", purpose="p")
    assert crypto.blind_index("x", purpose="p") != crypto.blind_index("x", purpose="q")


def test_an_old_key_still_opens_and_the_newest_writes(app: APIFlask) -> None:
    before = crypto.ring()
    old = crypto.encrypt("geheim", column="a.b")
    try:
        crypto.use_keys(
            crypto.Keys(
                encryption={**before.encryption, 2: b"k" * 32},
                index=before.index,
                journal=before.journal,
            )
        )
        assert crypto.decrypt(old, column="a.b") == "geheim"
        assert crypto.encrypt("neu", column="a.b").startswith("v2.")
    finally:
        crypto.use_keys(before)
