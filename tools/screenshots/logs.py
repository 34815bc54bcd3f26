"""What repo2docker prints, for builds that are pretended."""

from __future__ import annotations

from typing import Final

BUILDING: Final = (
    "Picked Git content provider.",
    "Cloning into '/tmp/repo2docker'...",
    "HEAD is now at 4be1c90 Add the ice edge of last winter",
    "Using PythonBuildPack builder",
    "#1 [internal] load build definition from Dockerfile",
    "#1 transferring dockerfile: 5.84kB done",
    "#1 DONE 0.0s",
    "",
    "#2 [ 1/13] FROM docker.io/library/buildpack-deps:24.04",
    "#2 CACHED",
    "",
    "#3 [ 2/13] RUN apt-get -qq update && apt-get -qq install --yes locales",
    "#3 CACHED",
    "",
    "#4 [ 3/13] RUN TIMEFORMAT='time: %3R' bash -c 'time /tmp/install-base-env.bash'",
    "#4 0.412 + MICROMAMBA_VERSION=2.1.1",
    "#4 61.90 Transaction finished",
    "#4 DONE 64.2s",
    "",
    "#5 [ 4/13] COPY --chown=1000:1000 src/ ${REPO_DIR}/",
    "#5 DONE 0.3s",
    "",
    "#6 [ 5/13] RUN ${KERNEL_PYTHON_PREFIX}/bin/pip install --no-cache-dir -r requirements.txt",
    "#6 1.204 Collecting xarray==2025.7.1",
    "#6 1.377   Downloading xarray-2025.7.1-py3-none-any.whl (1.3 MB)",
    "#6 1.861 Collecting cartopy==0.25.0",
    "#6 2.113   Downloading cartopy-0.25.0-cp312-cp312-manylinux_2_28_x86_64.whl (11.7 MB)",
    "#6 3.020      \x1b[32m━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━\x1b[0m \x1b[32m11.7/11.7 MB\x1b[0m 42.8 MB/s",
    "#6 3.498 Collecting netCDF4",
    "#6 3.702   Downloading netCDF4-1.7.2-cp312-cp312-manylinux_2_17_x86_64.whl (9.1 MB)",
    "#6 4.610 Collecting pandas>=2.2",
    "#6 4.822   Downloading pandas-2.3.1-cp312-cp312-manylinux_2_17_x86_64.whl (12.0 MB)",
    "#6 6.101 Installing collected packages: xarray, cartopy, netCDF4, pandas",
)
FAILING: Final = (
    *BUILDING[:22],
    "#6 [ 5/13] RUN ${KERNEL_PYTHON_PREFIX}/bin/pip install --no-cache-dir -r requirements.txt",
    "#6 1.204 Collecting matplotlib==3.10.3",
    "#6 1.377   Downloading matplotlib-3.10.3-cp312-cp312-manylinux_2_17_x86_64.whl (8.6 MB)",
    "#6 2.260 \x1b[31mERROR: Could not find a version that satisfies numpi==2.3.1 (from versions: none)\x1b[0m",
    "#6 2.261 \x1b[31mERROR: No matching distribution found for numpi==2.3.1\x1b[0m",
    '#6 ERROR: process "/bin/sh -c pip install -r requirements.txt" did not complete successfully: exit code: 1',
)
SUCCEEDING: Final = (
    *BUILDING,
    "#6 9.870 Successfully installed cartopy-0.25.0 netCDF4-1.7.2 pandas-2.3.1 xarray-2025.7.1",
    "#6 DONE 12.6s",
    "",
    "#7 exporting to image",
    "#7 exporting layers",
    "#7 DONE 18.3s",
)
