"""What administrators are told of the service as it runs: figures for Prometheus, and who did what."""
