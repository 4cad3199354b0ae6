"""A fault report from a loan says whose it was, so that its words go with the person."""

import sqlalchemy as sa
from alembic import op

revision = '0007'
down_revision = '0006'
branch_labels = None
depends_on = None

#: Our own sentences were kept in the clerk's language.
_OWN = {
    'Found at return to be past use.': '归还时发现不能再用。',
    'Found damaged at return, needs repair.': '归还时发现有损坏，要修。',
}
_GONE = "(SELECT id FROM resident WHERE state = 'anonymised')"


def upgrade() -> None:
    """Go forward. Reports that repeat the note of a return are that loan's; who is gone is wiped."""
    with op.batch_alter_table('fault', schema=None) as batch_op:
        batch_op.add_column(sa.Column('resident_id', sa.Integer(), nullable=True))
        batch_op.create_foreign_key(batch_op.f('fk_fault_resident_id_resident'), 'resident', ['resident_id'], ['id'])
        batch_op.create_index(batch_op.f('ix_fault_resident_id'), ['resident_id'], unique=False)
    from_loan = 'SELECT max(resident_id) FROM loan WHERE loan.unit_id = fault.unit_id AND loan.returned_at = fault.reported_at'
    op.execute(f'UPDATE fault SET resident_id = ({from_loan})')
    for said, kept in _OWN.items():
        op.execute(sa.text('UPDATE fault SET what = :kept WHERE what = :said').bindparams(kept=kept, said=said))
    op.execute(
        sa.text(f'UPDATE fault SET what = :wiped WHERE resident_id IN {_GONE} AND what NOT IN :own').bindparams(
            sa.bindparam('own', list(_OWN.values()), expanding=True), wiped='原来写的内容已随个人资料删掉。'
        )
    )
    op.execute(f"UPDATE loan SET forced_reason = '' WHERE forced_reason IS NOT NULL AND resident_id IN {_GONE}")


def downgrade() -> None:
    """Go back."""
    with op.batch_alter_table('fault', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_fault_resident_id'))
        batch_op.drop_constraint(batch_op.f('fk_fault_resident_id_resident'), type_='foreignkey')
        batch_op.drop_column('resident_id')
