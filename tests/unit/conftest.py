"""What holds for every unit test."""

import os

from hypothesis import settings

# A busy machine is no bug, and the whole suite shall stay quick: HYPOTHESIS_PROFILE=thorough takes its time.
settings.register_profile("unit", deadline=None, max_examples=30)
settings.register_profile("thorough", deadline=None, max_examples=2000)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "unit"))
