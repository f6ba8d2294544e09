"""history"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

HISTORY_DAYS = 540


def upgrade() -> None:
    _create_customer_change()
    _remember_what_snapshots_tell()
    _create_model_activation()
    _say_who_published()
    _create_scoring_model_draft()
    _fill_the_longer_history()


def downgrade() -> None:
    op.drop_table("scoring_model_draft")
    op.drop_column("scoring_model", "reason")
    op.drop_column("scoring_model", "author")
    op.drop_table("model_activation")
    op.drop_table("customer_change")


def _create_customer_change() -> None:
    op.create_table(
        "customer_change",
        sa.Column("customer_id", sa.BigInteger(), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("segment", sa.Text(), nullable=False),
        sa.Column("owner", sa.Text(), nullable=True),
        sa.Column("arr", sa.Numeric(17, 4), nullable=True),
        sa.PrimaryKeyConstraint("customer_id", "changed_at", name=op.f("pk_customer_change")),
    )


def _remember_what_snapshots_tell() -> None:
    """Changes so far are known from the days before and after them; whose owner it was, isn't."""
    op.execute("""
        WITH told AS (
            SELECT customer_id, day::timestamp AT TIME ZONE 'UTC' AS at, segment, arr
            FROM health_snapshot
            UNION ALL
            SELECT c.id, now(), c.segment, c.arr FROM customer c
            WHERE EXISTS (SELECT FROM health_snapshot s WHERE s.customer_id = c.id)
        ), changes AS (
            SELECT *, row_number() OVER mine = 1 AS is_first,
                   (segment, arr) IS DISTINCT FROM (lag(segment) OVER mine, lag(arr) OVER mine)
                       AS differs
            FROM told WINDOW mine AS (PARTITION BY customer_id ORDER BY at)
        )
        INSERT INTO customer_change (customer_id, changed_at, segment, owner, arr)
        SELECT c.id, CASE WHEN is_first THEN '-infinity' ELSE at END,
               changes.segment, c.owner, changes.arr
        FROM changes JOIN customer c ON c.id = changes.customer_id
        WHERE differs AND c.id IN (
            SELECT customer_id FROM changes WHERE differs AND NOT is_first
        )
    """)


def _create_model_activation() -> None:
    op.create_table(
        "model_activation",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_model_activation")),
    )
    # Until now a start alone activated: each version of the active model, when it published it.
    op.execute("""
        INSERT INTO model_activation (at, name, version, actor, reason)
        SELECT published_at, name, version, 'built-in', '' FROM scoring_model
        WHERE name = (SELECT name FROM scoring_model WHERE active)
        ORDER BY version
    """)


def _say_who_published() -> None:
    for column, known in (("author", "built-in"), ("reason", "")):
        op.add_column(
            "scoring_model", sa.Column(column, sa.Text(), nullable=False, server_default=known)
        )
        op.alter_column("scoring_model", column, server_default=None)


def _create_scoring_model_draft() -> None:
    op.create_table(
        "scoring_model_draft",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("definition", JSONB(), nullable=False),
        sa.Column("author", sa.Text(), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_scoring_model_draft")),
    )


def _fill_the_longer_history() -> None:
    """Let the scorer go back further than it did so far, where there is anybody."""
    op.execute(f"""
        INSERT INTO rescore_queue (day)
        SELECT CURRENT_DATE - {HISTORY_DAYS - 1} WHERE EXISTS (SELECT FROM customer)
    """)  # noqa: S608
