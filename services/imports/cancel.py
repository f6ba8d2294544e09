"""Stopping an import, and who did."""

from threading import Event

from services.actor import Actor


class Cancel(Event):
    """Set, it stops an import between two batches."""

    by: Actor | None = None
    """Who asked for it, whom the audit log names; None: the process ends."""

    def ask(self, by: Actor) -> None:
        """Stop it, as this one wants."""
        self.by = by
        self.set()
