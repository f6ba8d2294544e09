"""Whatever the order, the repeats and the packaging, what is projected equals a recount."""

import random

import pytest
from sqlalchemy import Engine
from sqlmodel import Session

from tests.support.customers import add_customers
from tests.support.recording import record_batch
from tests.support.recount import assert_agrees, projected
from tests.support.streams import stream

pytestmark = pytest.mark.integration


@pytest.mark.parametrize("seed", range(6))
def test_any_order_doubled_and_in_any_batches_gives_the_same(
    engine: Engine, session: Session, seed: int
) -> None:
    chance = random.Random(seed)
    items = stream(seed, customers=add_customers(session, 3), length=150)
    left = items * 2
    chance.shuffle(left)

    statuses = []
    while left:
        size = chance.choice([1, 1, 2, 9, 40])
        statuses += [verdict.status for verdict in record_batch(engine, left[:size])]
        left = left[size:]

    assert statuses.count("accepted") == statuses.count("duplicate") == len(items)
    assert_agrees(session)


def test_one_by_one_equals_one_batch(engine: Engine, session: Session) -> None:
    one, other = add_customers(session, 2)
    items = stream(99, customers=[one], length=150)

    for item in items:
        record_batch(engine, [item])
    record_batch(engine, [(other, event) for _, event in items])

    assert_agrees(session)
    for name, rows in projected(session).items():
        if name != "connected_source":
            left, right = (
                {key[1:]: row for key, row in rows.items() if key[0] == customer}
                for customer in (one, other)
            )
            assert left == right, name
            assert left
