"""What all errors of the service are."""

from __future__ import annotations


class ServiceError(Exception):
    """Anything that this service refuses or fails to do."""
