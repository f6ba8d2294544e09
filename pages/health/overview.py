"""Who is in trouble, and where to start."""

import streamlit as st

from ui import format as as_text
from ui import gate, loaders, page
from ui.overview.cards import scores_card, segments_card
from ui.overview.live import live_strip
from ui.overview.movers import DAYS, SHOWN, movers_card
from ui.overview.portfolio_card import portfolio_card
from ui.overview.tiles import tiles
from ui.overview.worklist import worklist
from ui.text import escape

gate.guard()
data = loaders.overview()

day = as_text.long_day(data.stats.as_of)
with page.header("Overview", f"Scores as of {day}, scoring model **{escape(data.model)}**"):
    live_strip()

tiles(data.stats, data.days)

first, second = st.columns([5, 2], gap="small")
with first:
    worklist(data.stats, data.reasons)
with second:
    scores_card(data.bins, data.stats)

movers_card(loaders.movers(DAYS, SHOWN))

first, second = st.columns([5, 2], gap="small")
with first:
    portfolio_card(data.days[-1])
with second:
    segments_card(data.stats)
