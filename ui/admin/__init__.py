"""The parts of the pages for admins."""
