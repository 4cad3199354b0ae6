"""Wrong returns and hand-overs are taken back: void loans, what a unit lacked before, two messages."""

import sqlalchemy as sa
from alembic import op

revision = '0008'
down_revision = '0007'
branch_labels = None
depends_on = None

_KINDS_BEFORE = (
    'application_received', 'papers_requested', 'approved', 'refused', 'revoked', 'revoked_in_part', 'reserved',
    'reservation_changed', 'reservation_cancelled', 'reservation_expired', 'visit_closed', 'delivery_closed', 'issued',
    'returned', 'renewed', 'due_moved', 'due_in_3_days', 'due_today', 'overdue_1_day', 'overdue_7_days',
    'due_earlier',
)
_NEW_KINDS = ('issue_undone', 'return_undone')
_STATES_BEFORE = ('open', 'returned', 'lost')


def _listed(words: tuple[str, ...]) -> str:
    return ', '.join(f"'{word}'" for word in words)


def _allow_kinds(kinds: tuple[str, ...]) -> None:
    """Let the kinds of messages be these."""
    with op.batch_alter_table('notice', schema=None) as batch_op:
        batch_op.drop_constraint(op.f('ck_notice_kind'), type_='check')
        batch_op.create_check_constraint(op.f('ck_notice_kind'), sa.text(f'kind IN ({_listed(kinds)})'))


def upgrade() -> None:
    """Go forward. The code before this change must still run on the result."""
    with op.batch_alter_table('loan', schema=None) as batch_op:
        batch_op.add_column(sa.Column('lacking', sa.Text(), server_default='[]', nullable=False))
        batch_op.drop_constraint(op.f('ck_loan_state'), type_='check')
        batch_op.create_check_constraint(
            op.f('ck_loan_state'), sa.text(f"state IN ({_listed((*_STATES_BEFORE, 'void'))})")
        )
        batch_op.create_check_constraint(
            op.f('ck_loan_void_holds_nothing'),
            sa.text("state <> 'void' OR (reservation_id IS NULL AND renewals = 0)"),
        )
    op.execute(
        "UPDATE loan SET lacking = (SELECT unit.missing FROM unit WHERE unit.id = loan.unit_id) "
        "WHERE state = 'open'"
    )
    _allow_kinds((*_KINDS_BEFORE, *_NEW_KINDS))


def downgrade() -> None:
    """Go back. A void loan becomes one that came back at once: the code before knows no void ones.

    The journal still says void, and its check names these loans. The messages that the code before
    doesn't know are lost.
    """
    new = _listed(_NEW_KINDS)
    op.execute(f'DELETE FROM delivery WHERE notice_id IN (SELECT id FROM notice WHERE kind IN ({new}))')
    op.execute(f'DELETE FROM notice WHERE kind IN ({new})')
    _allow_kinds(_KINDS_BEFORE)
    with op.batch_alter_table('loan', schema=None) as batch_op:
        batch_op.drop_constraint(op.f('ck_loan_void_holds_nothing'), type_='check')
    op.execute(
        "UPDATE loan SET state = 'returned', returned_on = issued_on, returned_at = issued_at WHERE state = 'void'"
    )
    with op.batch_alter_table('loan', schema=None) as batch_op:
        batch_op.drop_constraint(op.f('ck_loan_state'), type_='check')
        batch_op.create_check_constraint(op.f('ck_loan_state'), sa.text(f'state IN ({_listed(_STATES_BEFORE)})'))
        batch_op.drop_column('lacking')
