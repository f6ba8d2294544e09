"""The portfolio in six numbers: each with its last 90 days and the way to its customers."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Literal

import streamlit as st

from services.views import DashboardStats, PortfolioDay, Status
from ui import format as as_text
from ui import page, status

_SPAN = 30
Color = Literal["green", "orange", "red", "gray", "blue"]


@dataclass(frozen=True)
class Tile:
    """One number. `label` is Markdown; `change` writes the difference to 30 days ago."""

    key: str
    label: str
    value: str
    number: Callable[[PortfolioDay], float | None]
    change: Callable[[float], str]
    color: Color
    query: page.Query


def tiles(stats: DashboardStats, days: list[PortfolioDay]) -> None:
    """Six across on a desktop, two on a phone."""
    with st.grid(6, min_column_width=160, gap="small"):
        for tile in _all(stats):
            _draw(tile, days)


def _all(stats: DashboardStats) -> list[Tile]:
    at_risk = as_text.share(stats.arr_at_risk, stats.arr_total)
    return [
        Tile(
            "customers", "Customers", as_text.count(stats.total_customers),
            lambda day: day.customers, _whole, "gray", {"sort": "Name A–Z"},
        ),
        Tile(
            "average", "Average score", as_text.score(stats.average_score),
            lambda day: day.average_score, as_text.signed, "blue", {"sort": "Lowest score"},
        ),
        _status_tile("healthy", "green", stats),
        _status_tile("at_risk", "orange", stats),
        _status_tile("critical", "red", stats),
        Tile(
            "arr", f"ARR at risk {_quiet(at_risk)}", as_text.money(stats.arr_at_risk),
            lambda day: float(day.arr_at_risk), as_text.signed_money, "gray",
            {"status": [status.word("at_risk"), status.word("critical")], "sort": "Highest ARR"},
        ),
    ]  # fmt: skip


def _status_tile(name: Status, color: Color, stats: DashboardStats) -> Tile:
    number: int = getattr(stats.by_status, name)
    style = status.STYLES[name]
    return Tile(
        key=name,
        label=f"{style.colored_icon} {style.word} "
        f"{_quiet(as_text.share(number, stats.total_customers))}",
        value=as_text.count(number),
        number=lambda day: getattr(day.by_status, name),
        change=_whole,
        color=color,
        query={"status": style.word},
    )


def _draw(tile: Tile, days: list[PortfolioDay]) -> None:
    series = [number for day in days if (number := tile.number(day)) is not None]
    change = _change(tile, days)
    with st.container(border=True, height="stretch", gap="xxsmall"):
        page.link(page.CUSTOMERS, tile.label, key=f"tile-{tile.key}", query=tile.query)
        st.metric(
            tile.key,
            tile.value,
            change,
            delta_color=tile.color,
            delta_arrow="down"
            if isinstance(change, str) and change[0] == as_text.MINUS
            else "auto",
            delta_description=f"in {_SPAN} days" if change is not None else None,
            label_visibility="collapsed",
            chart_data=series if len(series) > 1 else None,
            chart_type="area",
        )


def _change(tile: Tile, days: list[PortfolioDay]) -> str | int | None:
    """What changed in 30 days, as text; 0 (which gets no arrow) for what reads as nothing."""
    then = next((day for day in days if day.day == days[-1].day - timedelta(days=_SPAN)), None)
    before, now = tile.number(then) if then else None, tile.number(days[-1])
    if before is None or now is None:
        return None
    text = tile.change(now - before)
    return text if text.startswith(("+", as_text.MINUS)) else 0


def _whole(value: float) -> str:
    return as_text.signed(value, 0)


def _quiet(text: str) -> str:
    return f":gray[{text}]" if text else ""
