"""Placeholder."""

from ui import gate

gate.guard()
