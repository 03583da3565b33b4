"""learning and judgement"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = '0002'
down_revision = '0001'


def upgrade() -> None:
    op.create_table('notice',
    sa.Column('tenant_id', sa.Integer(), autoincrement=False, nullable=False),
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('deployment_id', sa.Uuid(), nullable=False),
    sa.Column('notice_id', sa.Text(), nullable=False),
    sa.Column('kind', sa.Text(), nullable=False),
    sa.Column('content', sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
    sa.Column('received_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('done_at', sa.DateTime(timezone=True), nullable=True),
    sa.PrimaryKeyConstraint('tenant_id', 'id', name=op.f('pk_notice')),
    sa.UniqueConstraint('tenant_id', 'deployment_id', 'notice_id', name=op.f('uq_notice_tenant_id_deployment_id_notice_id'))
    )
    op.create_table('assessor',
    sa.Column('tenant_id', sa.Integer(), autoincrement=False, nullable=False),
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('context_id', sa.Uuid(), nullable=False),
    sa.Column('person_id', sa.Uuid(), nullable=False),
    sa.Column('named_by', sa.Uuid(), nullable=False),
    sa.Column('named_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('until', sa.Date(), nullable=True),
    sa.Column('ended_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('ended_by', sa.Uuid(), nullable=True),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.Column('updated_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['tenant_id', 'context_id'], ['context.tenant_id', 'context.id'], name=op.f('fk_assessor_context'), initially='DEFERRED', deferrable=True),
    sa.ForeignKeyConstraint(['tenant_id', 'person_id'], ['person.tenant_id', 'person.id'], name=op.f('fk_assessor_person'), initially='DEFERRED', deferrable=True),
    sa.PrimaryKeyConstraint('tenant_id', 'id', name=op.f('pk_assessor'))
    )
    with op.batch_alter_table('assessor', schema=None) as batch_op:
        batch_op.create_index('uq_assessor_active', ['tenant_id', 'context_id', 'person_id'], unique=True, sqlite_where=sa.text('ended_at IS NULL'), postgresql_where=sa.text('ended_at IS NULL'))

    op.create_table('copied_placement',
    sa.Column('tenant_id', sa.Integer(), autoincrement=False, nullable=False),
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('context_id', sa.Uuid(), nullable=False),
    sa.Column('source_id', sa.Uuid(), nullable=False),
    sa.Column('title', sa.Text(), nullable=False),
    sa.Column('framework_key', sa.Text(), nullable=False),
    sa.Column('activity_key', sa.Text(), nullable=False),
    sa.Column('dl_uuid', sa.Text(), nullable=True),
    sa.Column('settings', sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['tenant_id', 'context_id'], ['context.tenant_id', 'context.id'], name=op.f('fk_copied_placement_context'), initially='DEFERRED', deferrable=True),
    sa.PrimaryKeyConstraint('tenant_id', 'id', name=op.f('pk_copied_placement')),
    sa.UniqueConstraint('tenant_id', 'context_id', 'source_id', name=op.f('uq_copied_placement_tenant_id_context_id_source_id'))
    )
    op.create_table('nudge',
    sa.Column('tenant_id', sa.Integer(), autoincrement=False, nullable=False),
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('context_id', sa.Uuid(), nullable=False),
    sa.Column('by_person_id', sa.Uuid(), nullable=False),
    sa.Column('text', sa.Text(), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['tenant_id', 'by_person_id'], ['person.tenant_id', 'person.id'], name=op.f('fk_nudge_person'), initially='DEFERRED', deferrable=True),
    sa.ForeignKeyConstraint(['tenant_id', 'context_id'], ['context.tenant_id', 'context.id'], name=op.f('fk_nudge_context'), initially='DEFERRED', deferrable=True),
    sa.PrimaryKeyConstraint('tenant_id', 'id', name=op.f('pk_nudge'))
    )
    with op.batch_alter_table('nudge', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_nudge_tenant_id_context_id_at'), ['tenant_id', 'context_id', 'at'], unique=False)

    op.create_table('section',
    sa.Column('tenant_id', sa.Integer(), autoincrement=False, nullable=False),
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('context_id', sa.Uuid(), nullable=False),
    sa.Column('lti_id', sa.Text(), nullable=False),
    sa.Column('title', sa.Text(), nullable=False),
    sa.ForeignKeyConstraint(['tenant_id', 'context_id'], ['context.tenant_id', 'context.id'], name=op.f('fk_section_context'), initially='DEFERRED', deferrable=True),
    sa.PrimaryKeyConstraint('tenant_id', 'id', name=op.f('pk_section')),
    sa.UniqueConstraint('tenant_id', 'context_id', 'lti_id', name=op.f('uq_section_tenant_id_context_id_lti_id'))
    )
    op.create_table('connection_test',
    sa.Column('tenant_id', sa.Integer(), autoincrement=False, nullable=False),
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('resource_link_id', sa.Uuid(), nullable=False),
    sa.Column('identity_id', sa.Uuid(), nullable=True),
    sa.Column('asked_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('findings', sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=True),
    sa.Column('tested_at', sa.DateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['tenant_id', 'identity_id'], ['identity.tenant_id', 'identity.id'], name=op.f('fk_connection_test_identity'), initially='DEFERRED', deferrable=True),
    sa.ForeignKeyConstraint(['tenant_id', 'resource_link_id'], ['resource_link.tenant_id', 'resource_link.id'], name=op.f('fk_connection_test_resource_link'), initially='DEFERRED', deferrable=True),
    sa.PrimaryKeyConstraint('tenant_id', 'id', name=op.f('pk_connection_test')),
    sa.UniqueConstraint('tenant_id', 'resource_link_id', name=op.f('uq_connection_test_tenant_id_resource_link_id'))
    )
    op.create_table('learner_allowance',
    sa.Column('tenant_id', sa.Integer(), autoincrement=False, nullable=False),
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('resource_link_id', sa.Uuid(), nullable=False),
    sa.Column('run', sa.Integer(), nullable=False),
    sa.Column('person_id', sa.Uuid(), nullable=False),
    sa.Column('closes_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('extra_attempts', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['tenant_id', 'person_id'], ['person.tenant_id', 'person.id'], name=op.f('fk_learner_allowance_person'), initially='DEFERRED', deferrable=True),
    sa.ForeignKeyConstraint(['tenant_id', 'resource_link_id'], ['resource_link.tenant_id', 'resource_link.id'], name=op.f('fk_learner_allowance_resource_link'), initially='DEFERRED', deferrable=True),
    sa.PrimaryKeyConstraint('tenant_id', 'id', name=op.f('pk_learner_allowance')),
    sa.UniqueConstraint('tenant_id', 'resource_link_id', 'run', 'person_id', name=op.f('uq_learner_allowance_tenant_id_resource_link_id_run_person_id'))
    )
    op.create_table('nudged_person',
    sa.Column('tenant_id', sa.Integer(), autoincrement=False, nullable=False),
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('nudge_id', sa.Uuid(), nullable=False),
    sa.Column('context_id', sa.Uuid(), nullable=False),
    sa.Column('person_id', sa.Uuid(), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('seen_at', sa.DateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['tenant_id', 'context_id'], ['context.tenant_id', 'context.id'], name=op.f('fk_nudged_person_context'), initially='DEFERRED', deferrable=True),
    sa.ForeignKeyConstraint(['tenant_id', 'nudge_id'], ['nudge.tenant_id', 'nudge.id'], name=op.f('fk_nudged_person_nudge'), initially='DEFERRED', deferrable=True),
    sa.ForeignKeyConstraint(['tenant_id', 'person_id'], ['person.tenant_id', 'person.id'], name=op.f('fk_nudged_person_person'), initially='DEFERRED', deferrable=True),
    sa.PrimaryKeyConstraint('tenant_id', 'id', name=op.f('pk_nudged_person')),
    sa.UniqueConstraint('tenant_id', 'nudge_id', 'person_id', name=op.f('uq_nudged_person_tenant_id_nudge_id_person_id'))
    )
    with op.batch_alter_table('nudged_person', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_nudged_person_tenant_id_context_id_person_id_at'), ['tenant_id', 'context_id', 'person_id', 'at'], unique=False)

    op.create_table('setting_change',
    sa.Column('tenant_id', sa.Integer(), autoincrement=False, nullable=False),
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('resource_link_id', sa.Uuid(), nullable=False),
    sa.Column('person_id', sa.Uuid(), nullable=True),
    sa.Column('by_person_id', sa.Uuid(), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('before', sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
    sa.Column('after', sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
    sa.ForeignKeyConstraint(['tenant_id', 'resource_link_id'], ['resource_link.tenant_id', 'resource_link.id'], name=op.f('fk_setting_change_resource_link'), initially='DEFERRED', deferrable=True),
    sa.PrimaryKeyConstraint('tenant_id', 'id', name=op.f('pk_setting_change'))
    )
    with op.batch_alter_table('setting_change', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_setting_change_tenant_id_resource_link_id_at'), ['tenant_id', 'resource_link_id', 'at'], unique=False)

    op.create_table('judgement',
    sa.Column('tenant_id', sa.Integer(), autoincrement=False, nullable=False),
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('person_id', sa.Uuid(), nullable=False),
    sa.Column('attempt_id', sa.Uuid(), nullable=False),
    sa.Column('context_id', sa.Uuid(), nullable=False),
    sa.Column('framework_key', sa.Text(), nullable=False),
    sa.Column('quality_key', sa.Text(), nullable=False),
    sa.Column('step', sa.Integer(), nullable=False),
    sa.Column('action', sa.Text(), nullable=False),
    sa.Column('by_person_id', sa.Uuid(), nullable=False),
    sa.Column('role', sa.Text(), nullable=False),
    sa.Column('feature_values', sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
    sa.Column('basis', sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
    sa.Column('known_from', sa.Date(), nullable=True),
    sa.Column('known_to', sa.Date(), nullable=True),
    sa.Column('comment', sa.Text(), nullable=False),
    sa.Column('examples', sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
    sa.Column('text_digest', sa.Text(), nullable=False),
    sa.Column('of_step', sa.Integer(), nullable=True),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.Column('updated_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['tenant_id', 'attempt_id'], ['attempt.tenant_id', 'attempt.id'], name=op.f('fk_judgement_attempt'), initially='DEFERRED', deferrable=True),
    sa.ForeignKeyConstraint(['tenant_id', 'person_id'], ['person.tenant_id', 'person.id'], name=op.f('fk_judgement_person'), initially='DEFERRED', deferrable=True),
    sa.PrimaryKeyConstraint('tenant_id', 'id', name=op.f('pk_judgement')),
    sa.UniqueConstraint('tenant_id', 'attempt_id', 'step', name=op.f('uq_judgement_tenant_id_attempt_id_step'))
    )
    with op.batch_alter_table('judgement', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_judgement_tenant_id_context_id_at'), ['tenant_id', 'context_id', 'at'], unique=False)
        batch_op.create_index(batch_op.f('ix_judgement_tenant_id_person_id_framework_key'), ['tenant_id', 'person_id', 'framework_key'], unique=False)

    op.create_table('remark',
    sa.Column('tenant_id', sa.Integer(), autoincrement=False, nullable=False),
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('attempt_id', sa.Uuid(), nullable=False),
    sa.Column('edition_id', sa.Uuid(), nullable=False),
    sa.Column('points_before', sa.Double(), nullable=False),
    sa.Column('points_after', sa.Double(), nullable=False),
    sa.Column('reason', sa.Text(), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['tenant_id', 'attempt_id'], ['attempt.tenant_id', 'attempt.id'], name=op.f('fk_remark_attempt'), initially='DEFERRED', deferrable=True),
    sa.ForeignKeyConstraint(['tenant_id', 'edition_id'], ['edition.tenant_id', 'edition.id'], name=op.f('fk_remark_edition'), initially='DEFERRED', deferrable=True),
    sa.PrimaryKeyConstraint('tenant_id', 'id', name=op.f('pk_remark'))
    )
    with op.batch_alter_table('remark', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_remark_tenant_id_attempt_id'), ['tenant_id', 'attempt_id'], unique=False)

    with op.batch_alter_table('attempt', schema=None) as batch_op:
        batch_op.add_column(sa.Column('reused_from', sa.Uuid(), nullable=True))

    with op.batch_alter_table('award', schema=None) as batch_op:
        batch_op.add_column(sa.Column('until', sa.Date(), nullable=True))
        batch_op.create_index('ix_award_until', ['tenant_id', 'until'], unique=False, sqlite_where=sa.text("state = 'active'"), postgresql_where=sa.text("state = 'active'"))

    with op.batch_alter_table('context', schema=None) as batch_op:
        batch_op.add_column(sa.Column('roster_question', sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=True))
        batch_op.add_column(sa.Column('groups_url', sa.Text(), nullable=True))
        batch_op.add_column(sa.Column('is_strict', sa.Boolean(), server_default=sa.text('(false)'), nullable=False))

    with op.batch_alter_table('deployment', schema=None) as batch_op:
        batch_op.add_column(sa.Column('notices_url', sa.Text(), nullable=True))
        batch_op.add_column(sa.Column('revision', sa.Integer(), server_default='1', nullable=False))

    with op.batch_alter_table('grade_push', schema=None) as batch_op:
        batch_op.add_column(sa.Column('sent_submission', sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column('tried_at', sa.DateTime(timezone=True), nullable=True))
        batch_op.create_index('ix_grade_push_parked', ['tenant_id', 'next_try'], unique=False, sqlite_where=sa.text("state = 'parked'"), postgresql_where=sa.text("state = 'parked'"))

    with op.batch_alter_table('line_item', schema=None) as batch_op:
        batch_op.add_column(sa.Column('matched_at', sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column('match_said', sa.Text(), nullable=True))

    with op.batch_alter_table('membership', schema=None) as batch_op:
        batch_op.add_column(sa.Column('sections', sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), server_default='[]', nullable=False))

    with op.batch_alter_table('platform', schema=None) as batch_op:
        batch_op.add_column(sa.Column('refused_hosts', sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=True))
        batch_op.add_column(sa.Column('paused_reason', sa.Text(), nullable=True))
        batch_op.add_column(sa.Column('revision', sa.Integer(), server_default='1', nullable=False))

    with op.batch_alter_table('visit', schema=None) as batch_op:
        batch_op.add_column(sa.Column('sample', sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=True))
        batch_op.add_column(sa.Column('seen_at', sa.DateTime(timezone=True), nullable=True))

