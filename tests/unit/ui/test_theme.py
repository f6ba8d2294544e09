"""The theme's colours: readable on both backgrounds, and told apart by everybody."""

import re
import tomllib
from typing import Any

import pytest

from settings import PROJECT_ROOT
from ui.charts.style import DOMAIN
from ui.status import STYLES

pytestmark = pytest.mark.unit

CONFIG = tomllib.loads((PROJECT_ROOT / ".streamlit" / "config.toml").read_text(encoding="utf-8"))
MODES = ("light", "dark")
AA_TEXT, AA_MARK = 4.5, 3.0
WHITE = "#FFFFFF"


def theme(mode: str) -> dict[str, Any]:
    return dict(CONFIG["theme"][mode])


def luminance(color: str) -> float:
    """Relative luminance (WCAG 2.2)."""
    parts = [int(color[start : start + 2], 16) / 255 for start in (1, 3, 5)]
    linear = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(first: str, second: str) -> float:
    darker, lighter = sorted((luminance(first), luminance(second)))
    return (lighter + 0.05) / (darker + 0.05)


def blend(front: str, back: str, alpha: float) -> str:
    pairs = [(int(front[n : n + 2], 16), int(back[n : n + 2], 16)) for n in (1, 3, 5)]
    return "#" + "".join(f"{round(f * alpha + b * (1 - alpha)):02X}" for f, b in pairs)


def test_contrast_knows_the_extremes() -> None:
    assert contrast("#000000", WHITE) == pytest.approx(21)
    assert contrast(WHITE, WHITE) == pytest.approx(1)


@pytest.mark.parametrize("mode", MODES)
def test_both_modes_set_the_same_keys(mode: str) -> None:
    assert set(theme(mode)) == set(theme("light"))


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("surface", ["backgroundColor", "secondaryBackgroundColor"])
def test_text_is_readable(mode: str, surface: str) -> None:
    colors = theme(mode)
    for key in ("textColor", "linkColor", "dataframeHeaderTextColor"):
        assert contrast(colors[key], colors[surface]) >= AA_TEXT, key
    for name in ("green", "orange", "red", "gray", "blue"):
        assert contrast(colors[f"{name}TextColor"], colors[surface]) >= AA_TEXT, name


@pytest.mark.parametrize("mode", MODES)
def test_captions_are_readable(mode: str) -> None:
    """Streamlit draws a caption as body text at 60 %."""
    colors = theme(mode)
    caption = blend(colors["textColor"], colors["backgroundColor"], 0.6)
    assert contrast(caption, colors["backgroundColor"]) >= AA_TEXT


@pytest.mark.parametrize("mode", MODES)
def test_badges_are_readable(mode: str) -> None:
    colors = theme(mode)
    for style in STYLES.values():
        text, badge = (colors[f"{style.color}{part}Color"] for part in ("Text", "Background"))
        assert contrast(text, badge) >= 5.7, style.word


@pytest.mark.parametrize("mode", MODES)
def test_marks_stand_out_from_the_page(mode: str) -> None:
    colors = theme(mode)
    for surface in ("backgroundColor", "secondaryBackgroundColor"):
        for color in colors["chartCategoricalColors"]:
            assert contrast(color, colors[surface]) >= AA_MARK, color
    ink = colors["chartCategoricalColors"][DOMAIN.index("Ink")]
    assert contrast(ink, colors["backgroundColor"]) >= AA_TEXT


@pytest.mark.parametrize("mode", MODES)
def test_white_reads_on_the_primary_button(mode: str) -> None:
    assert contrast(WHITE, theme(mode)["primaryColor"]) >= AA_TEXT


@pytest.mark.parametrize("mode", MODES)
def test_charts_badges_and_metrics_share_one_colour_per_status(mode: str) -> None:
    colors = theme(mode)
    palette = dict(zip(DOMAIN, colors["chartCategoricalColors"], strict=True))
    for style in STYLES.values():
        assert palette[style.word] == colors[f"{style.color}Color"]


def test_python_holds_no_colour() -> None:
    places = [PROJECT_ROOT / "app.py", *(PROJECT_ROOT / "ui").rglob("*.py")]
    places += (PROJECT_ROOT / "pages").rglob("*.py")
    for path in places:
        found = re.findall(r"#[0-9a-fA-F]{6}\b", path.read_text(encoding="utf-8"))
        assert not found, path


def test_no_page_trusts_html() -> None:
    for folder in ("ui", "pages"):
        for path in (PROJECT_ROOT / folder).rglob("*.py"):
            source = path.read_text(encoding="utf-8")
            assert "unsafe_allow" not in source, path
            assert "st.html" not in source or path.name == "styles.py", path
