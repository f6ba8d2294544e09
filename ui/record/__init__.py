"""The parts of the page that records an event by hand."""
