"""Tokens of an OIDC issuer, judged by its keys.

The keys are remembered, and asked for anew when they grow old or a token names another.
"""

import asyncio
import logging
from math import inf

from services import tokens
from services.clock import utc_now
from services.oidc_issuer import IssuerUnavailable, SigningKey, fetch_keys
from services.principal import Principal

FRESH_SECONDS = 300.0
"""How long a key counts without another look: the issuer may have withdrawn it."""
KEPT_SECONDS = 86_400.0
"""How long the keys of an issuer that is away go on counting."""
PAUSE_SECONDS = 5.0
"""At least between two questions, whatever tokens name."""
PATIENCE_SECONDS = 4.0

log = logging.getLogger(__name__)


class IssuerKeys:
    """The keys of one issuer."""

    def __init__(self, issuer: str) -> None:
        self._issuer = issuer
        self._keys: dict[str, SigningKey] = {}
        self._seen = self._asked = -inf  # when, by the loop's clock
        self._away = False
        self._asking: asyncio.Task[None] | None = None

    async def find(self, kid: str) -> SigningKey | None:
        """The key with this id; None where the issuer publishes none.

        Raises:
            IssuerUnavailable: only the issuer could tell, and can't be asked now.
        """
        now = asyncio.get_running_loop().time()
        if kid in self._keys and now - self._seen < FRESH_SECONDS:
            return self._keys[kid]
        if self._asking is None and now - self._asked >= PAUSE_SECONDS:
            self._asked = now
            self._asking = asyncio.create_task(self._ask())
        if self._asking is not None:
            await asyncio.wait({self._asking}, timeout=PATIENCE_SECONDS)
        if kid in self._keys and now - self._seen < KEPT_SECONDS:
            return self._keys[kid]
        if self._away or self._asking is not None:
            raise IssuerUnavailable("see the log")
        return None

    async def _ask(self) -> None:
        try:
            self._keys = await asyncio.to_thread(fetch_keys, self._issuer)
        except IssuerUnavailable as error:
            self._away = True
            log.warning("the keys of OIDC_ISSUER can't be fetched: %s", error)
        else:
            self._away = False
            self._seen = asyncio.get_running_loop().time()
        finally:
            self._asking = None


class BearerTokens:
    """Tokens that one issuer gives for one audience."""

    def __init__(self, issuer: str, audience: str) -> None:
        self._issuer, self._audience = issuer, audience
        self._keys = IssuerKeys(issuer)

    async def principal(self, token: str) -> Principal:
        """Whose token it is.

        Raises:
            InvalidCredential: nobody's.
            IssuerUnavailable: only the issuer could tell, and can't be asked now.
        """
        key = await self._keys.find(tokens.key_id(token))
        return tokens.authenticate(
            token, key, issuer=self._issuer, audience=self._audience, now=utc_now()
        )
