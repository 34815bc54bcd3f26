"""Prepare the real parts, so that the demo, the tests and the benchmarks start at once."""

from __future__ import annotations

import argparse
import sys

from . import engine, repo2docker_image, service_image, singleuser_image
from .cache import cache_folder
from .errors import PartMissing

EPILOG = """
An engine that answers at DOCKER_HOST or at the default socket is used as it is; else one is started, by root,
and it goes on until --stop. Its images and build cache are kept, so that the next start is quick.
"""


def main() -> int:
    """Run the command and give its exit status."""
    options = _parser().parse_args()
    if options.stop:
        print("Stopped." if engine.stop() else "No engine of ours was running.")
        return 0
    try:
        found = engine.keep()
        images = [repo2docker_image.ensure(found.url)]
        if options.busybox:
            images.append(repo2docker_image.ensure_busybox(found.url))
        if options.singleuser:
            images.append(singleuser_image.ensure(found.url))
        if options.service:
            images.append(service_image.build(found.url))
    except PartMissing as error:
        print(error, file=sys.stderr)
        return 1
    print(f"engine  {found.url}")
    for image in images:
        print(f"image   {image}")
    print(f"cache   {cache_folder()}")
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m tools.parts", description=__doc__, epilog=EPILOG)
    parser.add_argument("--busybox", action="store_true", help="make the BusyBox variant of the image, too")
    parser.add_argument("--singleuser", action="store_true", help="make the image that a Hub starts, too")
    parser.add_argument("--service", action="store_true", help="make the service's own image, too")
    parser.add_argument("--stop", action="store_true", help="only stop the engine that was started here")
    return parser


if __name__ == "__main__":
    sys.exit(main())
