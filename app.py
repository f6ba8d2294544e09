"""The dashboard's entry: `streamlit run` serves `app`, and every session runs this file.

As `app` it is imported once, before anybody is served: a wrong setting ends the process there.
"""

import streamlit as st

if __name__ == "__main__":
    from ui import frame

    frame.show()
else:
    from settings import dashboard_settings
    from ui import login, logs
    from ui.startup import lifespan

    settings = dashboard_settings()
    logs.configure(settings)
    app = st.App(__file__, secrets=login.secrets(settings), lifespan=lifespan)
