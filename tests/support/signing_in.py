"""The settings with which a dashboard asks an issuer of the tests who somebody is."""

from tests.support.oidc_sign_in import CLIENT

LISTS = {
    "DASHBOARD_ADMINS": "ada@example.com",
    "DASHBOARD_EDITORS": "Ed@Example.com",
    "DASHBOARD_VIEWERS": "@viewers.example",
}
PEOPLE = {"admin": "ada@example.com", "editor": "ed@example.com", "viewer": "vi@viewers.example"}


def login_settings(issuer: str) -> dict[str, str]:
    """As environment variables; DASHBOARD_URL is whoever starts the dashboard's."""
    return {
        "DASHBOARD_OIDC_METADATA_URL": f"{issuer}/.well-known/openid-configuration",
        "DASHBOARD_OIDC_CLIENT_ID": CLIENT[0],
        "DASHBOARD_OIDC_CLIENT_SECRET": CLIENT[1],
        "DASHBOARD_COOKIE_SECRET": "only-for-the-tests-" + "0" * 32,
        **LISTS,
    }
