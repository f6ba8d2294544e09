"""Who calls, and whether they may: before anything else looks at a request."""

from fastapi import Request, Response
from sqlalchemy.exc import SQLAlchemyError
from starlette.types import ASGIApp, Receive, Scope, Send

from api.bearer_tokens import BearerTokens
from api.credentials import credential
from api.crowd import is_health
from api.key_lookup import KeyLookup
from api.problems import RETRY_SECONDS, database_failed, problem
from api.rate_limits import Guesses
from db.embedded import EmbeddedError
from services import api_keys
from services.clock import utc_now
from services.oidc_issuer import IssuerUnavailable
from services.principal import ANYBODY, InvalidCredential, Principal
from services.principal import Scope as Permission
from settings import Settings, is_loopback

NEEDS_NO_KEY = {
    "never": "API_AUTH=none: the REST API answers everybody without a key.",
    "beyond loopback": "Development: the REST API answers on loopback without a key.",
}
"""What the start says, by `Settings.api_needs_key`."""

_READS = frozenset({"GET", "HEAD", "OPTIONS"})
_CREDENTIALS = "an API key, as `Authorization: Bearer <key>` or `X-API-Key: <key>`"


class Authentication:
    """Puts the caller into the request's state as `principal`, or refuses."""

    def __init__(self, app: ASGIApp, *, settings: Settings, keys: KeyLookup) -> None:
        self._app = app
        self._needs_key = settings.api_needs_key
        self._keys = keys
        self._guesses = Guesses(settings.rate_of_failures)
        self._tokens = None
        if settings.oidc_issuer is not None and settings.oidc_audience is not None:
            self._tokens = BearerTokens(settings.oidc_issuer, settings.oidc_audience)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on who may call; `/health` is everybody's."""
        if scope["type"] != "http" or is_health(scope):
            await self._app(scope, receive, send)
            return
        refusal = await self._refusal(scope)
        await (refusal or self._app)(scope, receive, send)

    async def _refusal(self, scope: Scope) -> Response | None:
        try:
            sent = credential(scope["headers"])
            if sent is not None or not self._is_open_to(scope):
                refusal = self._guesses.refusal(scope, sent)
                if refusal is not None:
                    return refusal
            principal = await self._principal(scope, sent)
        except InvalidCredential as error:
            self._guesses.failed(scope)
            challenge = {"WWW-Authenticate": 'Bearer error="invalid_token"'}
            return problem(401, "invalid-credential", str(error), headers=challenge)
        except (SQLAlchemyError, EmbeddedError) as error:
            return await database_failed(Request(scope), error)
        except IssuerUnavailable:
            wait = {"Retry-After": str(RETRY_SECONDS)}
            detail = "The token's issuer can't be asked right now. Try again shortly."
            return problem(503, "issuer-unavailable", detail, headers=wait)
        if principal is None:
            self._guesses.failed(scope)
            challenge = {"WWW-Authenticate": "Bearer"}
            return problem(401, "no-credential", f"This needs {_CREDENTIALS}.", headers=challenge)
        if sent is not None:
            self._guesses.let_in(scope, sent)
        needed: Permission = "read" if scope["method"] in _READS else "write"
        if not principal.may(needed):
            challenge = {"WWW-Authenticate": f'Bearer error="insufficient_scope", scope="{needed}"'}
            detail = f"This needs the scope {needed}."
            return problem(403, "insufficient-scope", detail, headers=challenge)
        scope.setdefault("state", {})["principal"] = principal
        return None

    async def _principal(self, scope: Scope, sent: str | None) -> Principal | None:
        """Who calls; None for who doesn't say and would have to.

        Raises:
            InvalidCredential: what was sent is nobody's, whether it was needed or not.
        """
        if sent is None:
            return ANYBODY if self._is_open_to(scope) else None
        key = api_keys.presented(sent)
        if key is None and self._tokens is not None:
            return await self._tokens.principal(sent)
        if key is None:
            raise InvalidCredential("What was sent is not an API key.")
        stored = await self._keys.find(key.prefix)
        return api_keys.authenticate(key, stored, now=utc_now())

    def _is_open_to(self, scope: Scope) -> bool:
        if self._needs_key == "beyond loopback":
            # The connection's own end: a server may listen elsewhere than API_HOST says.
            host, _port = scope.get("server") or ("", None)
            return is_loopback(host)
        return self._needs_key == "never"
