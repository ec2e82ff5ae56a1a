"""Whether a decision's last leaves are logged"""

from alembic import op
import sqlalchemy as sa


revision = '0004'
down_revision = '0003'
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table('processes') as table:
        table.add_column(sa.Column('padded', sa.Boolean(), server_default=sa.text('(false)'), nullable=False))
    op.create_index('ix_processes_padded', 'processes', ['padded', 'closed_at'], unique=False)


def downgrade() -> None:
    op.drop_index('ix_processes_padded', table_name='processes')
    with op.batch_alter_table('processes') as table:
        table.drop_column('padded')
