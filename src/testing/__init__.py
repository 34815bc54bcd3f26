"""Contract suites for plugin authors: subclass one, with fixtures that make your adapter.

They need pytest and pytest-asyncio, which the service itself does not.
"""

import pkgutil

import pytest

# So that a failing assertion of a suite shows its values, as one in a test file does.
pytest.register_assert_rewrite(*(f"{__name__}.{module.name}" for module in pkgutil.iter_modules(__path__)))
