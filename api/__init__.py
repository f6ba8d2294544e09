"""The REST API: HTTP in, a use case, JSON out."""

__version__ = "0.1.0"
