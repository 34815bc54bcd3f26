"""What is promised about a registry that goes away or collects garbage: `make reliability` in short."""

from __future__ import annotations

import pytest
from tools.reliability import garbage, registry_away
from tools.reliability.figures import missed
from tools.reliability.rig import Rig

pytestmark = pytest.mark.slow


def test_a_push_outlasts_a_registry_that_says_nothing_for_a_while(rig: Rig) -> None:
    assert missed(registry_away.run(rig, registry_away.SHORT)) == []


def test_images_stay_whole_while_garbage_is_collected_and_a_lost_one_is_never_called_good(rig: Rig) -> None:
    figures = garbage.run(rig, garbage.SHORT)

    assert missed(figures) == []
    [lost] = [figure.value for figure in figures if "found at once" in figure.what]
    assert lost >= 1
