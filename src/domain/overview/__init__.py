"""The whole service at a glance: how its parts do, what it holds and what it did."""
