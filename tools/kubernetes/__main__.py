"""Build, start or stop the cluster that all runs on this machine share."""

from __future__ import annotations

import argparse
import sys

from tools.parts import repo2docker_image
from tools.parts.docker_api import DockerApi
from tools.parts.engine import running_engine
from tools.parts.errors import PartMissing

from . import cluster, images, programs

ABSENT = 3
"""The status of a check that finds no programs, which is none that a crash has."""

EPILOG = """
A cluster that was started goes on until it is stopped; each start makes it empty, but for its images.
"""


def main() -> int:
    """Run the command and give its exit status."""
    options = _parser().parse_args()
    try:
        if options.command == "check":
            print(f"programs    {programs.present() or 'not built here, so no cluster: make kubernetes'}")
            return ABSENT if programs.present() is None else 0
        if options.command == "build":
            print(f"programs    {programs.ensure()}")
        elif options.command == "stop":
            print("Stopped." if cluster.stop(options.number) else "No cluster of ours was running.")
        else:
            _start(options.number)
    except PartMissing as error:
        print(error, file=sys.stderr)
        return 1
    return 0


def _start(number: int) -> None:
    programs.ensure()
    node = cluster.keep(number)
    with running_engine() as engine:
        image = repo2docker_image.ensure(engine.url)
        images.copy(DockerApi(engine.url), node.docker(), image)
    print(f"KUBECONFIG  {node.kubeconfig}")
    print(f"kubectl     {node.programs / 'kubectl'}")
    print(f"engine      {node.engine_url}")
    print(f"images      {image} {images.BUSYBOX}")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m tools.kubernetes", description=__doc__, epilog=EPILOG)
    parser.add_argument("command", choices=("build", "check", "start", "stop"))
    parser.add_argument("--number", type=int, default=0, help="which of several clusters, from 0 on")
    return parser


if __name__ == "__main__":
    sys.exit(main())
