"""The exit codes by which a container tells how it ended."""

OK = 0
UNREACHABLE = 70
REF_NOT_FOUND = 71
BUILD_FAILED = 72
OUT_OF_RESOURCES = 73
TIMED_OUT = 74
CANCELLED = 75
INTERNAL = 76
LOST = 77
PUSH_FAILED = 78

FROM_REPO2DOCKER = frozenset({OK, UNREACHABLE, REF_NOT_FOUND, BUILD_FAILED, OUT_OF_RESOURCES, INTERNAL})
"""Codes that repo2docker's own process may end with."""

NO_FAULT_OF_OTHERS = frozenset({OK, TIMED_OUT, CANCELLED, LOST})
"""Codes that stay what they are, whatever became of the engine or its disk meanwhile."""
