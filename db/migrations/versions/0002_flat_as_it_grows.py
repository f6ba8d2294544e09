"""flat as it grows"""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column(
        "rescore_queue",
        sa.Column("after_id", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
    )
    _create_totals()
    _replace_indexes()
    _remember_features()


def downgrade() -> None:
    op.execute("DELETE FROM last_seen WHERE kind = 4")
    _restore_indexes()
    op.drop_column("rescore_queue", "after_id")
    op.drop_table("portfolio_day")
    op.drop_table("portfolio_now")


def _create_totals() -> None:
    """Totals as deltas, and what is stored so far as the first ones."""
    op.create_table(
        "portfolio_now",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("segment", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("score_bin", sa.SmallInteger(), nullable=True),
        sa.Column("churned_at", sa.DateTime(timezone=True), nullable=False),
        *_sums(),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_portfolio_now")),
    )
    op.create_table(
        "portfolio_day",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        *_sums(),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_portfolio_day")),
    )
    op.create_index("ix_portfolio_day_day", "portfolio_day", ["day"], unique=False)
    op.execute("""
        INSERT INTO portfolio_now (segment, status, score_bin, churned_at, customers, scored,
            score_sum, arr, changed_at)
        SELECT segment, status, floor(overall_score / 5) - (overall_score >= 100)::int,
               COALESCE(churned_at, 'infinity'), count(*), count(overall_score),
               COALESCE(sum(overall_score::numeric), 0), COALESCE(sum(arr), 0), max(calculated_at)
        FROM customer_health
        GROUP BY 1, 2, 3, 4
    """)
    op.execute("""
        INSERT INTO portfolio_day (day, status, customers, scored, score_sum, arr)
        SELECT s.day, s.status, count(*), count(s.overall_score),
               COALESCE(sum(s.overall_score::numeric), 0), COALESCE(sum(s.arr), 0)
        FROM health_snapshot s
        JOIN customer_health h ON h.customer_id = s.customer_id
        WHERE s.day < COALESCE((h.churned_at AT TIME ZONE 'UTC')::date, 'infinity')
        GROUP BY s.day, s.status
    """)


def _remember_features() -> None:
    """What each customer used, and when first and last, for what was counted so far."""
    op.execute("""
        INSERT INTO last_seen (customer_id, kind, name, first_at, last_at)
        SELECT customer_id, 4, key, min(day)::timestamp AT TIME ZONE 'UTC',
               max(day)::timestamp AT TIME ZONE 'UTC'
        FROM daily_activity WHERE signal = 4
        GROUP BY customer_id, key
    """)


def _sums() -> tuple[sa.Column[Any], ...]:
    return (
        sa.Column("customers", sa.BigInteger(), nullable=False),
        sa.Column("scored", sa.BigInteger(), nullable=False),
        sa.Column("score_sum", sa.Numeric(), nullable=False),
        sa.Column("arr", sa.Numeric(), nullable=False),
    )


_LASTING: dict[str, Any] = {
    "name": sa.literal_column('lower(name) COLLATE "C"'),
    "arr": "arr",
    "renewal_date": "renewal_date",
    "created_at": "created_at",
}
_CHANGING = ("overall_score", "trend_30d", "last_activity_at")
_NO_END, _HAS_END = sa.text("churned_at IS NULL"), sa.text("churned_at IS NOT NULL")


def _replace_indexes() -> None:
    """Sort by `customer` what no rescore changes, and who has an end apart from who has none."""
    op.drop_index("ix_health_snapshot_day", table_name="health_snapshot")
    for name, key in _LASTING.items():
        op.drop_index(f"ix_customer_health_{name}", table_name="customer_health")
        op.create_index(f"ix_customer_{name}", "customer", [key, "id"])
    op.create_index("ix_customer_segment", "customer", ["segment", "arr", "id"])
    op.create_index("ix_customer_owner", "customer", ["owner"])
    for name in _CHANGING:
        index = f"ix_customer_health_{name}"
        op.drop_index(index, table_name="customer_health")
        for suffix, where in (("", _NO_END), ("_churned", _HAS_END)):
            op.create_index(
                index + suffix, "customer_health", [name, "customer_id"], postgresql_where=where
            )
    op.create_index(
        "ix_customer_health_churned_at",
        "customer_health",
        ["churned_at"],
        postgresql_where=_HAS_END,
    )


def _restore_indexes() -> None:
    op.drop_index("ix_customer_health_churned_at", table_name="customer_health")
    for name in _CHANGING:
        index = f"ix_customer_health_{name}"
        for suffix in ("", "_churned"):
            op.drop_index(index + suffix, table_name="customer_health")
        op.create_index(index, "customer_health", [name, "customer_id"])
    op.drop_index("ix_customer_owner", table_name="customer")
    op.drop_index("ix_customer_segment", table_name="customer")
    for name, key in _LASTING.items():
        op.drop_index(f"ix_customer_{name}", table_name="customer")
        op.create_index(f"ix_customer_health_{name}", "customer_health", [key, "customer_id"])
    op.create_index("ix_health_snapshot_day", "health_snapshot", ["day"])
