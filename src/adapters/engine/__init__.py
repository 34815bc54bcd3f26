"""The Docker engine, as builder and registry adapters share it."""
