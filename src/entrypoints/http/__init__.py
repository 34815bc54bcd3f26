"""The REST API and the streams."""
