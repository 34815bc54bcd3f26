"""Why builds fail: what their logs say, and what people can do about it."""
