"""The log: leaves keep the order in which they came, and one row says how far the log has grown"""

from alembic import op
import sqlalchemy as sa


revision = '0002'
down_revision = '0001'
branch_labels = None
depends_on = None

COUNT = sa.BigInteger().with_variant(sa.Integer(), 'sqlite')


def upgrade() -> None:
    # The old table had no column for the order, only the order in which it was written.
    order = 'ctid' if op.get_bind().dialect.name == 'postgresql' else 'rowid'
    op.execute(f'CREATE TABLE outbox_before AS SELECT event_id, leaf, hash, at FROM outbox ORDER BY at, {order}')
    op.drop_table('outbox')
    op.create_table('outbox',
    sa.Column('number', COUNT, autoincrement=True, nullable=False),
    sa.Column('event_id', sa.String(length=64), nullable=False),
    sa.Column('leaf', sa.Text(), nullable=False),
    sa.Column('hash', sa.String(length=80), nullable=False),
    sa.Column('at', sa.String(length=32), nullable=False),
    sa.Column('seq', sa.BigInteger(), nullable=True),
    sa.PrimaryKeyConstraint('number', name=op.f('pk_outbox')),
    sa.UniqueConstraint('event_id', name=op.f('uq_outbox_event_id')),
    sa.UniqueConstraint('hash', name=op.f('uq_outbox_hash')),
    sa.UniqueConstraint('seq', name=op.f('uq_outbox_seq'))
    )
    waiting = sa.text('seq IS NULL')
    op.create_index('ix_outbox_waiting', 'outbox', ['number'], sqlite_where=waiting, postgresql_where=waiting)
    op.execute(f'INSERT INTO outbox (event_id, leaf, hash, at) SELECT event_id, leaf, hash, at FROM outbox_before ORDER BY at, {order}')
    op.drop_table('outbox_before')
    op.create_table('log_state',
    sa.Column('id', sa.Integer(), autoincrement=False, nullable=False),
    sa.Column('origin', sa.Text(), nullable=False),
    sa.Column('vkey', sa.Text(), nullable=False),
    sa.Column('size', sa.BigInteger(), nullable=False),
    sa.Column('root', sa.LargeBinary(), nullable=False),
    sa.Column('edge', sa.LargeBinary(), nullable=False),
    sa.Column('tiled_size', sa.BigInteger(), nullable=False),
    sa.Column('tiled_edge', sa.LargeBinary(), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_log_state'))
    )
