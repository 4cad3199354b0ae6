"""When a return or a hand-over may be taken back, and that nothing else may."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rental.foundation.actor import Actor, Role
from rental.foundation.errors import DomainError
from rental.inventory.policy import (
    TRANSITIONS,
    UNDOES,
    NotYourStep,
    UnitCannotMove,
    UnitState,
    ensure_can_undo,
)
from rental.loans.policy import LoanState
from rental.loans.policy.undoing import (
    REASON_WORDS,
    IssuedUnreleased,
    IssueOfAnotherDay,
    IssueOvertaken,
    NoIssueToUndo,
    NoReturnToUndo,
    NotConfirmedInPlace,
    ReturnOfAnotherDay,
    ReturnOvertaken,
    UndoIssueFacts,
    UndoReason,
    UndoReturnFacts,
    ensure_can_undo_issue,
    ensure_can_undo_return,
    issue_refusal,
    offers_undo_issue,
    offers_undo_return,
    return_refusal,
    undo_text,
)

TODAY = date(2026, 12, 1)
RETURN = UndoReturnFacts(
    today=TODAY,
    unit_code="7K3M9QXA",
    unit_state=UnitState.DIRTY,
    loan_state=LoanState.RETURNED,
    returned_on=TODAY,
    in_its_turn=True,
    washed=False,
    touched=False,
)
ISSUE = UndoIssueFacts(
    today=TODAY,
    unit_code="7K3M9QXA",
    unit_state=UnitState.ON_LOAN,
    loan_state=LoanState.OPEN,
    issued_on=TODAY,
    renewals=0,
    released=True,
    touched=False,
)

days = st.dates(TODAY - timedelta(days=3), TODAY + timedelta(days=3))
returns = st.builds(
    UndoReturnFacts,
    today=st.just(TODAY),
    unit_code=st.just("7K3M9QXA"),
    unit_state=st.sampled_from(UnitState),
    loan_state=st.sampled_from(LoanState),
    returned_on=st.none() | days,
    in_its_turn=st.booleans(),
    washed=st.booleans(),
    touched=st.booleans(),
)
issues = st.builds(
    UndoIssueFacts,
    today=st.just(TODAY),
    unit_code=st.just("7K3M9QXA"),
    unit_state=st.sampled_from(UnitState),
    loan_state=st.sampled_from(LoanState),
    issued_on=days,
    renewals=st.integers(0, 2),
    released=st.booleans(),
    touched=st.booleans(),
)


def someone(*roles: Role) -> Actor:
    return Actor(account_id=1, name="x", roles=frozenset(roles))


class TestUndoReturn:
    def test_takes_back_a_return_of_today(self) -> None:
        ensure_can_undo_return(RETURN)

    @pytest.mark.parametrize(
        ("changed", "refusal"),
        [
            ({"loan_state": LoanState.OPEN, "returned_on": None}, NoReturnToUndo),
            ({"loan_state": LoanState.LOST, "returned_on": None}, NoReturnToUndo),
            ({"loan_state": LoanState.VOID, "returned_on": None}, NoReturnToUndo),
            ({"returned_on": TODAY - timedelta(days=1)}, ReturnOfAnotherDay),
            ({"unit_state": UnitState.CLEANING}, ReturnOvertaken),
            ({"unit_state": UnitState.ON_LOAN}, ReturnOvertaken),
            ({"in_its_turn": False}, ReturnOvertaken),
            ({"washed": True}, ReturnOvertaken),
            ({"touched": True}, ReturnOvertaken),
        ],
    )
    def test_refuses_anything_else(
        self, changed: dict[str, Any], refusal: type[DomainError]
    ) -> None:
        with pytest.raises(refusal):
            ensure_can_undo_return(replace(RETURN, **changed))

    @given(returns)
    def test_only_what_nobody_touched_today(self, facts: UndoReturnFacts) -> None:
        if return_refusal(facts) is None:
            assert facts == RETURN

    @given(returns)
    def test_is_offered_wherever_it_can_be(self, facts: UndoReturnFacts) -> None:
        if return_refusal(facts) is None:
            assert offers_undo_return(facts.loan_state, facts.returned_on, facts.today)


class TestUndoIssue:
    def test_takes_back_a_hand_over_of_today(self) -> None:
        ensure_can_undo_issue(ISSUE, never_left=True)

    def test_refuses_until_somebody_says_that_it_never_left(self) -> None:
        with pytest.raises(NotConfirmedInPlace):
            ensure_can_undo_issue(ISSUE, never_left=False)

    @pytest.mark.parametrize(
        ("changed", "refusal"),
        [
            ({"loan_state": LoanState.RETURNED}, NoIssueToUndo),
            ({"loan_state": LoanState.LOST}, NoIssueToUndo),
            ({"loan_state": LoanState.VOID}, NoIssueToUndo),
            ({"issued_on": TODAY - timedelta(days=1)}, IssueOfAnotherDay),
            ({"released": False}, IssuedUnreleased),
            ({"renewals": 1}, IssueOvertaken),
            ({"unit_state": UnitState.DIRTY}, IssueOvertaken),
            ({"touched": True}, IssueOvertaken),
        ],
    )
    def test_refuses_anything_else(
        self, changed: dict[str, Any], refusal: type[DomainError]
    ) -> None:
        with pytest.raises(refusal):
            ensure_can_undo_issue(replace(ISSUE, **changed), never_left=True)

    @given(issues)
    def test_only_a_released_unit_that_nobody_touched_today(self, facts: UndoIssueFacts) -> None:
        if issue_refusal(facts) is None:
            assert facts == ISSUE

    @given(issues)
    def test_is_offered_wherever_it_can_be(self, facts: UndoIssueFacts) -> None:
        if issue_refusal(facts) is None:
            assert offers_undo_issue(facts.loan_state, facts.issued_on, facts.renewals, facts.today)


class TestArrows:
    @given(st.sampled_from(UnitState), st.sampled_from(UnitState))
    def test_what_is_undone_is_no_step_of_a_units_life(
        self, state: UnitState, to: UnitState
    ) -> None:
        if to in UNDOES.get(state, {}):
            assert to not in TRANSITIONS[state]
            assert state in TRANSITIONS[to]

    def test_nothing_becomes_lendable_but_what_stood_there_before(self) -> None:
        assert [state for state, arrows in UNDOES.items() if UnitState.AVAILABLE in arrows] == [
            UnitState.ON_LOAN
        ]

    def test_only_the_desk_takes_them(self) -> None:
        ensure_can_undo(UnitState.DIRTY, UnitState.ON_LOAN, by=someone(Role.CLERK))
        with pytest.raises(NotYourStep):
            ensure_can_undo(UnitState.ON_LOAN, UnitState.AVAILABLE, by=someone(Role.CLEANER))
        with pytest.raises(UnitCannotMove):
            ensure_can_undo(UnitState.DIRTY, UnitState.AVAILABLE, by=someone(Role.MANAGER))


def test_every_reason_has_a_word() -> None:
    assert set(UndoReason) < set(REASON_WORDS)
    assert str(undo_text({"reason": "wrong_unit"})) == "扫错了器具"
    assert undo_text({"reason": "王桂兰说的"}) is None
    assert undo_text({}) is None
