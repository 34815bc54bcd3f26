"""What people at a hub build."""

from typing import Final

GIT: Final = "https://git.example.org/"
TEACHING: Final = f"{GIT}teaching/data-science"
OCEAN: Final = f"{GIT}climate-lab/ocean-heat"
CELLS: Final = f"{GIT}bio/single-cell"
BAYES: Final = f"{GIT}stats/bayes-workshop"
STARS: Final = f"{GIT}astro/light-curves"
THESIS: Final = f"{GIT}ada/thesis"
SHELL: Final = f"{GIT}tools/plain-shell"
HOUSES: Final = f"{GIT}econ/house-prices"
TYPO: Final = f"{GIT}climate-lab/river-floods"
ICE: Final = f"{GIT}climate-lab/sea-ice"
MAPS: Final = f"{GIT}geo/city-maps"
GENES: Final = f"{GIT}bio/gene-trees"
OLD_MAPS: Final = f"{GIT}geo/old-maps"
NEW: Final = f"{GIT}physics/pendulum"
AWAY: Final = f"{GIT}physics/away"
PASSWORD: Final = "a-token-of-ada"  # noqa: S105 - opens nothing but a pretended repository
"""Opens the thesis."""
