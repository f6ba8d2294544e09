"""The few rules of style that no theme setting reaches."""

import streamlit as st

_ALIGN_LINKS = """
[class*="st-key-flush"] [data-testid="stPageLink-NavLink"] {
  padding-inline: 0;
  margin-block: 0;
}
[class*="st-key-flush"] [data-testid="stElementContainer"] {
  margin-block: 0;
}
[class*="st-key-flush"] [data-testid="stPageLink-NavLink"] p {
  line-height: 1.6rem;
}"""

_TIGHT_RULES = """
[class*="st-key-rows"] hr {
  margin-block: 0.5rem 0.8rem;
}"""

_SELECTED_TEXT = """
[data-testid="stButtonGroup"] [data-selected="true"] p,
[data-testid="stTab"][aria-selected="true"] p {{
  color: light-dark({light}, {dark});
}}"""


def apply() -> None:
    """Injects the rules; draws nothing.

    Page links carry inner padding and would not line up with the text around them. A rule
    between rows would stand as far apart as one between chapters. And no single dark accent
    is readable both under white button text and as text itself, so what is selected takes
    the theme's link colour.
    """
    selected = _SELECTED_TEXT.format(
        light=st.get_option("theme.light.primaryColor"),
        dark=st.get_option("theme.dark.linkColor"),
    )
    st.html(f"<style>{_ALIGN_LINKS}{_TIGHT_RULES}{selected}\n</style>")
