"""JSON from outside, read exactly: no number is rounded on the way in."""

import json
from decimal import Decimal
from typing import Any, NoReturn


class JsonError(ValueError):
    """The text is not JSON, or holds what this product can't take; `str()` says what."""


def parse_json(raw: bytes) -> Any:
    """The value of a UTF-8 JSON text; numbers with a point or exponent become Decimal.

    A float would turn 1e-400 into 0 and 0.10000000000000000001 into 0.1 without a word.

    Raises:
        JsonError: not UTF-8, not JSON, NaN or Infinity, nested too deeply to read, or a
            number that is too long to read.
    """
    try:
        return _DECODER.decode(raw.decode("utf-8"))
    except UnicodeDecodeError:
        raise JsonError("The text is not UTF-8.") from None
    except JsonError:
        raise
    except json.JSONDecodeError as error:
        raise JsonError(
            f"The text is not JSON: {error.msg} (line {error.lineno}, column {error.colno})."
        ) from None
    except RecursionError:
        raise JsonError("The JSON is nested too deeply.") from None
    except (ValueError, ArithmeticError):
        raise JsonError("The JSON holds a number that can't be read.") from None


def _refuse(constant: str) -> NoReturn:
    raise JsonError(f"{constant} is not JSON.")


_DECODER = json.JSONDecoder(parse_float=Decimal, parse_constant=_refuse)
"""One for all: `json.loads` would make one a text, which takes longer than to read a short one."""
