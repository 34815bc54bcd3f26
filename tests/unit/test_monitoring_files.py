"""Whether the dashboard and the alerts speak of figures that there are, with labels and values that these have."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

import pytest
import yaml

from repo2docker_service.domain.models import BuildState, Reason
from repo2docker_service.domain.overview.readiness import PARTS
from repo2docker_service.entrypoints.http.monitoring.figures import PREFIX, Figures

FOLDER: Final = Path(__file__).parents[2] / "docs" / "how-to"
DASHBOARD: Final = json.loads((FOLDER / "monitoring" / "grafana-dashboard.json").read_text())
RULES: Final = yaml.safe_load((FOLDER / "monitoring" / "prometheus-rules.yaml").read_text())
OF_PROMETHEUS: Final = {"job", "instance", "le"}
SUFFIXES: Final = {"counter": ["_total"], "histogram": ["_bucket", "_sum", "_count"], "gauge": [""], "info": ["_info"]}
VALUES: Final[Mapping[str, set[str]]] = {
    "state": set(BuildState),
    "reason": {*Reason, ""},
    "part": {*PARTS},
    "code": {"500"},
}


def figures() -> dict[str, set[str]]:
    """Give the labels of each figure, by the name of what Prometheus reads."""
    metrics = [metric for metric in vars(Figures()).values() if hasattr(metric, "_labelnames")]
    told = {
        family.name + suffix: set(metric._labelnames)
        for metric in metrics
        for family in metric.describe()
        for suffix in SUFFIXES[family.type]
    }
    return told | {f"{PREFIX}_info": {"version"}}


def shown() -> Iterator[str]:
    for panel in DASHBOARD["panels"]:
        yield from (target["expr"] for target in panel["targets"])


def rules() -> list[dict[str, Any]]:
    return [rule for group in RULES["groups"] for rule in group["rules"]]


EXPRESSIONS: Final = [*shown(), *(rule["expr"] for rule in rules())]


def named(expression: str) -> set[str]:
    return set(re.findall(rf"{PREFIX}_\w+", expression))


@pytest.mark.parametrize("expression", EXPRESSIONS)
def test_an_expression_speaks_of_figures_labels_and_values_that_there_are(expression: str) -> None:
    known = figures()
    names = named(expression)
    assert names <= known.keys()
    labels = set().union(*(known[name] for name in names)) | OF_PROMETHEUS

    grouped = {label.strip() for inner in re.findall(r"\bby \(([^)]*)\)", expression) for label in inner.split(",")}
    chosen = dict(re.findall(r'(\w+)(?:=~|!=|=)"([^"]*)"', expression))
    assert grouped | chosen.keys() <= labels
    for label, value in chosen.items():
        if label in VALUES:
            assert set(value.split("|")) <= VALUES[label]


def test_what_is_said_of_builds_is_never_a_sum_over_replicas() -> None:
    for expression in EXPRESSIONS:
        if f"{PREFIX}_build" in expression:
            assert "max" in expression
            assert all("instance" in inner for inner in re.findall(r"\bsum by \(([^)]*)\)", expression))


def test_every_figure_is_shown_and_described() -> None:
    described = (FOLDER / "monitor.md").read_text()
    families = {re.sub("_(bucket|sum|count)$", "", name) for name in figures()}
    on_the_dashboard = {
        re.sub("_(bucket|sum|count)$", "", name) for expression in shown() for name in named(expression)
    }

    assert families == on_the_dashboard
    assert [name for name in families if f"`{name.removeprefix(f'{PREFIX}_')}`" not in described] == []


def test_alerts_have_names_of_their_own_and_say_what_to_do() -> None:
    assert len({rule["alert"] for rule in rules()}) == len(rules())
    for rule in rules():
        assert rule["labels"]["severity"] in {"warning", "critical"}
        assert rule["annotations"].keys() == {"summary", "description"}


def test_panels_do_not_overlap() -> None:
    taken: set[tuple[int, int]] = set()
    for panel in DASHBOARD["panels"]:
        place = panel["gridPos"]
        cells = {
            (x, y)
            for x in range(place["x"], place["x"] + place["w"])
            for y in range(place["y"], place["y"] + place["h"])
        }
        assert place["x"] + place["w"] <= 24
        assert not cells & taken
        taken |= cells
    assert len({panel["id"] for panel in DASHBOARD["panels"]}) == len(DASHBOARD["panels"])
