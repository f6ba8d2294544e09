"""The parts of the list of customers."""
