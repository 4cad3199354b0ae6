"""Messages about revoked decisions and closed days."""

import sqlalchemy as sa
from alembic import op

revision = '0002'
down_revision = '0001'
branch_labels = None
depends_on = None

_BEFORE = (
    'application_received', 'papers_requested', 'approved', 'refused', 'reserved', 'reservation_changed',
    'reservation_cancelled', 'reservation_expired', 'issued', 'returned', 'renewed', 'due_in_3_days', 'due_today',
    'overdue_1_day', 'overdue_7_days',
)
_NEW = ('revoked', 'visit_closed', 'due_moved')


def _allow(kinds: tuple[str, ...]) -> None:
    """Let the kinds of messages be these."""
    listed = ', '.join(f"'{kind}'" for kind in kinds)
    with op.batch_alter_table('notice', schema=None) as batch_op:
        batch_op.drop_constraint(op.f('ck_notice_kind'), type_='check')
        batch_op.create_check_constraint(op.f('ck_notice_kind'), sa.text(f'kind IN ({listed})'))


def upgrade() -> None:
    """Go forward. The code before this change must still run on the result."""
    _allow((*_BEFORE, *_NEW))


def downgrade() -> None:
    """Go back. The messages that the code before doesn't know are lost."""
    listed = ', '.join(f"'{kind}'" for kind in _NEW)
    op.execute(f'DELETE FROM delivery WHERE notice_id IN (SELECT id FROM notice WHERE kind IN ({listed}))')
    op.execute(f'DELETE FROM notice WHERE kind IN ({listed})')
    _allow(_BEFORE)
