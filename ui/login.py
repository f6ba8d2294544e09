"""What Streamlit's own login is told; it would else look for a file of secrets."""

from streamlit.runtime.secrets import SecretsValue

from settings import Settings

CALLBACK = "/oauth2callback"
"""Where the provider sends people back to, below DASHBOARD_URL."""


def secrets(settings: Settings) -> dict[str, SecretsValue]:
    """The secrets of `st.App`; empty where people don't sign in with Streamlit.

    Nothing is written to a disk, and nothing but the login reads them.
    """
    client, cookie = settings.dashboard_oidc_client_secret, settings.dashboard_cookie_secret
    if settings.dashboard_login != "oidc" or client is None or cookie is None:
        return {}
    return {
        "auth": {
            "redirect_uri": settings.dashboard_url.rstrip("/") + CALLBACK,
            "cookie_secret": cookie.get_secret_value(),
            "client_id": settings.dashboard_oidc_client_id or "",
            "client_secret": client.get_secret_value(),
            "server_metadata_url": settings.dashboard_oidc_metadata_url or "",
        }
    }
