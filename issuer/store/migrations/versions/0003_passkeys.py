"""Passkeys, the statement keys that they stand behind, and how a session began"""

from alembic import op
import sqlalchemy as sa


revision = '0003'
down_revision = '0002'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('passkey_bindings',
    sa.Column('decision', sa.String(length=300), nullable=False),
    sa.Column('key', sa.String(length=80), nullable=False),
    sa.Column('member_id', sa.String(length=40), nullable=False),
    sa.Column('passkey_id', sa.String(length=40), nullable=False),
    sa.Column('at', sa.String(length=32), nullable=False),
    sa.Column('assertion', sa.Text(), nullable=False),
    sa.Column('seal', sa.LargeBinary(), nullable=False),
    sa.ForeignKeyConstraint(['member_id'], ['members.id'], name=op.f('fk_passkey_bindings_member_id')),
    sa.PrimaryKeyConstraint('decision', 'key', 'member_id', name=op.f('pk_passkey_bindings'))
    )
    op.create_index(op.f('ix_passkey_bindings_member_id'), 'passkey_bindings', ['member_id'], unique=False)
    op.create_table('passkeys',
    sa.Column('id', sa.String(length=40), nullable=False),
    sa.Column('member_id', sa.String(length=40), nullable=False),
    sa.Column('credential_id', sa.String(length=1400), nullable=False),
    sa.Column('public_key', sa.LargeBinary(), nullable=False),
    sa.Column('name', sa.Text(), nullable=False),
    sa.Column('sign_count', sa.BigInteger(), nullable=False),
    sa.Column('added_at', sa.String(length=32), nullable=False),
    sa.Column('used_at', sa.String(length=32), nullable=True),
    sa.Column('seal', sa.LargeBinary(), nullable=False),
    sa.ForeignKeyConstraint(['member_id'], ['members.id'], name=op.f('fk_passkeys_member_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_passkeys')),
    sa.UniqueConstraint('credential_id', name=op.f('uq_passkeys_credential_id'))
    )
    op.create_index(op.f('ix_passkeys_member_id'), 'passkeys', ['member_id'], unique=False)
    op.create_table('spent_challenges',
    sa.Column('hash', sa.String(length=64), nullable=False),
    sa.Column('expires_at', sa.String(length=32), nullable=False),
    sa.PrimaryKeyConstraint('hash', name=op.f('pk_spent_challenges'))
    )
    op.create_index(op.f('ix_spent_challenges_expires_at'), 'spent_challenges', ['expires_at'], unique=False)
    op.add_column('sessions', sa.Column('passkey_id', sa.String(length=40), nullable=True))
