"""Somebody to attribute changes to."""

from services.actor import Actor

TESTER = Actor("tester", "command", None, None)
