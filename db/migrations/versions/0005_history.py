"""history"""

from typing import Any

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
    _create_late_tables()
    _remember_what_came_late()
    _fill_the_longer_history()


def downgrade() -> None:
    op.drop_column("connected_source", "known_day")
    op.drop_column("last_seen", "on_time_at")
    op.drop_table("late_invoice")
    op.drop_table("late_ticket")
    op.drop_table("late_activity")
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


def _create_late_tables() -> None:
    op.create_table(
        "late_activity",
        sa.Column("customer_id", sa.BigInteger(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("signal", sa.SmallInteger(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("received_day", sa.Date(), nullable=False),
        sa.Column("n", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint(
            "customer_id", "day", "signal", "key", "received_day", name=op.f("pk_late_activity")
        ),
    )
    _create_late_record(
        "ticket",
        sa.Column("priority", sa.Text(), nullable=True),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("resolved_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("satisfaction", sa.SmallInteger(), nullable=True),
    )
    _create_late_record(
        "invoice",
        sa.Column("amount", sa.Numeric(17, 4), nullable=True),
        sa.Column("currency", sa.Text(), nullable=True),
        sa.Column("due_date", sa.Date(), nullable=True),
        sa.Column("paid_date", sa.Date(), nullable=True),
    )


def _create_late_record(record: str, *known: sa.Column[Any]) -> None:
    name, key = f"late_{record}", f"{record}_id"
    op.create_table(
        name,
        sa.Column("customer_id", sa.BigInteger(), nullable=False),
        sa.Column(key, sa.Text(), nullable=False),
        sa.Column("received_day", sa.Date(), nullable=False),
        *known,
        sa.PrimaryKeyConstraint("customer_id", key, "received_day", name=op.f(f"pk_{name}")),
    )


def _remember_what_came_late() -> None:
    """From what is stored. How tickets and invoices were known before, only new events tell."""
    op.add_column("last_seen", sa.Column("on_time_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("connected_source", sa.Column("known_day", sa.Date(), nullable=True))
    op.execute("""
        UPDATE last_seen SET on_time_at = told.at
        FROM (
            SELECT customer_id, event_type, min(occurred_at) AS at FROM event
            WHERE (received_at AT TIME ZONE 'UTC')::date <= (occurred_at AT TIME ZONE 'UTC')::date
            GROUP BY customer_id, event_type
        ) AS told
        WHERE last_seen.customer_id = told.customer_id AND kind = 3 AND name = event_type
    """)
    op.execute("""
        UPDATE connected_source SET known_day = COALESCE((
            SELECT (min(GREATEST(occurred_at, received_at)) AT TIME ZONE 'UTC')::date
            FROM event WHERE event_type = signal
        ), first_day)
    """)
    op.alter_column("connected_source", "known_day", nullable=False)
    op.execute("""
        INSERT INTO late_activity (customer_id, day, signal, key, received_day, n)
        SELECT customer_id, day, counted.signal, counted.key, received_day,
               LEAST(sum(counted.n), 9223372036854775807)
        FROM (
            SELECT customer_id, event_type, data,
                   (occurred_at AT TIME ZONE 'UTC')::date AS day,
                   (received_at AT TIME ZONE 'UTC')::date AS received_day,
                   -- Only where it is a known property is it sure to be a number.
                   CASE WHEN event_type IN ('api_call', 'feature_use')
                       THEN COALESCE((data->>'count')::numeric, 1) END AS n,
                   CASE event_type WHEN 'api_call' THEN (data->>'status_code')::numeric END
                       AS status_code,
                   CASE event_type WHEN 'login' THEN (data->>'session_seconds')::numeric END
                       AS session_seconds
            FROM event WHERE data IS NOT NULL
        ) AS told
        CROSS JOIN LATERAL (VALUES
            ('login', 1, '', 1),
            ('login', 5, '', session_seconds),
            ('api_call', 2, '', told.n),
            ('api_call', 3, '', CASE WHEN status_code >= 400 THEN told.n END),
            ('feature_use', 4, data->>'feature_name', told.n),
            ('payment', 0, '', 1),
            ('support_ticket', 0, '', 1)
        ) AS counted(kind, signal, key, n)
        WHERE received_day > day AND kind = event_type AND counted.n > 0
        GROUP BY customer_id, day, counted.signal, counted.key, received_day
    """)
