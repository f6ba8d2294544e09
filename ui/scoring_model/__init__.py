"""The parts of the page Scoring model."""
