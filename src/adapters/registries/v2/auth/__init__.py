"""Who this service is at a registry: where credentials come from, and how they are shown."""
