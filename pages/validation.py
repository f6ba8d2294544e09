"""The address /validation as the first request after a start: see ui/deep_link.py."""

from ui.deep_link import run_app

run_app()
