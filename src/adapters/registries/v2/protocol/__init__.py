"""The calls of the registry protocol, and what is understood of their answers."""
