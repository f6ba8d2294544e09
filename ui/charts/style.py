"""What every chart shares: one colour scale without colours, and text that stays readable.

The colours live in the theme (`chartCategoricalColors`), so the light and dark switch repaints a
chart without a rerun.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import altair as alt

ACCENT = "Accent"
INK = "Ink"
DOMAIN = ("Healthy", "At risk", "Critical", "No data", ACCENT, INK)
"""The order of `chartCategoricalColors`."""

Rows = Sequence[Mapping[str, Any]]
Spec = dict[str, Any]


def colour(field: str, **options: Any) -> alt.Color:
    """A mark's colour by one of the words of DOMAIN, without a legend."""
    return alt.Color(field, type="nominal", scale=colour_scale(), **{"legend": None, **options})


def colour_scale() -> alt.Scale:
    """The six words in the theme's order; without a range, so the theme paints them."""
    return alt.Scale(domain=list(DOMAIN))


def themed(word: str) -> alt.ExprRef:
    """A theme colour for what takes no encoding (text, rules, axis labels)."""
    return alt.ExprRef(f"scale('color', '{word}')")


def finish(*layers: alt.Chart | alt.LayerChart, height: int) -> Spec:
    """The layers as one plain specification: built once, its rows are sent beside it."""
    spec: Spec = (
        alt.LayerChart(layer=list(layers), height=height)
        .configure_view(strokeWidth=0)
        .configure_axis(
            labelColor=themed(INK), titleColor=themed(INK), labelFontSize=12, titleFontSize=12
        )
        .to_dict()
    )
    return spec
