"""The sections of a customer's page, one file each."""
