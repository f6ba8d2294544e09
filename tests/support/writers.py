"""Clients as they should be: every event has an id, and is repeated until it is acknowledged."""

import threading
import time
from collections import Counter
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from types import TracebackType
from typing import Any, Self

import httpx

SECONDS = 60.0
PAUSE = 0.02


def until(condition: Callable[[], bool]) -> None:
    """Wait until it holds."""
    deadline = time.monotonic() + SECONDS
    while not condition():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.005)


def until_longer(found: Sequence[object], more: int) -> None:
    """Wait until the sequence, which others append to, has so many more items."""
    wanted = len(found) + more
    until(lambda: len(found) >= wanted)


class Writers:
    """Post to an address from many threads until told to stop, and know what was answered."""

    def __init__(self, url: str, customers: Sequence[int], how_many: int = 8) -> None:
        self._url, self._customers = url, customers
        self._stopping = threading.Event()
        self.acknowledged: list[tuple[int, str]] = []
        """(customer, event_id) of what was answered with 201 or 200."""
        self.answers: Counter[int] = Counter()
        self.wordless: list[httpx.Response] = []
        """Refusals that don't say when to come back."""
        self.lost = 0
        """Requests that ended without an answer."""
        self._threads = [
            threading.Thread(target=self._write, args=(number,)) for number in range(how_many)
        ]

    def __enter__(self) -> Self:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None
    ) -> None:
        self.stop()

    def stop(self) -> None:
        """Let each finish the event it is at."""
        self._stopping.set()
        for thread in self._threads:
            thread.join(SECONDS)
            assert not thread.is_alive(), "a writer waits for an answer"

    def progress(self, more: int) -> None:
        """Wait until so many more events are acknowledged."""
        until_longer(self.acknowledged, more)

    def refusals(self, more: int) -> None:
        """Wait until so many more requests were refused with 503."""
        wanted = self.answers[503] + more
        until(lambda: self.answers[503] >= wanted)

    def _write(self, writer: int) -> None:
        with httpx.Client(base_url=self._url, timeout=30) as client:
            number = 0
            while not self._stopping.is_set():
                customer = self._customers[number % len(self._customers)]
                event = event_of(writer, number)
                path = f"/api/customers/{customer}/events"
                while not self._acknowledged(client, path, event):
                    time.sleep(PAUSE)
                self.acknowledged.append((customer, event["event_id"]))
                number += 1

    def _acknowledged(self, client: httpx.Client, path: str, event: dict[str, Any]) -> bool:
        try:
            answer = client.post(path, json=event)
        except httpx.TransportError:
            self.lost += 1
            return False
        self.answers[answer.status_code] += 1
        if answer.status_code in {200, 201}:
            return True
        if answer.status_code != 503 or "retry-after" not in answer.headers:
            self.wordless.append(answer)
        return False


def event_of(writer: int, number: int) -> dict[str, Any]:
    """The writer's next event: of every type, on today and on days before, of shared subjects."""
    kind, data = (
        ("login", {"user_id": f"user{writer}"}),
        ("api_call", {"endpoint": f"/v1/orders/{number}", "status_code": 200, "count": 7}),
        ("feature_use", {"feature_name": f"feature{number % 5}", "user_id": "ada"}),
        ("support_ticket", {"ticket_id": f"T{number % 3}", "subject": f"by {writer}"}),
        ("payment", {"amount": 5, "invoice_id": f"I{number % 4}", "due_date": "2026-05-01"}),
    )[number % 5]
    event = {"event_type": kind, "event_data": data, "event_id": f"{writer}-{number}"}
    if number % 4 == 0:
        moment = datetime.now(UTC) - timedelta(days=number % 30)
        event["timestamp"] = moment.isoformat()
    return event
