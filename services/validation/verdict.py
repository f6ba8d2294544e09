"""What the figures come to, in one plain sentence."""

from services.validation.views import Estimate, Verdict

FEW = 10
"""Customers that left, below which nothing is said but how little is known."""
CHANCE = 0.5


def verdict(auc: Estimate, customers_left: int, horizon: int) -> tuple[Verdict, str]:
    """Whether the score predicts churn, and how sure that is."""
    if auc.value is None:
        return "no_churn", (
            f"Nobody left within {horizon} days of a date on which there was a score: "
            "there is nothing to judge by."
        )
    of_pairs = (
        f"Of a customer that left within {horizon} days and one that stayed, the one that left "
        f"had the lower score in {auc.value:.0%} of the pairs"
    )
    surely = "" if auc.low is None or auc.high is None else f" ({auc.low:.0%} to {auc.high:.0%})"
    if customers_left < FEW or auc.low is None or auc.high is None:
        who = "1 customer" if customers_left == 1 else f"{customers_left} customers"
        return "too_few", f"Not enough churn to tell: only {who} left. {of_pairs}{surely}."
    if auc.low > CHANCE:
        return "predicts", f"{of_pairs}{surely}; by chance it would be 50%."
    if auc.high < CHANCE:
        return "reversed", f"{of_pairs}{surely}: a high score went with leaving."
    return "unsure", f"{of_pairs}{surely}: that could be chance, which would be 50%."
