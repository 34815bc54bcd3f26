"""Characters that can make one thing look like another where strangers' words are shown."""

from __future__ import annotations

from typing import Final

UNSEEN: Final = r"[\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff\U000e0000-\U000e007f]"
"""A pattern for marks of the writing direction, other line ends, and what is not seen at all."""
