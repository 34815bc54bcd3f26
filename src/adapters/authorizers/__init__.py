"""Authorizers, one technology each."""
