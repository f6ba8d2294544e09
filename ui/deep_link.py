"""Makes a deep link work as the very first request after a start.

Until `st.navigation` has run once in a process, Streamlit takes the folder `pages/` for its older
kind of multipage app: it looks there for a file named like the address and, finding none, says
"Page not found" before app.py runs. The files directly in `pages/` are that file for each address.
They only hand over to app.py, which draws the page.
"""

from pathlib import Path

APP = Path(__file__).resolve().parents[1] / "app.py"


def run_app() -> None:
    """Runs app.py as Streamlit would have."""
    code = compile(APP.read_text(encoding="utf-8"), str(APP), "exec")
    exec(code, {"__name__": "__main__", "__file__": str(APP)})  # noqa: S102 - our own app.py
