"""Other people's text inside our Markdown."""

import re

WORD_JOINER = "\u2060"
"""Invisible, never breaks a line; stops what a backslash does not."""

_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]+")
_PUNCTUATION = re.compile(r"([\\`*_{}\[\]()<>#+\-.!|~$&:@=^\"'/])")
_JOINED_AFTER = re.compile(r"([:@\-<>~=])")


def escape(text: str) -> str:
    """Text that Streamlit's Markdown shows letter by letter, on one line.

    Backslashes stop Markdown itself. They do not stop `:material/x:`, `:red[…]`,
    arrows (`->`) and bare addresses, which are found after the backslashes are gone:
    a word joiner after `:`, `@`, `-` and around `.` does.
    """
    line = _CONTROL.sub(" ", text).strip()
    joined = _JOINED_AFTER.sub(rf"\1{WORD_JOINER}", line)
    joined = joined.replace(".", f"{WORD_JOINER}.{WORD_JOINER}")
    return _PUNCTUATION.sub(r"\\\1", joined)


def plain(text: str) -> str:
    """What a reader sees of an escaped text once Markdown has taken the backslashes away."""
    return text.replace(WORD_JOINER, "")
