"""Tokens of a real OIDC issuer, in its own process: which let in, which don't."""

import base64
import hmac
import json
import time
from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import httpx
import pytest
from joserfc import jwt
from joserfc.jwk import RSAKey
from sqlalchemy import Engine

from api.main import create_app
from settings import Settings
from tests.api_server import serving
from tests.support.keys import bearer, make_key
from tests.support.oidc_issuer import AUDIENCE, Issuer, running_issuer
from tests.support.ports import free_port

pytestmark = pytest.mark.integration

SECONDS = 30


@pytest.fixture(scope="module")
def issuer() -> Iterator[Issuer]:
    with running_issuer() as issuer:
        yield issuer


@pytest.fixture
def api(engine: Engine, issuer: Issuer) -> Iterator[httpx.Client]:
    with serving(create_app(trusting(issuer.address))) as url, httpx.Client(base_url=url) as client:
        yield client


def trusting(address: str) -> Settings:
    return Settings(
        environment="production",
        rate_limit_failed="off",
        oidc_issuer=address,
        oidc_audience=AUDIENCE,
    )


def ask(api: httpx.Client, token: str, method: str = "GET") -> httpx.Response:
    return api.request(method, "/api/customers", headers=bearer(token), timeout=SECONDS)


def becomes(api: httpx.Client, token: str, status: int) -> httpx.Response:
    deadline = time.monotonic() + SECONDS
    while (answer := ask(api, token)).status_code != status:
        assert time.monotonic() < deadline, answer.text
        time.sleep(0.2)
    return answer


def part(value: dict[str, Any] | bytes) -> str:
    raw = value if isinstance(value, bytes) else json.dumps(value).encode()
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


@pytest.mark.parametrize("algorithm", ["RS256", "PS256", "ES256"])
def test_a_token_opens_what_its_scopes_say(
    api: httpx.Client, issuer: Issuer, engine: Engine, algorithm: str
) -> None:
    header = {"alg": algorithm}
    assert ask(api, issuer.token(header=header)).status_code == 200
    for scopes, reads, writes in (
        ({"scope": "openid customer-health:read"}, 200, 403),
        ({"scope": "openid customer-health:write"}, 403, 422),
        ({"scope": None, "scp": ["read", "write"]}, 200, 422),
        ({"scope": None, "scp": "customer-health:admin"}, 200, 422),
        ({"scope": None}, 403, 403),
        ({"scope": "openid other:read readwrite"}, 403, 403),
        ({"scope": 7, "scp": [None, {"read": 1}]}, 403, 403),
    ):
        token = issuer.token(header=header, **scopes)
        assert ask(api, token).status_code == reads, scopes
        assert ask(api, token, "POST").status_code == writes, scopes
    assert ask(api, make_key(engine, "read")).status_code == 200, "keys work beside tokens"
    assert ask(api, issuer.token(aud=["another", AUDIENCE])).status_code == 200


def test_a_clock_may_be_a_minute_off_and_no_more(api: httpx.Client, issuer: Issuer) -> None:
    now = int(time.time())
    assert ask(api, issuer.token(exp=now - 20)).status_code == 200
    assert ask(api, issuer.token(nbf=now + 40, iat=now + 40)).status_code == 200
    for claim, moment in (("exp", now - 61), ("nbf", now + 120), ("iat", now + 120)):
        assert ask(api, issuer.token("read", **{claim: moment})).status_code == 401, claim


@pytest.mark.parametrize(
    "claims",
    [
        {"aud": "another"}, {"aud": ["another"]}, {"aud": None}, {"aud": 1}, {"aud": []},
        {"iss": "http://127.0.0.1:1"}, {"iss": None}, {"iss": [""]},
        {"exp": None}, {"exp": "soon"}, {"exp": True}, {"exp": -1}, {"nbf": "x"},
        {"sub": None}, {"sub": ""}, {"sub": 7}, {"sub": "a\nb"}, {"sub": "a" * 256},
    ],
)  # fmt: skip
def test_a_claim_that_is_not_ours_lets_nobody_in(
    api: httpx.Client, issuer: Issuer, claims: dict[str, Any]
) -> None:
    answer = ask(api, issuer.token(**claims))
    assert answer.status_code == 401, answer.text
    assert answer.headers["www-authenticate"] == 'Bearer error="invalid_token"'
    assert answer.json()["detail"] == f"The token's claim {next(iter(claims))} is not accepted."


def forged(issuer: Issuer) -> dict[str, str]:
    """Tokens that would be good if only somebody had signed them."""
    good = issuer.token("admin")
    header, claims, signature = good.split(".")
    published = next(key for key in issuer.published() if key["kty"] == "RSA")
    kid = {"kid": published["kid"]}
    own = RSAKey.generate_key(2048)
    stated = json.loads(base64.urlsafe_b64decode(claims + "=="))
    public = RSAKey.import_key(published).as_pem(private=False)
    signed = f"{part({'alg': 'HS256'} | kid)}.{claims}"
    mac = hmac.digest(public, signed.encode(), "sha256")
    other = {"alg": "RS256", "kid": uuid4().hex}
    return {
        "alg none": f"{part({'alg': 'none'} | kid)}.{claims}.",
        "HS256 with the public key": f"{signed}.{part(mac)}",
        "another's key under the same id": jwt.encode({"alg": "RS256"} | kid, stated, own),
        "another's key": jwt.encode(other, stated, own),
        "another's key brought along": jwt.encode(other | {"jwk": own.as_dict()}, stated, own),
        "no id of a key": jwt.encode({"alg": "RS256"}, stated, own),
        "an id that is none": f"{part({'alg': 'RS256', 'kid': ['a']})}.{claims}.{signature}",
        "other claims": f"{header}.{part(stated | {'sub': 'eve'})}.{signature}",
        "another algorithm": f"{part({'alg': 'ES256'} | kid)}.{claims}.{signature}",
        "what is critical": f"{part({'alg': 'RS256', 'crit': ['x']} | kid)}.{claims}.{signature}",
        "no signature": f"{header}.{claims}.",
        "two parts": f"{header}.{claims}",
        "five parts": f"{good}.a.b",
        "claims that are none": f"{header}.{part(b'[1]')}.{signature}",
        "depth": f"{part(b'[' * 20_000)}.{claims}.{signature}",
        "no text": f"{part(bytes(range(128, 256)))}.{claims}.{signature}",
    }


def test_what_the_issuer_did_not_sign_lets_nobody_in(
    api: httpx.Client, issuer: Issuer, caplog: pytest.LogCaptureFixture
) -> None:
    for what, token in forged(issuer).items():
        for method in ("GET", "POST"):
            answer = ask(api, token, method)
            assert answer.status_code == 401, (what, answer.text)
            assert token not in answer.text + caplog.text
    assert ask(api, issuer.token("admin")).status_code == 200


def test_unknown_keys_are_asked_for_now_and_then_only(api: httpx.Client, issuer: Issuer) -> None:
    assert ask(api, issuer.token()).status_code == 200
    asked = issuer.asked()
    started = time.monotonic()
    for _ in range(30):
        stranger = jwt.encode({"alg": "RS256", "kid": uuid4().hex}, {}, RSAKey.generate_key(2048))
        assert ask(api, stranger).status_code == 401
    assert issuer.asked() - asked <= 1 + (time.monotonic() - started) / 5
    assert ask(api, issuer.token()).status_code == 200


def test_keys_rotate_and_an_issuer_may_be_away(engine: Engine) -> None:
    with running_issuer() as issuer, serving(create_app(trusting(issuer.address))) as url:
        api = httpx.Client(base_url=url)
        before = issuer.token()
        assert ask(api, before).status_code == 200
        issuer.rotate()
        after = issuer.token()
        becomes(api, after, 200)
        becomes(api, before, 401)
        unseen = issuer.token(header={"kid": uuid4().hex})
        issuer.vanish()
        answer = becomes(api, unseen, 503)
        assert int(answer.headers["retry-after"]) > 0
        assert answer.headers["content-type"] == "application/problem+json"
        assert ask(api, after).status_code == 200, "its key is known"
        assert ask(api, make_key(engine, "read")).status_code == 200
        api.close()


def test_an_issuer_that_never_answered_is_503(engine: Engine) -> None:
    key = RSAKey.generate_key(2048)
    token = jwt.encode({"alg": "RS256", "kid": "a"}, {}, key)
    away = create_app(trusting(f"http://127.0.0.1:{free_port()}"))
    with serving(away) as url, httpx.Client(base_url=url) as api:
        assert [ask(api, token).status_code for _ in range(2)] == [503, 503]
        assert ask(api, "no.token.at-all").status_code == 401
