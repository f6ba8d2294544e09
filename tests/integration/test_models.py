"""Scoring models as data: published for good, activated, rolled back, previewed; over REST."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import httpx
import pytest
from sqlalchemy import Engine, text
from sqlmodel import Session

from db.session import read, write
from scoring.model import parse_model
from services import models
from services.errors import InvalidInput
from services.health import customer_health
from services.model_preview import preview
from services.model_robustness import model_robustness, status_stability
from services.model_views import ModelPreview
from services.models import NoSuchModel, SameModel
from services.scoring_models import BUILT_IN_FOLDER, active_model, model_on
from tests.api_server import running_api
from tests.support.actors import TESTER
from tests.support.scoring_facts import (
    NOW,
    TODAY,
    add_activity,
    add_customer,
    ago,
    connect,
    rescore,
    stored,
    waiting,
)

pytestmark = pytest.mark.integration
STANDARD = (BUILT_IN_FOLDER / "standard.toml").read_text(encoding="utf-8")
STRICTER = parse_model(STANDARD.replace("target = 20", "target = 40"))
LENIENT = parse_model(STANDARD.replace("target = 20", "target = 5"))


def publish(toml: str, reason: str = "because") -> None:
    model = parse_model(toml)
    write(lambda s: models.publish(s, by=TESTER, model=model, reason=reason, now=NOW))


@pytest.fixture
def portfolio(engine: Engine, session: Session) -> dict[str, int]:
    """Three customers of 100,000 ARR together, by how many logins they have; one who has left."""
    connect(session)
    ids = {}
    for name, logins, churned in (("a", 20, None), ("b", 14, None), ("c", 4, None), ("d", 9, 5)):
        ids[name] = add_customer(session, name, churned=None if churned is None else ago(churned))
        add_activity(session, ids[name], "login", ago(8), logins)
        add_activity(session, ids[name], "api_call", ago(8), 250)
        for n in range(8):
            add_activity(session, ids[name], "feature_use", ago(8), key=f"f{n}")
    rescore(session, *((customer_id, ago(30)) for customer_id in ids.values()))
    return ids


def test_a_version_tells_who_why_when_and_what_it_changed(session: Session) -> None:
    told = models.publish(session, by=TESTER, model=STRICTER, reason=" summer ", now=NOW)
    assert (told.name, told.version, told.active) == ("standard", 2, False)
    assert (told.author, told.reason, told.published_at) == (TESTER.name, "summer", NOW)
    assert [(each.path, each.before, each.after) for each in told.changes] == [
        ("factors.login_frequency.target", 20, 40)
    ]
    names = [(each.name, each.version) for each in models.versions(session)]
    assert set(names) == {("standard", 2), ("standard", 1), ("momentum", 1)}
    assert names[0] == ("standard", 2) or models.versions(session)[0].published_at > NOW
    assert models.version_of(session, name="standard").version == 2
    for name, version in (("standard", 3), ("nothing", None), ("a\0", None)):
        with pytest.raises(NoSuchModel):
            models.version_of(session, name=name, version=version)


def test_the_same_again_and_no_reason_are_refused(session: Session) -> None:
    with pytest.raises(SameModel):
        models.publish(session, by=TESTER, model=parse_model(STANDARD), reason="x", now=NOW)
    for reason in ("", "   ", "x" * 1001, "a\0"):
        with pytest.raises(InvalidInput):
            models.publish(session, by=TESTER, model=STRICTER, reason=reason, now=NOW)


def test_two_at_once_get_a_version_each(engine: Engine) -> None:
    texts = [STANDARD.replace("target = 20", f"target = {n}") for n in range(21, 29)]
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(publish, texts))
    with read() as session:
        found = models.versions(session, name="standard")
    assert sorted(each.version for each in found) == list(range(1, 10))


def test_activating_scores_from_today_on_and_rolling_back_is_activating(
    session: Session, portfolio: dict[str, int]
) -> None:
    before = stored(session, portfolio["b"])
    models.publish(session, by=TESTER, model=STRICTER, reason="x", now=NOW)
    told = models.activate(session, by=TESTER, name="standard", version=2, reason="summer", now=NOW)
    assert told.active
    assert waiting(session) == 1
    rescore(session)
    after = stored(session, portfolio["b"])
    assert (after["model_version"], before["model_version"]) == (2, 1)
    assert after["overall_score"] < before["overall_score"]
    assert model_on(session, ago(1), NOW)[1] == 1
    assert models.activate(
        session, by=TESTER, name="standard", version=2, reason="again", now=NOW
    ).active
    assert waiting(session) == 0, "it is active already"

    later = NOW + timedelta(minutes=1)
    models.activate(session, by=TESTER, name="standard", version=1, reason="no", now=later)
    rescore(session, now=later)
    assert stored(session, portfolio["b"])["overall_score"] == before["overall_score"]
    assert active_model(session)[1] == 1
    log = session.connection().execute(
        text("SELECT action, subject FROM audit_log WHERE subject LIKE 'model:%' ORDER BY id")
    )
    assert [tuple(row) for row in log][-3:] == [
        ("model.published", "model:standard:2"),
        ("model.activated", "model:standard:2"),
        ("model.activated", "model:standard:1"),
    ]
    with pytest.raises(NoSuchModel):
        models.activate(session, by=TESTER, name="standard", version=9, reason="x", now=NOW)


def test_a_draft_is_kept_until_it_is_published(session: Session) -> None:
    models.save_draft(session, by=TESTER, model=LENIENT, now=NOW)
    models.save_draft(session, by=TESTER, model=STRICTER, now=NOW)
    (draft,) = models.drafts(session)
    assert (draft.name, draft.author) == ("standard", TESTER.name)
    assert models.read_model(draft.definition) == STRICTER
    models.publish(session, by=TESTER, model=STRICTER, reason="x", now=NOW)
    assert models.drafts(session) == []
    models.save_draft(session, by=TESTER, model=LENIENT, now=NOW)
    models.discard_draft(session, name="standard")
    assert models.drafts(session) == []


def looked_at(session: Session, toml: str) -> ModelPreview:
    return preview(session, model=parse_model(toml), now=NOW)


def test_a_preview_is_what_publishing_does(session: Session, portfolio: dict[str, int]) -> None:
    told = preview(session, model=STRICTER, now=NOW)
    assert (told.customers, told.as_of) == (3, TODAY)
    models.publish(session, by=TESTER, model=STRICTER, reason="x", now=NOW)
    old = {name: stored(session, key) for name, key in portfolio.items()}
    models.activate(session, by=TESTER, name="standard", version=2, reason="x", now=NOW)
    rescore(session)
    new = {name: stored(session, key) for name, key in portfolio.items()}

    living = ("a", "b", "c")
    crossed = {n for n in living if old[n]["status"] != new[n]["status"]}
    assert crossed, "the fixture has somebody cross"
    assert {each.customer_name for each in told.crossers} == crossed
    for each in told.crossers:
        name = each.customer_name
        assert (each.score_before, each.score_after) == (
            old[name]["overall_score"],
            new[name]["overall_score"],
        )
        assert (each.status_before, each.status_after) == (old[name]["status"], new[name]["status"])
    for outlook, rows in ((told.before, old), (told.after, new)):
        scores = [rows[name]["overall_score"] for name in living]
        assert outlook.average_score == pytest.approx(sum(scores) / 3)
        assert sum(outlook.bins) == 3
        for status, count in outlook.by_status.model_dump().items():
            assert count == sum(rows[name]["status"] == status for name in living)
        in_trouble = sum(rows[n]["status"] in ("at_risk", "critical") for n in living)
        assert outlook.arr_at_risk == 1000 * in_trouble
    assert sum(way.customers for way in told.crossings) == len(crossed)
    assert told.arr_crossing == 1000 * len(crossed)
    assert told.rank_correlation == pytest.approx(1.0)
    assert told.climbers == []


def test_a_preview_of_the_same_model_moves_nobody(
    session: Session, portfolio: dict[str, int]
) -> None:
    told = looked_at(session, STANDARD)
    assert told.before == told.after
    assert (told.crossings, told.crossers, told.climbers) == ([], [], [])
    assert portfolio


def test_a_preview_of_other_windows_and_of_nobody(session: Session) -> None:
    told = looked_at(session, STANDARD.replace("window = 90", "window = 77"))
    assert (told.customers, told.before.average_score, told.rank_correlation) == (0, None, None)


def test_places_that_change_are_told(session: Session, portfolio: dict[str, int]) -> None:
    add_activity(session, portfolio["c"], "api_call", ago(2), 600)
    add_activity(session, portfolio["a"], "api_error", ago(8), 200)
    other = STANDARD.replace("weight = 0.30", "weight = 0.05").replace("0.20", "0.45")
    told = looked_at(session, other)
    places = {each.customer_name: (each.place_before, each.place_after) for each in told.climbers}
    assert places == {"a": (1, 3), "c": (3, 1)}
    assert told.rank_correlation == pytest.approx(-1.0)


def test_robustness_names_what_decides_nothing(session: Session, portfolio: dict[str, int]) -> None:
    model, version = active_model(session)
    told = model_robustness(session, model=model, version=version, now=NOW)
    assert (told.customers, sum(told.stability_bins)) == (3, 3)
    assert "support_tickets" in told.idle
    assert "login_frequency" not in told.idle
    assert told.firm + len(told.least_stable) == 3
    alone = {
        each.customer_id: status_stability(
            customer_health(session, customer_id=each.customer_id, now=NOW), model
        )
        for each in told.least_stable
    }
    assert alone == {each.customer_id: each.stability for each in told.least_stable}
    assert all(share < 1 for share in alone.values())
    assert alone
    assert portfolio


@pytest.fixture
def api(server_env: dict[str, str]) -> Iterator[httpx.Client]:
    with running_api(server_env) as url, httpx.Client(base_url=url, timeout=30) as client:
        yield client


def test_over_rest_from_toml_to_a_rollback(api: httpx.Client) -> None:
    toml = api.get("/api/models/standard/toml").raise_for_status()
    assert toml.headers["content-type"].startswith("application/toml")
    assert parse_model(toml.text) == parse_model(STANDARD)
    changed = toml.text.replace("target = 20", "target = 10")
    looked = api.post("/api/models/preview", json={"toml": changed}).raise_for_status().json()
    assert (looked["customers"], looked["crossings"]) == (0, [])
    body = {"toml": changed, "reason": "try", "activate": True}
    told = api.post("/api/models", json=body)
    assert told.status_code == 201, told.text
    assert (told.json()["version"], told.json()["active"]) == (2, True)
    assert api.get(told.headers["Location"]).json()["version"] == 2
    assert api.post("/api/models", json=body).status_code == 409
    definition = parse_model(changed.replace("= 75.0", "= 80.5")).definition()
    as_json = api.post("/api/models", json={"definition": definition, "reason": "as JSON"})
    assert as_json.json()["definition"] == definition, as_json.text
    assert [each["path"] for each in as_json.json()["changes"]] == ["bands.healthy"]
    back = api.post("/api/models/standard/activate", json={"version": 1, "reason": "no"})
    assert back.raise_for_status().json()["active"] is True
    first = api.get("/api/models", params={"limit": 1})
    assert len(first.json()) == 1
    found = [*first.json()]
    while "next" in first.links:
        first = api.get(first.links["next"]["url"])
        found += first.json()
    assert len({(each["name"], each["version"]) for each in found}) == len(found) == 4
    assert [each["active"] for each in found].count(True) == 1
    assert api.get("/api/models/standard/robustness").raise_for_status().json()["customers"] == 0


WRONG: dict[str, dict[str, Any]] = {
    "neither": {"reason": "x"},
    "both": {"toml": STANDARD, "definition": {}, "reason": "x"},
    "not TOML": {"toml": "a = [", "reason": "x"},
    "not a model": {"toml": "a = 1", "reason": "x"},
    "a wrong weight": {"toml": STANDARD.replace("0.30", "0.31"), "reason": "x"},
    "NUL": {"toml": STANDARD.replace("Standard", "a\\u0000b"), "reason": "x"},
    "too long": {"toml": STANDARD + "#" * 70_000, "reason": "x"},
    "no reason": {"toml": STANDARD + "#"},
    "a big number": {
        "toml": STANDARD.replace("target_features = 8", "target_features = 1" + "0" * 400),
        "reason": "x",
    },
}


def test_what_is_wrong_is_refused_and_nothing_is_published(api: httpx.Client) -> None:
    for case, body in WRONG.items():
        assert api.post("/api/models", json=body).status_code == 422, case
    assert len(api.get("/api/models").json()) == 2
