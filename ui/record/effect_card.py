"""The score now, and after recording: before, after, and what moved."""

import streamlit as st

from services.views import CustomerHealth
from ui import format as as_text
from ui import page, status
from ui.charts.bands import Bands, band_bar
from ui.customer_loaders import CustomerPage
from ui.event_words import event_type_word
from ui.record.draft import Effect
from ui.record.effect_words import change, moved
from ui.score_change import change_options
from ui.text import escape

_TITLE = "Effect on the score"


def effect_card(chosen: CustomerPage | None, effect: Effect | None) -> None:
    """Three states: nobody chosen, chosen, recorded."""
    if chosen is None:
        with page.card(_TITLE, key="effect"):
            st.markdown(
                "Choose a customer to see the score as it is now. The score after the event "
                "appears here."
            )
        return
    with page.card(_TITLE, escape(chosen.item.name), key="effect"):
        if effect is None:
            _now(chosen.health, chosen.bands)
        else:
            _recorded(effect)
        page.link(
            page.CUSTOMER,
            f"Open {escape(chosen.item.name)}",
            key="open",
            query={"id": chosen.item.id},
            icon=":material/arrow_forward:",
        )


def _now(health: CustomerHealth, bands: Bands) -> None:
    st.metric("Score now", as_text.score(health.overall_score))
    _bar(bands, health)
    st.markdown(status.badge(health.status))


def _recorded(effect: Effect) -> None:
    before, after = effect.before, effect.after
    _receipt(effect)
    with st.container(horizontal=True, vertical_alignment="top"):
        st.metric("Before", as_text.score(before.overall_score), width=130)
        st.metric(
            "After",
            as_text.score(after.overall_score),
            width=130,
            **change_options(change(before, after)),
        )
    _bar(effect.bands, after, before)
    if before.status == after.status:
        st.markdown(f"Stays {status.badge(after.status)}")
    else:
        st.markdown(f"{status.badge(before.status)} → {status.badge(after.status)}")
    st.caption(" ".join(moved(before, after)) or _why_nothing(effect))


def _bar(bands: Bands, after: CustomerHealth, before: CustomerHealth | None = None) -> None:
    score, old = after.overall_score, before.overall_score if before else None
    if score is None and old is None:
        st.caption(f"{as_text.percent(after.coverage)} of the weight has data; a score needs half.")
        return
    spoken = f"Score {as_text.score(score)} of 100"
    if before is not None:
        spoken = f"Score {as_text.score(old)} before, {as_text.score(score)} after, of 100"
    st.vega_lite_chart(band_bar(bands, score=score, before=old), alt=spoken, key="effect-bands")


def _receipt(effect: Effect) -> None:
    receipt = effect.receipt
    when = as_text.clock(receipt.occurred_at)
    if receipt.occurred_at.date() != receipt.received_at.date():
        when = f"{as_text.day(receipt.occurred_at.date())}, {when}"
    st.markdown(
        f":green[:material/check_circle:] {event_type_word(receipt.event_type)} stored for {when}"
    )


def _why_nothing(effect: Effect) -> str:
    day, as_of = effect.receipt.occurred_at.date(), effect.after.as_of
    if as_of < effect.receipt.received_at.date():
        return f"No factor moved: the score stands as of {as_text.day(as_of)}."
    if day > as_of:
        return f"No factor moved: the event counts from {as_text.day(day)} on."
    return "No factor moved: this event changes nothing that the scoring model looks at."
