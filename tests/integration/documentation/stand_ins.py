"""What stands, while pages are followed, for what a test may not do to a machine; and what is followed elsewhere."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

PROGRAMS: Final[Mapping[str, str]] = {
    # Nothing is installed into these environments, so they need no pip of their own.
    "python3": 'case "$*" in "-m venv "*) exec "$PYTHON" -m venv --without-pip "$3" ;; *) exec "$PYTHON" "$@" ;; esac',
    # What it would install is what runs; tests/integration/test_package.py installs it.
    "pip": "exit 0",
    # The Hub's proxy, which tests install elsewhere.
    "npm": "exit 0",
    # That there are such targets. They are what runs the tests, and the demo has a test of its own.
    "make": 'unset MAKEFLAGS MAKELEVEL; exec "$MAKE" -n "$@" >/dev/null',
    # One service answers all pages. What serves is asked for the settings that it would have.
    "repo2docker-service": """
    case "$1" in "" | --ip=* | --port=*) set -- "$@" --show-config ;; esac
    exec "$SERVICE" "$@"
    """,
    # It serves until it answers.
    "uvicorn": """
    "$UVICORN" "$@" &
    until curl "http://127.0.0.1:$FREE_PORT/health/live"; do kill -0 $! || exit 1; sleep 0.1; done 2>/dev/null
    kill $!
    wait
    """,
    # No registry of images can be counted on, nor the plugin compose: see "Not run yet" in CONTRIBUTING.md.
    "docker": """
    case "$1" in
      compose) exit 0 ;;
      run) while [ "$1" != htpasswd ]; do shift; done; exec "$@" ;;
      *) exec "$DOCKER" "$@" ;;
    esac
    """,
    "registry": 'exec docker-registry "$@"',
}
"""Scripts of what is found in place of programs, each with the reason."""

IN_A_CLONE: Final = {"CONTRIBUTING.md", "docs/how-to/run-in-a-container.md"}
"""Pages that begin in a clone of the repository; all others begin in an empty folder."""

ELSEWHERE: Final[Mapping[tuple[str, str], str]] = {
    ("docs/how-to/connect-to-jupyterhub.md", "curl"): "tests/integration/hub/test_tutorials.py",
    ("docs/how-to/prepare-the-engine.md", "docker network inspect"): "tests/integration/hostile/test_egress.py",
    ("docs/how-to/run-in-a-container.md", "docker network create"): "tests/integration/test_service_image.py",
    ("docs/how-to/run-in-a-container.md", "export"): "tests/integration/test_service_image.py",
    ("docs/how-to/run-without-the-internet.md", ""): "tests/integration/test_air_gap.py",
    ("docs/how-to/use-your-own-authority-and-proxy.md", ""): "tests/integration/test_air_gap.py",
    ("docs/tutorial/with-a-hub.md", "jupyterhub"): "tests/integration/hub/test_tutorials.py",
    ("docs/tutorial/write-a-plugin.md", ""): "tests/integration/test_package.py",
}
"""Which test follows the blocks of a page that begin with some words."""

LEFT_OUT: Final[Mapping[tuple[str, str], str]] = {
    (
        "docs/how-to/run-beside-zero-to-jupyterhub.md",
        "",
    ): "Most machines have no cluster. make test-kubernetes installs the chart.",
    ("docs/how-to/bound-what-builds-use.md", "mkdir /sys/fs/cgroup"): "It would bound the engine that all tests share.",
}
"""Why no test follows the blocks of a page that begin with some words."""
