"""audit"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import ARRAY

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    _create_audit_log()
    _let_data_go()


def downgrade() -> None:
    op.drop_index("ix_event_data", table_name="event")
    op.execute("UPDATE event SET data = '{}' WHERE data IS NULL")
    op.alter_column("event", "data", nullable=False)
    op.drop_table("audit_log")
    op.execute("DROP FUNCTION refuse_change()")


def _let_data_go() -> None:
    """Data may be removed; what still has some is found by when it happened."""
    op.alter_column("event", "data", nullable=True)
    op.create_index(
        "ix_event_data",
        "event",
        ["occurred_at"],
        postgresql_where=sa.text("data IS NOT NULL AND subject_id IS NULL"),
    )


def _create_audit_log() -> None:
    op.create_table(
        "audit_log",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column(
            "at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False
        ),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("via", sa.Text(), nullable=False),
        sa.Column("address", sa.Text(), nullable=True),
        sa.Column("request_id", sa.Text(), nullable=True),
        sa.Column("action", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("fields", ARRAY(sa.Text()), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_log")),
    )
    op.create_index("ix_audit_log_at", "audit_log", ["at", "id"])
    for column in ("action", "actor", "subject"):
        op.create_index(f"ix_audit_log_{column}", "audit_log", [column, "at", "id"])
    op.execute("""
        CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = '42501';
        END $$
    """)
    # For the whole statement, so that it binds the owner too, whichever rows it finds.
    op.execute("""
        CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON audit_log
        FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()
    """)
    op.execute("ALTER TABLE audit_log ENABLE ALWAYS TRIGGER append_only")
