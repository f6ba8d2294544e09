"""Whom the dashboard's lists name, and as what."""

import pytest

from services.roles import Role, role_of

pytestmark = pytest.mark.unit

ADMINS = ("ada@example.com",)
EDITORS = ("@editors.example", "ed@example.com")
VIEWERS = ("@example.com", "ada@example.com")


@pytest.mark.parametrize(
    ("email", "role"),
    [
        ("ada@example.com", Role.ADMIN),
        ("ADA@Example.COM", Role.ADMIN),
        ("ed@example.com", Role.EDITOR),
        ("who@editors.example", Role.EDITOR),
        ("who@example.com", Role.VIEWER),
        ("who@sub.example.com", None),
        ("who@notexample.com", None),
        ("who@example.com.evil.example", None),
        ("who@evil.example@example.com", None),
        ("ada@example.com ", None),
        ("@example.com", None),
        ("example.com", None),
        ("", None),
        ("who@", None),
        ("\N{KELVIN SIGN}ed@example.com", None),
    ],
)
def test_the_highest_list_that_names_somebody_counts(email: str, role: Role | None) -> None:
    assert role_of(email, admins=ADMINS, editors=EDITORS, viewers=VIEWERS) is role


def test_empty_lists_name_nobody() -> None:
    assert role_of("ada@example.com", admins=(), editors=(), viewers=()) is None


def test_a_role_may_do_what_those_below_it_may() -> None:
    assert Role.VIEWER < Role.EDITOR < Role.ADMIN
