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


def downgrade() -> None:
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


def _sums() -> tuple[sa.Column[Any], ...]:
    return (
        sa.Column("customers", sa.BigInteger(), nullable=False),
        sa.Column("scored", sa.BigInteger(), nullable=False),
        sa.Column("score_sum", sa.Numeric(), nullable=False),
        sa.Column("arr", sa.Numeric(), nullable=False),
    )
