"""What the draft would do to everybody, beside what is: before anybody publishes it."""

import pandas as pd
import streamlit as st

from services.model_views import Crosser, ModelPreview, Outlook
from services.views import Status
from ui import format as as_text
from ui import page, status
from ui.charts.outlooks import describe, outlooks

_SHOWN = 10


def preview_card(preview: ModelPreview) -> None:
    """Counts, the distribution, and who would cross a band."""
    caption = f"{as_text.plural(preview.customers, 'customer')} who haven't left, scored for today"
    with page.card("What it would do", caption, key="preview"):
        _tiles(preview.before, preview.after)
        st.vega_lite_chart(outlooks(preview), alt=describe(preview), key="preview-chart")
        st.caption("Bars: now. Line: with the draft.")
        _crossings(preview)


def _tiles(before: Outlook, after: Outlook) -> None:
    names: tuple[Status, ...] = ("healthy", "at_risk", "critical", "no_data")
    with st.grid(3, min_column_width=110, gap="small"):
        for name in names:
            was, now = (getattr(outlook.by_status, name) for outlook in (before, after))
            style = status.STYLES[name]
            _tile(
                f"{style.colored_icon} {style.word}",
                as_text.count(now),
                as_text.signed(now - was, 0),
            )
        _tile("Average score", as_text.score(after.average_score), _change(before, after))
        money = after.arr_at_risk - before.arr_at_risk
        _tile("ARR at risk", as_text.money(after.arr_at_risk), as_text.signed_money(money))


def _tile(label: str, value: str, change: str) -> None:
    st.metric(
        label,
        value,
        change if change.startswith(("+", as_text.MINUS)) else None,
        delta_color="gray",
        delta_arrow="down" if change.startswith(as_text.MINUS) else "auto",
    )


def _change(before: Outlook, after: Outlook) -> str:
    if before.average_score is None or after.average_score is None:
        return ""
    return as_text.signed(after.average_score - before.average_score)


def _crossings(preview: ModelPreview) -> None:
    crossing = sum(way.customers for way in preview.crossings)
    if not crossing:
        st.markdown("Nobody would cross a band.")
    else:
        money = as_text.money(preview.arr_crossing).replace("$", "\\$")
        verb = "customer would cross" if crossing == 1 else "customers would cross"
        st.markdown(f"**{as_text.count(crossing)} {verb} a band**, {money} ARR:")
        for way in preview.crossings:
            money = as_text.money(way.arr).replace("$", "\\$")
            st.markdown(
                f"{status.badge(way.before)} → {status.badge(way.after)} "
                f"{as_text.count(way.customers)} · {money}"
            )
        _table(preview.crossers, "Who would cross, most ARR first", "preview-crossers")
    if preview.rank_correlation is not None:
        kept = f"{preview.rank_correlation:.2f}".replace("-", as_text.MINUS)
        st.caption(f"Order of customers by score: Spearman's ρ {kept} (1 keeps it as it is).")
    if preview.climbers:
        _table(preview.climbers, "Whose place changes most, lowest score first", "preview-places")


def _table(rows: list[Crosser], title: str, key: str) -> None:
    with st.expander(f"{title} ({as_text.count(len(rows))})"):
        st.dataframe(
            pd.DataFrame(
                [
                    {
                        "Customer": row.customer_name,
                        "Now": as_text.score(row.score_before),
                        "Then": as_text.score(row.score_after),
                        "From": status.word(row.status_before),
                        "To": status.word(row.status_after),
                        "Place": f"{row.place_before or '–'} → {row.place_after or '–'}",
                        "ARR": as_text.money_full(row.arr),
                    }
                    for row in rows
                ]
            ),
            hide_index=True,
            height="content" if len(rows) <= _SHOWN else 400,
            key=key,
            alt=title,
        )
