"""Equal JSON values have one text; what can't be stored has none."""

import json
import sys
from collections.abc import Callable
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.event_content import ContentError, canonical_json, content_hash, exact_json

pytestmark = pytest.mark.unit

scalars = (
    st.none()
    | st.booleans()
    | st.integers(-(10**300), 10**300)
    | st.floats(allow_nan=False, allow_infinity=False, allow_subnormal=False)
    | st.text(st.characters(exclude_characters="\x00", exclude_categories=["Cs"]))
)
keys = st.text(st.characters(exclude_characters="\x00", exclude_categories=["Cs"]))
documents = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(keys, inner, max_size=4),
    max_leaves=8,
)


def _reordered(value: object) -> object:
    if isinstance(value, dict):
        return {key: _reordered(value[key]) for key in reversed(value)}
    return [_reordered(item) for item in value] if isinstance(value, list) else value


@given(documents)
def test_the_text_is_json_of_the_same_value_whatever_the_order(value: object) -> None:
    try:
        text = canonical_json(value)
    except ContentError as error:
        assert "nested" in error.reason  # noqa: PT017 - the only reason these documents allow
        return
    assert json.loads(text, parse_float=Decimal) == json.loads(
        json.dumps(value), parse_float=Decimal
    )
    assert canonical_json(_reordered(value)) == text
    assert canonical_json(json.loads(text)) == text


anything = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.decimals()
    | st.decimals(-1000, 1000, places=2)
    | st.text()
    | st.sampled_from(["\x00", "\ud800", r"\u0000", 'a"!', "\n", b"x", 10**18, Decimal("-0.00")]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.text() | st.sampled_from(['a"', "a!", "a", "a b", 1]), inner)
    ),
    max_leaves=6,
)


def outcome(of: Callable[..., str], value: object, levels: int) -> object:
    try:
        return of(value, ("event_data",) * levels)
    except ContentError as error:
        return error.path, error.reason


@given(anything, st.integers(0, 11))
def test_the_quick_text_is_the_exact_one(value: object, levels: int) -> None:
    """What is stored was hashed from it: never may it change."""
    assert outcome(canonical_json, value, levels) == outcome(exact_json, value, levels)


@pytest.mark.parametrize(
    "same", [[1, 1.0, Decimal("1e0"), Decimal("1.00")], [0, -0.0, Decimal("0e5")], [1e3, 1000]]
)
def test_a_number_has_one_text(same: list[object]) -> None:
    assert len({canonical_json({"n": number}) for number in same}) == 1


@pytest.mark.parametrize(
    ("left", "right"),
    [
        (1, "1"),
        (1, True),
        (0, False),
        (None, {}),
        ({"a": None}, {}),
        ([1, 2], [2, 1]),
        (0.1, Decimal("0.1000000000000000000000000000000001")),
        (2**53, 2**53 + 1),
    ],
)
def test_different_values_differ(left: object, right: object) -> None:
    assert canonical_json(left) != canonical_json(right)


@pytest.mark.parametrize(
    "value",
    [
        float("nan"),
        float("inf"),
        Decimal("NaN"),
        Decimal("sNaN"),
        Decimal("-Infinity"),
        10**400,
        -(2**1025),
        Decimal("1e400"),
        Decimal("1e999999999999999999"),
        Decimal("1e-400"),
        5e-324,
        Decimal("0." + "1" * 1_000),
        "a\x00b",
        "\ud800",
        {"\x00": 1},
        {"k\udfff": 1},
        {1: 2},
        (1, 2),
        b"x",
        {"a": {"b": [{"c": "\x00"}]}},
    ],
)
def test_what_can_not_be_kept_is_refused_with_a_printable_path(value: object) -> None:
    with pytest.raises(ContentError) as caught:
        canonical_json({"k": value})
    assert caught.value.path.startswith("k")
    str(caught.value).encode("ascii")


def test_ten_levels_and_no_more() -> None:
    value: object = 1
    for _ in range(10):
        value = [value]
    assert canonical_json(value) == "[" * 10 + "1" + "]" * 10
    with pytest.raises(ContentError, match="nested deeper"):
        canonical_json([value])


def test_the_largest_numbers_survive() -> None:
    assert float(int(canonical_json(sys.float_info.max))) == sys.float_info.max
    assert float(canonical_json(sys.float_info.min)) == sys.float_info.min
    assert canonical_json(10**308) == "1" + "0" * 308


def test_the_hash_tells_the_type_too() -> None:
    assert content_hash("login", "{}") != content_hash("support_ticket", "{}")
    assert len(content_hash("login", "{}")) == 32
