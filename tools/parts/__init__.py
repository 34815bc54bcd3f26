"""Real parts for the demo, the tests and the benchmarks: an engine, a repo2docker image, a git server.

Nothing here needs a package from an index, so that it works before anything is installed.
"""

from .errors import PartMissing

__all__ = ["PartMissing"]
