"""Implementations of :class:`~repo2docker_service.domain.ports.Catalog`."""
