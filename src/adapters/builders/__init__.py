"""Image builders, one technology each."""
