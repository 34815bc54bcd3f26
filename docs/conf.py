"""How the documentation is made."""

import sys
from importlib.metadata import version as version_of
from pathlib import Path

from docutils import nodes
from sphinx.addnodes import pending_xref
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment

from repo2docker_service.domain import errors, models

project = "repo2docker-service"
author = "The repo2docker-service developers"
copyright = f"2026, {author}"
release = version = version_of("repo2docker-service")

sys.path.insert(0, str(Path(__file__).parent / "extensions"))
extensions = ["myst_parser", "sphinx.ext.autodoc", "sphinx.ext.napoleon", "completeness", "scope_table", "trait_tables"]
exclude_patterns = ["_build"]
myst_enable_extensions = ["colon_fence", "deflist"]
myst_heading_anchors = 3

autodoc_default_options = {"members": True, "member-order": "bysource"}
autodoc_preserve_defaults = True
# The Hub and its spawners are not needed to describe what is made for them.
autodoc_mock_imports = ["docker", "dockerspawner", "jupyterhub", "tornado"]
autodoc_typehints = "signature"
python_use_unqualified_type_names = True

# Names of the standard library and of libraries whose own pages are not read while building.
nitpick_ignore_regex = [
    ("py:.*", r"(collections|datetime|enum|pathlib|typing)\..*"),
    ("py:.*", r"(pluggy|tornado|traitlets)\..*"),
    ("py:.*", r"([A-Z][a-z]*Error|Path|datetime|str|timedelta)"),
    ("py:.*", r"repo2docker_service\.hookspecs\.(Made|Wanted)"),
]

# Only `make links` asks other hosts. These are examples, or this machine.
linkcheck_ignore = [r"https?://([\w.-]+\.)?example(\.org)?[:/]", r"https?://(127\.0\.0\.1|localhost)[:/]"]
linkcheck_timeout = 20
linkcheck_retries = 2

html_theme = "sphinx_book_theme"
html_title = "repo2docker-service"
html_theme_options = {"show_toc_level": 2, "use_download_button": False}


def words_of_the_domain(
    app: Sphinx, environment: BuildEnvironment, reference: pending_xref, text: nodes.TextElement
) -> nodes.reference | None:
    """Find ``BuildNotFound`` without its module: docstrings name errors and models as people say them."""
    word = reference.get("reftarget", "")
    home = next((module for module in (errors, models) if word.isidentifier() and hasattr(module, word)), None)
    if home is None or reference.get("refdomain") != "py":
        return None
    python = environment.domains["py"]
    target = f"{home.__name__}.{word}"
    found = python.resolve_any_xref(environment, reference["refdoc"], app.builder, target, reference, text)
    return found[0][1] if found else None


def plain_attributes(app: Sphinx, what: str, name: str, thing: object, options: object, lines: list[str]) -> None:
    """Keep napoleon from taking the words before a colon for an attribute's type."""
    if what == "attribute" and lines:
        lines[0] = lines[0].replace(": ", " \N{EN DASH} ")


def protocols_are_not_called(
    app: Sphinx, what: str, name: str, thing: object, options: object, arguments: str, result: str
) -> tuple[str, str] | None:
    """Show a port as a name: nobody makes one by calling it."""
    return ("", "") if what == "class" and getattr(thing, "_is_protocol", False) else None


def setup(app: Sphinx) -> None:
    """Add what this file defines."""
    app.connect("missing-reference", words_of_the_domain)
    app.connect("autodoc-process-docstring", plain_attributes, priority=400)
    app.connect("autodoc-process-signature", protocols_are_not_called)
