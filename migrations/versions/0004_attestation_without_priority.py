"""The attestation policy knows two answers; the third one did what the second one does."""

from alembic import op

revision = '0004'
down_revision = '0003'
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go forward. The code before this change must still run on the result."""
    op.execute(
        "UPDATE policy_value SET value = '\"ignored\"' "
        "WHERE name = 'elderly_attestation' AND value = '\"priority\"'"
    )


def downgrade() -> None:
    """Go back. What was mapped stays: both values meant the same."""
