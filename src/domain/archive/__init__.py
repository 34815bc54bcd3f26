"""Builds and logs that outlive what they were written in."""
