"""Claims hold no diagnosis, which nobody asks for, and no index of certificate numbers, which nobody searches."""

import sqlalchemy as sa
from alembic import op

revision = '0005'
down_revision = '0004'
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go forward. Both columns left before the first release, so no released code writes them."""
    with op.batch_alter_table('claim', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_claim_certificate_index'))
        batch_op.drop_column('certificate_index')
        batch_op.drop_column('diagnosis')


def downgrade() -> None:
    """Go back. The columns come back empty."""
    with op.batch_alter_table('claim', schema=None) as batch_op:
        batch_op.add_column(sa.Column('diagnosis', sa.Text(), nullable=True))
        batch_op.add_column(sa.Column('certificate_index', sa.String(length=64), nullable=True))
        batch_op.create_index(batch_op.f('ix_claim_certificate_index'), ['certificate_index'], unique=False)
