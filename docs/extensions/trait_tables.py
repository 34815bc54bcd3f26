"""The directive ``trait-tables``: every setting with its default and help, read from the classes themselves."""

from collections.abc import Iterator

from docutils import nodes
from docutils.statemachine import StringList
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective
from traitlets import HasTraits, TraitType
from traitlets.utils.descriptions import class_of

from repo2docker_service import plugins
from repo2docker_service.config import Repo2DockerService


class TraitTables(SphinxDirective):
    """Writes a section for each class that can be configured."""

    def run(self) -> list[nodes.Node]:
        """Give the sections."""
        found = plugins.catalogue(plugins.load(allowed=())).classes()
        # What several share stands before the first of them.
        all_classes = dict.fromkeys(each for child in (Repo2DockerService, *found) for each in reversed(ours(child)))
        lines = [line for each in all_classes for line in section(each)]
        parsed = nodes.Element()
        self.state.nested_parse(StringList(lines, source=__file__), 0, parsed, match_titles=True)
        return parsed.children


def ours(configurable: type[HasTraits]) -> list[type[HasTraits]]:
    """Give a class and those of this project with settings that it is made from."""
    parents = (each for each in configurable.mro() if issubclass(each, HasTraits))
    return [each for each in parents if each.__module__.startswith("repo2docker_service.")]


def section(configurable: type[HasTraits]) -> Iterator[str]:
    """Give a class's heading and its settings as a definition list."""
    traits = configurable.class_own_traits(config=True)
    if not traits:
        return
    yield from (f"## {configurable.__name__}", "")
    for base in ours(configurable)[1:]:
        yield from (f"All settings of `{base.__name__}` are settings of it too.", "")
    for name, trait in sorted(traits.items()):
        yield from (f"`{name}`", f": {trait.help} *{described(trait)}*", "")


def described(trait: TraitType) -> str:
    """Say what a setting takes, and what it is unless it is set."""
    kind = class_of(trait.klass) if hasattr(trait, "klass") and trait.klass is not dict else trait.info_text
    default = trait.default_value_repr()
    return f"({kind}; {default})" if default not in ("''", "traitlets.Undefined") else f"({kind})"


def setup(app: Sphinx) -> dict[str, bool]:
    """Add the directive."""
    app.add_directive("trait-tables", TraitTables)
    return {"parallel_read_safe": True}
