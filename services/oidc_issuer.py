"""The keys that an OIDC issuer signs with, as it publishes them."""

import json
import urllib.request
from typing import Any
from urllib.parse import urlsplit

from joserfc.errors import JoseError
from joserfc.jwk import ECKey, RSAKey

from settings import is_protected

SECONDS = 3.0
"""For each of two questions."""
MOST_BYTES = 1_000_000

SigningKey = RSAKey | ECKey
_KINDS: dict[str, type[RSAKey] | type[ECKey]] = {"RSA": RSAKey, "EC": ECKey}


class IssuerUnavailable(Exception):  # noqa: N818 - a state, as callers say it
    """The issuer can't be asked, or doesn't answer as one; `str(error)` says why."""


class _NoRedirects(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_: object) -> None:
        """What the operator named is asked, and nobody else."""


_OPENER = urllib.request.build_opener(_NoRedirects)


def fetch_keys(issuer: str) -> dict[str, SigningKey]:
    """The issuer's signing keys by their ids; keys of other kinds or without an id are left out.

    Raises:
        IssuerUnavailable: it doesn't answer, or with something else.
    """
    try:
        document = _get(f"{issuer.rstrip('/')}/.well-known/openid-configuration")
        if document["issuer"] != issuer:
            raise ValueError("it calls itself otherwise than OIDC_ISSUER")
        published = _get(document["jwks_uri"])["keys"]
        return {
            key["kid"]: _KINDS[key["kty"]].import_key(key)
            for key in published
            if key.get("kty") in _KINDS and key.get("use", "sig") == "sig" and "kid" in key
        }
    except (OSError, ValueError, KeyError, TypeError, AttributeError, JoseError) as error:
        raise IssuerUnavailable(f"{type(error).__name__}: {error}") from error


def _get(address: str) -> dict[str, Any]:
    if not is_protected(address):
        raise ValueError(f"{urlsplit(address).scheme} is not asked; expected https")
    with _OPENER.open(address, timeout=SECONDS) as answer:
        found: dict[str, Any] = json.loads(answer.read(MOST_BYTES))
        return found
