"""Which images are outdated, and how they are built again."""
