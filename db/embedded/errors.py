"""What the embedded database says when it can't serve."""


class EmbeddedError(RuntimeError):
    """One readable line that names DATA_DIR."""
