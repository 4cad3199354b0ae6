"""A turn without a known end, promises that block while they wait, and messages about earlier due dates."""

import sqlalchemy as sa
from alembic import op

revision = '0006'
down_revision = '0005'
branch_labels = None
depends_on = None

_BEFORE = (
    'application_received', 'papers_requested', 'approved', 'refused', 'revoked', 'revoked_in_part', 'reserved',
    'reservation_changed', 'reservation_cancelled', 'reservation_expired', 'visit_closed', 'delivery_closed', 'issued',
    'returned', 'renewed', 'due_moved', 'due_in_3_days', 'due_today', 'overdue_1_day', 'overdue_7_days',
)
_NEW = ('due_earlier',)


def _allow(kinds: tuple[str, ...]) -> None:
    """Let the kinds of messages be these."""
    listed = ', '.join(f"'{kind}'" for kind in kinds)
    with op.batch_alter_table('notice', schema=None) as batch_op:
        batch_op.drop_constraint(op.f('ck_notice_kind'), type_='check')
        batch_op.create_check_constraint(op.f('ck_notice_kind'), sa.text(f'kind IN ({listed})'))


def upgrade() -> None:
    """Go forward. The check came before the first release, so no released code writes what it refuses.

    What was promised too short blocks until it no longer waits; following the calendar adds the turn-round.
    """
    _allow((*_BEFORE, *_NEW))
    op.execute('UPDATE reservation SET blocked_until = hold_until WHERE blocked_until < hold_until')
    with op.batch_alter_table('reservation', schema=None) as batch_op:
        batch_op.create_check_constraint(op.f('ck_reservation_blocked_while_held'), sa.text('blocked_until >= hold_until'))
    with op.batch_alter_table('upkeep', schema=None) as batch_op:
        batch_op.alter_column('expected_on', existing_type=sa.Date(), nullable=True)


def downgrade() -> None:
    """Go back. The messages that the code before doesn't know are lost.

    A turn whose end nobody can say is expected to end on the day it began, which the code before counts as late.
    """
    op.execute('UPDATE upkeep SET expected_on = date(opened_at) WHERE expected_on IS NULL')
    with op.batch_alter_table('upkeep', schema=None) as batch_op:
        batch_op.alter_column('expected_on', existing_type=sa.Date(), nullable=False)
    with op.batch_alter_table('reservation', schema=None) as batch_op:
        batch_op.drop_constraint(op.f('ck_reservation_blocked_while_held'), type_='check')
    listed = ', '.join(f"'{kind}'" for kind in _NEW)
    op.execute(f'DELETE FROM delivery WHERE notice_id IN (SELECT id FROM notice WHERE kind IN ({listed}))')
    op.execute(f'DELETE FROM notice WHERE kind IN ({listed})')
    _allow(_BEFORE)
