"""Vendors' HTTP interfaces, each behind a port of the services."""
