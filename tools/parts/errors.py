"""What can be missing on a machine."""


class PartMissing(Exception):
    """A real part is not here and cannot be had; the message is one sentence that says what to install."""
