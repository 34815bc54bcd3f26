"""The whole journey once, for real: from a git address to an image, and with a Hub to a server started from it."""
