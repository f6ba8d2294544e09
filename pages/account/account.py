"""Who is signed in, what they may do, and the way out."""

import streamlit as st

from services.roles import Role
from settings import get_settings
from ui import gate, identity, page
from ui.text import escape

MAY = {
    Role.VIEWER: "**Viewer**: read everything about customers.",
    Role.EDITOR: "**Editor**: read everything, record events and import files.",
    Role.ADMIN: "**Admin**: everything, the scoring model, API keys and the audit log too.",
}

gate.guard(needs_customers=False)

known = identity.visitor()
if known is None or known.role is None:
    st.stop()
by_streamlit = get_settings().dashboard_login == "oidc"

page.name_tab("Account")
page.header("Account", "Who you are to this dashboard.")
with page.card(escape(known.name), MAY[known.role], key="account"):
    if by_streamlit:
        hours = round(identity.SIGNED_IN_FOR.total_seconds() / 3600)
        st.markdown(f"You stay signed in for {hours} hours, in this browser.")
        st.button("Sign out", icon=":material/logout:", on_click=st.logout, key="sign-out")
    elif get_settings().dashboard_login == "proxy":
        st.markdown("You are signed in by the proxy in front of this dashboard: sign out there.")
    else:
        st.markdown("Nobody signs in here: everybody who reaches this dashboard may do anything.")
