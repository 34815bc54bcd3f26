"""What the service is about, in plain Python: no framework, no input or output."""
