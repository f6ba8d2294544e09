"""Placeholder until the page is written."""

from ui import gate

gate.guard()
