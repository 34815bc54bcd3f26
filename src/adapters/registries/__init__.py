"""Registries, one technology each."""
