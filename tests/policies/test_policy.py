from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rental.policies.policy import (
    SPECS,
    ChlorineRangeEmpty,
    Policy,
    PolicyValueWrong,
    Row,
    Scope,
    ensure_chlorine_range,
    ensure_value,
    most_specific,
)

ids = st.none() | st.integers(1, 3)
scopes = st.builds(
    Scope,
    site_id=ids,
    ground=st.sampled_from([None, "elderly", "injury"]),
    category_id=ids,
    kind_id=ids,
)
rows = st.lists(st.builds(Row, st.just(Policy.MAX_LOANS), scopes, st.integers(1, 50)), max_size=6)


class TestMostSpecific:
    @pytest.mark.parametrize(
        ("asked", "expected"),
        [
            (Scope(), 1),
            (Scope(site_id=1), 2),
            (Scope(site_id=1, ground="elderly"), 3),
            (Scope(site_id=1, ground="elderly", category_id=5), 4),
            (Scope(site_id=1, ground="elderly", category_id=5, kind_id=7), 5),
            (Scope(site_id=2, ground="injury", category_id=6, kind_id=8), 1),
        ],
    )
    def test_lets_kind_outweigh_category_ground_and_site(self, asked: Scope, expected: int) -> None:
        stored = [
            Row(Policy.MAX_LOANS, scope, number)
            for number, scope in enumerate(
                [
                    Scope(),
                    Scope(site_id=1),
                    Scope(ground="elderly"),
                    Scope(category_id=5),
                    Scope(kind_id=7),
                ],
                start=1,
            )
        ]
        assert most_specific(stored, Policy.MAX_LOANS, asked) == expected

    @given(rows=rows, asked=scopes)
    def test_gives_a_covering_value_or_the_default(self, rows: list[Row], asked: Scope) -> None:
        covering = [row.value for row in rows if row.scope.covers(asked)]
        found = most_specific(rows, Policy.MAX_LOANS, asked)
        assert found in (covering or [SPECS[Policy.MAX_LOANS].default])

    @given(rows=rows, asked=scopes)
    def test_does_not_mind_other_policies(self, rows: list[Row], asked: Scope) -> None:
        assert most_specific(rows, Policy.MIN_AGE, asked) == 60

    @given(rows=rows, scope=scopes)
    def test_gives_the_value_of_exactly_the_scope_asked(
        self, rows: list[Row], scope: Scope
    ) -> None:
        others = [row for row in rows if row.scope != scope]
        assert (
            most_specific([*others, Row(Policy.MAX_LOANS, scope, 50)], Policy.MAX_LOANS, scope)
            == 50
        )


class TestEnsureValue:
    @pytest.mark.parametrize("policy", list(Policy))
    def test_accepts_every_default(self, policy: Policy) -> None:
        assert ensure_value(policy, SPECS[policy].default) == SPECS[policy].default

    @pytest.mark.parametrize(
        ("policy", "value"),
        [
            (Policy.MIN_AGE, 49),
            (Policy.MIN_AGE, 101),
            (Policy.MIN_AGE, True),
            (Policy.MIN_AGE, "60"),
            (Policy.MIN_AGE, None),
            (Policy.MAX_RENEWALS, -1),
            (Policy.TWO_PERSON_RELEASE, 1),
            (Policy.ELDERLY_ATTESTATION, "never"),
            (Policy.DIFFICULTIES, ["rich"]),
            (Policy.DIFFICULTIES, [["dibao"]]),
            (Policy.DIFFICULTIES, "dibao"),
            (Policy.LOAN_DAYS, 0),
        ],
    )
    def test_refuses_the_wrong_type_and_range(self, policy: Policy, value: Any) -> None:
        with pytest.raises(PolicyValueWrong):
            ensure_value(policy, value)

    def test_accepts_the_ends_of_the_range(self) -> None:
        for policy, spec in SPECS.items():
            if spec.lowest is not None and spec.highest is not None:
                assert ensure_value(policy, spec.lowest) == spec.lowest
                assert ensure_value(policy, spec.highest) == spec.highest


class TestEnsureChlorineRange:
    def test_leaves_something_between(self) -> None:
        ensure_chlorine_range(250, 250)
        with pytest.raises(ChlorineRangeEmpty):
            ensure_chlorine_range(251, 250)
