"""JWT bearer tokens of an OIDC issuer: whose they are, and what they allow."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from joserfc import jws, jwt
from joserfc.errors import ClaimError

from services.oidc_issuer import SigningKey
from services.principal import InvalidCredential, Principal, known_scopes

ALGORITHMS = ("RS256", "PS256", "ES256")
"""Asymmetric ones only: what is published must not be able to sign."""
SKEW_SECONDS = 60
SCOPE_PREFIX = "customer-health:"
MAX_SUBJECT = 255


def key_id(token: str) -> str:
    """Which of its issuer's keys a token says that it is signed with.

    Raises:
        InvalidCredential: it names none, or is no such token.
    """
    try:
        header = jws.extract_compact(token.encode()).headers()
    except Exception:  # whatever a stranger's text makes of a parser
        header = {}
    kid = header.get("kid")
    if not isinstance(kid, str) or header.get("alg") not in ALGORITHMS:
        raise InvalidCredential("What was sent is neither an API key nor a usable token.")
    return kid


def authenticate(
    token: str, key: SigningKey | None, *, issuer: str, audience: str, now: datetime
) -> Principal:
    """Whom the issuer gave the token to, for this audience and time.

    Raises:
        InvalidCredential: it didn't, or not for here and now.
    """
    if key is None:
        raise InvalidCredential("The token is signed with a key that its issuer doesn't publish.")
    rules = jwt.JWTClaimsRegistry(
        now=int(now.timestamp()),
        leeway=SKEW_SECONDS,
        iss={"essential": True, "value": issuer},
        aud={"essential": True, "value": audience},
        exp={"essential": True},
        sub={"essential": True},
    )
    try:
        claims = jwt.decode(token, key, algorithms=ALGORITHMS).claims
        rules.validate(claims)
    except ClaimError as error:  # its issuer has signed it: the holder may know why
        raise InvalidCredential(f"The token's claim {error.claim} is not accepted.") from None
    except Exception:
        raise InvalidCredential("The token is not valid.") from None
    subject = claims["sub"]
    if not 1 <= len(subject) <= MAX_SUBJECT or not subject.isprintable():
        raise InvalidCredential("The token's claim sub is not accepted.")
    return Principal(f"{subject} (token)", known_scopes(_scopes(claims)))


def _scopes(claims: Mapping[str, Any]) -> Iterator[str]:
    """What `scope` (a text, RFC 8693) and `scp` (a text or a list) grant, without our prefix."""
    for granted in (claims.get("scope"), claims.get("scp")):
        names = granted.split() if isinstance(granted, str) else granted
        for name in names if isinstance(names, list) else ():
            if isinstance(name, str):
                yield name.removeprefix(SCOPE_PREFIX)
