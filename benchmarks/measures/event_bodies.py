"""Events as an integration sends them: what of which customer, in JSON, the same in every run."""

import json
import random
from datetime import datetime, timedelta
from typing import Any

FEATURES = ("Alerts", "Automations", "Dashboards", "Exports", "Integrations", "Reports")
ENDPOINTS = ("/v1/orders", "/v1/reports", "/v1/search", "/v1/webhooks")
USERS = ("ana", "bo", "chris", "dana", "eli")
SHARES = {"api_call": 40, "feature_use": 30, "login": 24, "payment": 3, "support_ticket": 3}


class Events:
    """An endless stream of them."""

    def __init__(self, customer_ids: list[int], now: datetime, seed: str) -> None:
        self._ids, self._now, self._seed = customer_ids, now, seed
        self._chance = random.Random(seed)  # noqa: S311 - the same in every run
        self._number = 0

    def single(self) -> tuple[int, bytes]:
        """A customer, and the body of a request that tells one event."""
        event_type = self._type()
        body = {"event_type": event_type, "event_data": self._data(event_type)}
        return self._chance.choice(self._ids), json.dumps(body).encode()

    def bulk(self, size: int) -> bytes:
        """The body of a request that tells so many events of many customers."""
        return json.dumps({"events": [self.item() for _ in range(size)]}).encode()

    def item(self) -> dict[str, Any]:
        """One event of a bulk body."""
        self._number += 1
        event_type = self._type()
        moment = self._now - timedelta(seconds=self._chance.uniform(0, 3 * 86_400))
        return {
            "customer_id": self._chance.choice(self._ids),
            "event_type": event_type,
            "event_data": self._data(event_type),
            "timestamp": moment.isoformat(),
            "event_id": f"{self._seed}-{self._number}",
        }

    def _type(self) -> str:
        return self._chance.choices(list(SHARES), weights=list(SHARES.values()))[0]

    def _data(self, event_type: str) -> dict[str, Any]:
        chance = self._chance
        if event_type == "login":
            return {"user_id": chance.choice(USERS), "session_seconds": chance.randint(30, 7200)}
        if event_type == "api_call":
            status = 500 if chance.random() < 0.05 else 200
            endpoint = chance.choice(ENDPOINTS)
            return {"endpoint": endpoint, "status_code": status, "count": chance.randint(1, 50)}
        if event_type == "feature_use":
            return {"feature_name": chance.choice(FEATURES), "user_id": chance.choice(USERS)}
        if event_type == "payment":
            return {"amount": chance.randint(10, 5000), "status": "paid"}
        return {"subject": "How does this work?", "priority": chance.choice(("low", "high"))}
