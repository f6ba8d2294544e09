"""How a score's change looks beside a number: arrow, colour and a real minus sign."""

from typing import Any

from ui import format as as_text

_SEEN = 0.05
"""A smaller change does not show in one decimal."""


def change_options(change: float | None, span: str | None = None) -> dict[str, Any]:
    """The options of `st.metric` for a change, which `span` names; none where it is unknown."""
    if change is None:
        return {}
    arrow, color = ("off", "gray")
    if abs(change) >= _SEEN:
        arrow, color = ("up", "green") if change > 0 else ("down", "red")
    return {
        "delta": as_text.signed(change),
        "delta_arrow": arrow,
        "delta_color": color,
        "delta_description": span,
    }
