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
  margin-block: 0.75rem 1rem;
}"""

_SELECTED = """
[data-testid="stButtonGroup"] [data-selected="true"] p,
[data-testid="stTab"][aria-selected="true"] p {{
  color: light-dark({light}, {dark});
}}
[data-testid="stPageLink-NavLink"]:focus-visible,
[data-testid="stTopNavLink"]:focus-visible {{
  outline: 2px solid light-dark({light}, {dark});
  outline-offset: 2px;
}}"""


def apply() -> None:
    """Injects the rules; draws nothing.

    Page links carry inner padding and would not line up with the text around them, and show
    the keyboard's focus by a background that is hardly seen. A rule between rows would stand
    as far apart as one between chapters. And no single dark accent is readable both under
    white button text and as text itself, so what is selected takes the theme's link colour.
    """
    selected = _SELECTED.format(
        light=st.get_option("theme.light.primaryColor"),
        dark=st.get_option("theme.dark.linkColor"),
    )
    st.html(f"<style>{_ALIGN_LINKS}{_TIGHT_RULES}{selected}\n</style>")
