"""HTTP with a registry: bounded, tried again when that helps, and explained when it fails."""
