"""What an OIDC provider does when somebody signs in with a browser: codes for identities."""

import base64
import hashlib
import secrets
import time
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

CLIENT = ("customer-health-dashboard", "the-client's-secret")


class SignIns:
    """One person at a time sits before the provider, and has signed in there already."""

    def __init__(self) -> None:
        self.person: dict[str, Any] = {}
        self._codes: dict[str, dict[str, str]] = {}

    def endpoints(self, address: str) -> dict[str, Any]:
        """Their part of what the provider publishes about itself."""
        return {
            "authorization_endpoint": f"{address}/authorize",
            "token_endpoint": f"{address}/exchange",
            "end_session_endpoint": f"{address}/leave",
            "response_types_supported": ["code"],
            "id_token_signing_alg_values_supported": ["RS256"],
            "code_challenge_methods_supported": ["S256"],
        }

    def redirect(self, path: str) -> str | None:
        """Where GET of this path sends the browser; None for other paths."""
        parts = urlsplit(path)
        query = {name: values[0] for name, values in parse_qs(parts.query).items()}
        if parts.path == "/leave":
            self.person = {}
            return query["post_logout_redirect_uri"]
        if parts.path != "/authorize":
            return None
        assert (query["client_id"], query["response_type"]) == (CLIENT[0], "code")
        assert {"openid", "email"} <= set(query["scope"].split())
        code = secrets.token_urlsafe()
        self._codes[code] = query
        return f"{query['redirect_uri']}?{urlencode({'code': code, 'state': query['state']})}"

    def claims(self, form: str, authorization: str, address: str) -> dict[str, Any]:
        """The identity behind a code, which counts once, from whom it was given to."""
        given = {name: values[0] for name, values in parse_qs(form).items()}
        asked = self._codes.pop(given["code"])
        known = base64.b64encode(":".join(CLIENT).encode()).decode()
        assert authorization == f"Basic {known}"
        assert given["redirect_uri"] == asked["redirect_uri"]
        digest = hashlib.sha256(given["code_verifier"].encode()).digest()
        assert base64.urlsafe_b64encode(digest).decode().rstrip("=") == asked["code_challenge"]
        now = int(time.time())
        own = {"iss": address, "aud": CLIENT[0], "sub": "1", "iat": now, "exp": now + 300}
        return own | {"nonce": asked["nonce"]} | self.person
