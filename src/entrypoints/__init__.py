"""The ways in: the web, the commands, a JupyterHub's configuration."""
