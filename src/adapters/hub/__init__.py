"""A JupyterHub, as its services talk to it."""
