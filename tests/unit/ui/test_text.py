"""Other people's text in our Markdown: nothing of it may be understood."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ui.text import WORD_JOINER, escape, plain

pytestmark = pytest.mark.unit

HOSTILE = [
    ":material/delete: Acme",
    ":red[Acme] :red-badge[x]",
    "**bold** _it_ `code` ~~gone~~",
    "[link](https://evil.example)",
    "![image](https://evil.example/x.png)",
    "https://evil.example www.evil.example ops@evil.example",
    "A -> B <- C <-> D -- E >= F <= G ~= H",
    "$x^2$ and $$y$$",
    "<script>alert(1)</script> &amp; &lt;",
    ":tada: :streamlit:",
    "# Title",
    "1. list\n- item\r\n> quote | table",
    "back\\slash \\[",
]


def shown(markdown: str) -> str:
    """What CommonMark shows of text in which every special character is escaped."""
    return plain(re.sub(r"\\([!-/:-@\[-`{-~])", r"\1", markdown))


@pytest.mark.parametrize("text", HOSTILE)
def test_shows_letter_by_letter(text: str) -> None:
    assert shown(escape(text)) == re.sub(r"[\r\n]+", " ", text)


@pytest.mark.parametrize("text", HOSTILE)
def test_nothing_is_left_to_understand(text: str) -> None:
    escaped = escape(text)
    seen = re.sub(r"\\([!-/:-@\[-`{-~])", r"\1", escaped)  # what plug-ins find afterwards
    for pattern in (r":\w", r"->", r"<-", r"--", r"[<>~]=", r"@\w", r"\w\.\w", r"://"):
        assert not re.search(pattern, seen), pattern
    assert not re.search(r"(?<!\\)[*_`\[\]<>$#|~]", re.sub(r"\\\\", "", escaped))


@pytest.mark.parametrize(
    "text", ["", "Acme", "Müller & Söhne GmbH", "株式会社", "O'Neil-Smith Inc."]
)
def test_ordinary_names_stay_themselves(text: str) -> None:
    assert shown(escape(text)) == text


@given(st.text(alphabet=st.characters(exclude_categories=["Cs"])))
def test_always_one_line(text: str) -> None:
    assert "\n" not in escape(text)
    assert "\r" not in escape(text)


@given(st.text(alphabet=st.characters(exclude_categories=("Cc", "Cs", "Z")), min_size=1))
def test_never_loses_a_letter(text: str) -> None:
    assert shown(escape(text)) == text.replace(WORD_JOINER, "")
