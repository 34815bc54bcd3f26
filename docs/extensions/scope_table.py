"""The directive ``scope-table``: every scope with what it is for, read from what the Hub is told."""

from docutils import nodes
from docutils.statemachine import StringList
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective

from repo2docker_service.entrypoints.jupyterhub import PREFIX, SCOPES


class ScopeTable(SphinxDirective):
    """Writes the table."""

    def run(self) -> list[nodes.Node]:
        """Give the table."""
        lines = ["| scope | what it is for | scopes that it includes |", "|---|---|---|"]
        for scope, told in SCOPES.items():
            included = ", ".join(map(short, told.get("subscopes", ())))
            lines.append(f"| {short(scope)} | {told['description']} | {included} |")
        parsed = nodes.Element()
        self.state.nested_parse(StringList(lines, source=__file__), 0, parsed)
        return parsed.children


def short(scope: str) -> str:
    """Give a scope as pages write it."""
    return f"`{scope.removeprefix(PREFIX)}`"


def setup(app: Sphinx) -> dict[str, bool]:
    """Add the directive."""
    app.add_directive("scope-table", ScopeTable)
    return {"parallel_read_safe": True}
