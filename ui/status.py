"""One word, colour and icon per status, the same on every page."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from services.views import STATUSES, Status


@dataclass(frozen=True)
class StatusStyle:
    """How a status looks. `color` names a theme colour; the colours live in config.toml."""

    status: Status
    word: str
    color: str
    icon: str

    @property
    def badge(self) -> str:
        """Markdown of the coloured badge: icon and word, never colour alone."""
        return f":{self.color}-badge[{self.icon} {self.word}]"

    @property
    def colored_icon(self) -> str:
        """Markdown of the icon in the status' text colour."""
        return f":{self.color}[{self.icon}]"


STYLES: Mapping[Status, StatusStyle] = MappingProxyType(
    {
        "healthy": StatusStyle("healthy", "Healthy", "green", ":material/check_circle:"),
        "at_risk": StatusStyle("at_risk", "At risk", "orange", ":material/warning:"),
        "critical": StatusStyle("critical", "Critical", "red", ":material/error:"),
        "no_data": StatusStyle("no_data", "No data", "gray", ":material/help:"),
    }
)
WORDS: tuple[str, ...] = tuple(STYLES[status].word for status in STATUSES)
_BY_WORD = {style.word: status for status, style in STYLES.items()}


def word(status: Status) -> str:
    """What people call it: "At risk"."""
    return STYLES[status].word


def badge(status: Status) -> str:
    """Markdown of the status' badge."""
    return STYLES[status].badge


def status_of_word(text: str) -> Status:
    """The status that people call by this word.

    Raises:
        KeyError: no status has that word.
    """
    return _BY_WORD[text]


def status_of_score(score: float | None, *, healthy: float, at_risk: float) -> Status:
    """The band of one factor's score, by the model's bands: half-open, on the unrounded score."""
    if score is None:
        return "no_data"
    if score >= healthy:
        return "healthy"
    return "at_risk" if score >= at_risk else "critical"
