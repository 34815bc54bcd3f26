# ruff: noqa: RUF001, E501  # it is what programs print
"""Ends of logs of builds that failed, written as programs print them: the kind and the line to be found in each."""

from typing import Final

from repo2docker_service.domain.failures.causes import CauseKind as Kind


def step(command: str, printed: str, code: int = 1) -> str:
    """Write what BuildKit tells of a step that prints something and fails."""
    lines = printed.strip("\n").split("\n")
    told = "\n".join(f"#9 {place}.250 {line}" for place, line in enumerate(lines))
    again = "\n".join(f"{place}.250 {line}" for place, line in enumerate(lines))
    error = f'ERROR: process "/bin/sh -c {command}" did not complete successfully: exit code: {code}'
    return f"""\
#8 [4/9] RUN echo before
#8 0.100 before
#8 DONE 0.2s

#9 [5/9] RUN {command}
{told}
#9 {error}
------
 > [5/9] RUN {command}:
{again}
------
Dockerfile:5
--------------------
   3 |     RUN echo before
   5 | >>> RUN {command}
--------------------
ERROR: failed to build: failed to solve: {error.removeprefix("ERROR: ")}
A step of the build failed."""


def tool(text: str) -> str:
    """Write what BuildKit tells where no step has run."""
    return f"""\
#1 [internal] load build definition from Dockerfile
#1 transferring dockerfile: 300B done
#1 DONE 0.0s
{text}
A step of the build failed."""


PIP: Final = step(
    "${KERNEL_PYTHON_PREFIX}/bin/pip install --no-cache-dir -r requirements.txt",
    """
Collecting numpy (from -r requirements.txt (line 1))
  Downloading numpy-2.3.0-cp312-cp312-manylinux_2_28_x86_64.whl (16.6 MB)
ERROR: Could not find a version that satisfies the requirement numpi==1.0 (from versions: none)
ERROR: No matching distribution found for numpi==1.0
""",
)
PIP_OFFLINE: Final = step(
    "pip install numpy",
    """
WARNING: Retrying (Retry(total=0, connect=None)) after connection broken by 'NewConnectionError('<pip._vendor.urllib3.\
connection.HTTPSConnection object at 0x7f>: Failed to establish a new connection: [Errno -3] Temporary failure in name \
resolution')': /simple/numpy/
ERROR: Could not find a version that satisfies the requirement numpy (from versions: none)
ERROR: No matching distribution found for numpy
""",
)
PIP_CONFLICT: Final = step(
    "pip install -r requirements.txt",
    """
ERROR: Cannot install -r requirements.txt (line 1) and numpy==1.20 because these package versions have conflicting \
dependencies.
The conflict is caused by:
    The user requested numpy==1.20
    pandas 2.2.0 depends on numpy<2 and >=1.22.4
ERROR: ResolutionImpossible: for help visit the documentation
""",
)
PIP_FORM: Final = step(
    "pip install -r requirements.txt",
    "ERROR: Invalid requirement: 'numpy=1.0': Expected end or semicolon (after name and no valid version specifier)\n"
    "    numpy=1.0\n         ^ (from line 1 of requirements.txt)\nHint: = is not a valid operator. Did you mean == ?",
)
PIP_PYTHON: Final = step("pip install .", "ERROR: Package 'example' requires a different Python: 3.12.4 not in '<3.10'")
PIP_COMPILER: Final = step(
    "pip install psycopg2",
    """
  Building wheel for psycopg2 (setup.py): finished with status 'error'
  error: subprocess-exited-with-error
      In file included from psycopg/adapter_asis.c:28:
      ./psycopg/psycopg.h:35:10: fatal error: Python.h: No such file or directory
         35 | #include <Python.h>
      compilation terminated.
      error: command '/usr/bin/gcc' failed with exit code 1
  ERROR: Failed building wheel for psycopg2
""",
)
PIP_FILE: Final = step(
    "pip install -r other.txt",
    "ERROR: Could not open requirements file: [Errno 2] No such file or directory: 'other.txt'",
)
MAMBA: Final = step(
    'TIMEFORMAT="time: %3R" bash -c "time ${MAMBA_EXE} env update -p ${NB_PYTHON_PREFIX} --file environment.yml"',
    """
conda-forge/linux-64                                        Using cache
error    libmamba Could not solve for environment specs
    The following packages are incompatible
    ├─ numpy =* * is requested and can be installed;
    └─ numpi =* * does not exist (perhaps a typo or a missing channel).
critical libmamba Could not solve for environment specs
""",
)
MAMBA_PYTHON: Final = step(
    "mamba env update",
    """
error    libmamba Could not solve for environment specs
    The following package could not be installed
    └─ python =3.99 * does not exist (perhaps a typo or a missing channel).
critical libmamba Could not solve for environment specs
""",
)
MAMBA_CONFLICT: Final = step(
    "mamba env update",
    """
Could not solve for environment specs
The following packages are incompatible
├─ numpy 1.16**  is requested and can be installed;
└─ pandas 2.2**  is not installable because it requires
   └─ numpy >=1.22.4,<2 , which conflicts with any installable versions previously reported.
""",
)
CONDA: Final = step(
    "conda env update --file environment.yml",
    """
PackagesNotFoundError: The following packages are not available from current channels:

  - numpi
""",
)
CONDA_YAML: Final = step(
    "conda env update --file environment.yml",
    """
    raise ScannerError(None, None,
ruamel_yaml.scanner.ScannerError: mapping values are not allowed here
  in "<unicode string>", line 4, column 11:
""",
)
APT: Final = step(
    "apt-get -qq update && apt-get -qq install --yes --no-install-recommends graphwiz",
    "E: Unable to locate package graphwiz",
    100,
)
APT_OFFLINE: Final = step(
    "apt-get update && apt-get install -y git",
    """
Err:1 http://deb.debian.org/debian trixie InRelease
  Temporary failure resolving 'deb.debian.org'
W: Some index files failed to download. They have been ignored, or old ones used instead.
E: Unable to locate package git
""",
    100,
)
APT_ROOT: Final = step(
    "apt-get install -y git",
    "E: Could not open lock file /var/lib/dpkg/lock-frontend - open (13: Permission denied)\n"
    "E: Unable to acquire the dpkg frontend lock (/var/lib/dpkg/lock-frontend), are you root?",
    100,
)
APT_DISK: Final = step(
    "apt-get install -y texlive-full", "E: You don't have enough free space in /var/cache/apt/archives/.", 100
)
R: Final = step(
    "Rscript install.R",
    """
Installing package into ‘/usr/local/lib/R/site-library’
Warning message:
package ‘ggplot22’ is not available for this version of R
Error in library(ggplot22) : there is no package called ‘ggplot22’
Execution halted
""",
)
R_COMPILER: Final = step(
    "Rscript install.R", "make: *** [sf.so] Error 1\nERROR: compilation failed for package ‘sf’\nExecution halted"
)
R_OFFLINE: Final = step(
    "Rscript install.R",
    "Warning: unable to access index for repository https://cran.example.org/src/contrib:\n"
    "  cannot open URL 'https://cran.example.org/src/contrib/PACKAGES'\nError: package installation failed",
)
R_MEMORY: Final = step("Rscript load.R", "Error: cannot allocate vector of size 14.9 Gb\nExecution halted")
JULIA: Final = step(
    "julia --project -e 'using Pkg; Pkg.instantiate()'",
    "ERROR: The following package names could not be resolved:\n * Plotz (not found in project, manifest or registry)",
)
NPM: Final = step(
    "npm install",
    "npm error code E404\nnpm error 404 Not Found - GET https://packages.example.org/reakt - Not found",
)
UV: Final = step(
    "uv pip install numpi",
    "  × No solution found when resolving dependencies:\n"
    "  ╰─▶ Because numpi was not found in the package registry and you require numpi, we can conclude that your\n"
    "      requirements are unsatisfiable.",
)
DISK: Final = step("dd if=/dev/zero of=/big", "dd: error writing '/big': No space left on device")
WRITE: Final = tool(
    "#7 ERROR: failed to copy files: copy file range failed: no space left on device\n"
    "ERROR: failed to build: failed to solve: failed to copy files: copy file range failed: no space left on device"
)
KILLED: Final = step("python train.py", "epoch 1", 137)
CHILD_KILLED: Final = step("make -j8", "c++: fatal error: Killed signal terminated program cc1plus")
PYTHON_MEMORY: Final = step(
    "python train.py", 'Traceback (most recent call last):\n  File "train.py", line 1, in <module>\nMemoryError'
)
UNKNOWN_INSTRUCTION: Final = tool("""\
Dockerfile:3
--------------------
   1 |     FROM debian:13
   3 | >>> RUNN echo
--------------------
ERROR: failed to build: failed to solve: dockerfile parse error on line 3: unknown instruction: RUNN (did you mean RUN?)""")
NO_BASE: Final = tool("""\
#2 [internal] load metadata for docker.io/library/nothere:1
#2 ERROR: docker.io/library/nothere:1: not found
------
 > [internal] load metadata for docker.io/library/nothere:1:
------
ERROR: failed to build: failed to solve: nothere:1: failed to resolve source metadata for docker.io/library/nothere:1: \
docker.io/library/nothere:1: not found""")
CLOSED_BASE: Final = tool("""\
#2 [internal] load metadata for docker.io/ada/closed:latest
#2 ERROR: pull access denied, repository does not exist or may require authorization: server message: \
insufficient_scope: authorization failed
ERROR: failed to build: failed to solve: ada/closed: pull access denied, repository does not exist or may require \
authorization: server message: insufficient_scope: authorization failed""")
BASE_OFFLINE: Final = tool("""\
#2 [internal] load metadata for registry.example.org/base:1
#2 ERROR: failed to do request: Head "https://registry.example.org/v2/base/manifests/1": dial tcp: lookup \
registry.example.org on 10.0.0.2:53: no such host
ERROR: failed to build: failed to solve: registry.example.org/base:1: failed to resolve source metadata for \
registry.example.org/base:1: failed to do request: Head "https://registry.example.org/v2/base/manifests/1": dial tcp: \
lookup registry.example.org on 10.0.0.2:53: no such host""")
EARLIER_NO_BASE: Final = tool("""\
#3 [internal] load metadata for 127.0.0.1:5000/nothere:1
#3 ERROR: 127.0.0.1:5000/nothere:1: not found
------
 > [internal] load metadata for 127.0.0.1:5000/nothere:1:
------
ERROR: failed to solve: rpc error: code = Unknown desc = failed to solve with frontend dockerfile.v0: failed to create LLB \
definition: 127.0.0.1:5000/nothere:1: not found""")
BASE_ILL: Final = tool("""\
#2 [internal] load metadata for registry.example.org/base:1
#2 ERROR: unexpected status from HEAD request to https://registry.example.org/v2/base/manifests/1: 503 Service Unavailable
ERROR: failed to build: failed to solve: registry.example.org/base:1: failed to resolve source metadata for \
registry.example.org/base:1: unexpected status from HEAD request to https://registry.example.org/v2/base/manifests/1: 503 \
Service Unavailable""")
EARLIER_BASE_ILL: Final = tool("""\
#3 [internal] load metadata for 127.0.0.1:5000/a/b:1
#3 ERROR: pulling from host 127.0.0.1:5000 failed with status code [manifests 1]: 503 Service Unavailable
------
 > [internal] load metadata for 127.0.0.1:5000/a/b:1:
------
ERROR: failed to solve: rpc error: code = Unknown desc = failed to solve with frontend dockerfile.v0: failed to create LLB \
definition: pulling from host 127.0.0.1:5000 failed with status code [manifests 1]: 503 Service Unavailable""")
EARLIER_BASE_MUTE: Final = tool("""\
#3 [internal] load metadata for 127.0.0.1:5000/a/b:1
#3 ERROR: failed to do request: Head "http://127.0.0.1:5000/v2/a/b/manifests/1": EOF
------
 > [internal] load metadata for 127.0.0.1:5000/a/b:1:
------
ERROR: failed to solve: rpc error: code = Unknown desc = failed to solve with frontend dockerfile.v0: failed to create LLB \
definition: failed to do request: Head "http://127.0.0.1:5000/v2/a/b/manifests/1": EOF""")
EARLIER_LIE: Final = """\
#5 [2/2] RUN echo 'ERROR: dockerfile parse error'; exit 3
#5 0.705 ERROR: dockerfile parse error
#5 ERROR: executor failed running [/bin/sh -c echo 'ERROR: dockerfile parse error'; exit 3]: exit code: 3
------
 > [2/2] RUN echo 'ERROR: dockerfile parse error'; exit 3:
0.705 ERROR: dockerfile parse error
------
ERROR: failed to solve: executor failed running [/bin/sh -c echo 'ERROR: dockerfile parse error'; exit 3]: exit code: 3
A step of the build failed."""
NO_COPY: Final = tool("""\
#7 [3/4] COPY data.csv /data/
#7 ERROR: failed to calculate checksum of ref kk2::zz9: "/data.csv": not found
ERROR: failed to build: failed to solve: failed to compute cache key: failed to calculate checksum of ref kk2::zz9: \
"/data.csv": not found""")
LIST: Final = """\
Using CondaBuildPack builder
  File "/src/repo2docker/buildpacks/conda/__init__.py", line 211, in environment_yaml
    raise ValueError(
ValueError: environment.yml should contain a dictionary. Got <class 'list'>
The build failed."""
YAML: Final = """\
    raise ScannerError(None, None,
ruamel.yaml.scanner.ScannerError: mapping values are not allowed here
  in "environment.yml", line 4, column 11"""
RUNTIME: Final = """\
Building conda environment for python=3.99
Traceback (most recent call last):
  File "/src/repo2docker/buildpacks/conda/__init__.py", line 193, in get_build_script_files
    raise ValueError(
ValueError: Python version 3.99 on linux-64 is not supported!"""
NOTHING: Final = """\
No environment specification found. See https://repo2docker.readthedocs.io/en/latest/configuration/ for supported files.
"""
ODD: Final = """\
Traceback (most recent call last):
  File "/src/repo2docker/app.py", line 800, in build
    raise OddError("odd")
OddError: this is odd"""
COMMAND: Final = step("jupiter lab build", "/bin/sh: 1: jupiter: not found", 127)
SILENT_COMMAND: Final = step("jupiter lab build", "", 127)
POST_BUILD: Final = step("./postBuild", "/bin/bash: line 1: ./postBuild: Permission denied", 126)
OWN: Final = step("python prepare.py", "reading\nAssertionError: no data for 2019\n")

SAMPLES: Final = {
    "pip": (PIP, Kind.PACKAGE_NOT_FOUND, "requirement numpi==1.0"),
    "pip without a network": (PIP_OFFLINE, Kind.NETWORK, "Temporary failure in name resolution"),
    "pip with a conflict": (PIP_CONFLICT, Kind.PACKAGES_CONFLICT, "numpy==1.20 because"),
    "a line pip cannot read": (PIP_FORM, Kind.ENVIRONMENT_FILE, "'numpy=1.0'"),
    "a package for another Python": (PIP_PYTHON, Kind.LANGUAGE_VERSION, "3.12.4 not in '<3.10'"),
    "a header that is missing": (PIP_COMPILER, Kind.NOT_COMPILED, "Python.h"),
    "a list that is missing": (PIP_FILE, Kind.FILE_MISSING, "other.txt"),
    "mamba": (MAMBA, Kind.PACKAGE_NOT_FOUND, "└─ numpi =* *"),
    "mamba, a Python that is not there": (MAMBA_PYTHON, Kind.LANGUAGE_VERSION, "python =3.99"),
    "mamba with a conflict": (MAMBA_CONFLICT, Kind.PACKAGES_CONFLICT, "pandas 2.2**"),
    "conda": (CONDA, Kind.PACKAGE_NOT_FOUND, "PackagesNotFoundError"),
    "YAML that conda cannot read": (CONDA_YAML, Kind.ENVIRONMENT_FILE, "mapping values"),
    "apt": (APT, Kind.PACKAGE_NOT_FOUND, "graphwiz"),
    "apt without a network": (APT_OFFLINE, Kind.NETWORK, "deb.debian.org"),
    "apt without rights": (APT_ROOT, Kind.NOT_PERMITTED, "Permission denied"),
    "apt with a full disk": (APT_DISK, Kind.DISK_FULL, "enough free space"),
    "R": (R, Kind.PACKAGE_NOT_FOUND, "ggplot22"),
    "R that compiles": (R_COMPILER, Kind.NOT_COMPILED, "‘sf’"),
    "R without a network": (R_OFFLINE, Kind.NETWORK, "unable to access index"),
    "R without memory": (R_MEMORY, Kind.OUT_OF_MEMORY, "14.9 Gb"),
    "Julia": (JULIA, Kind.PACKAGE_NOT_FOUND, "could not be resolved"),
    "npm": (NPM, Kind.PACKAGE_NOT_FOUND, "reakt"),
    "uv": (UV, Kind.PACKAGE_NOT_FOUND, "numpi was not found"),
    "a full disk": (DISK, Kind.DISK_FULL, "/big"),
    "a full disk while copying": (WRITE, Kind.DISK_FULL, "copy file range"),
    "a step that was killed": (KILLED, Kind.OUT_OF_MEMORY, "exit code: 137"),
    "a compiler that was killed": (CHILD_KILLED, Kind.OUT_OF_MEMORY, "cc1plus"),
    "Python without memory": (PYTHON_MEMORY, Kind.OUT_OF_MEMORY, "MemoryError"),
    "an unknown instruction": (UNKNOWN_INSTRUCTION, Kind.DOCKERFILE, "unknown instruction: RUNN"),
    "no base image": (NO_BASE, Kind.BASE_IMAGE_MISSING, "nothere:1"),
    "no base image, told by an earlier release": (EARLIER_NO_BASE, Kind.BASE_IMAGE_MISSING, "nothere:1"),
    "a lie, told by an earlier release": (EARLIER_LIE, Kind.STEP_FAILED, "ERROR: dockerfile parse error"),
    "a base image for others": (CLOSED_BASE, Kind.BASE_IMAGE_MISSING, "pull access denied"),
    "a base image of a registry that is ill": (BASE_ILL, Kind.NETWORK, "503 Service Unavailable"),
    "the same, told by an earlier release": (EARLIER_BASE_ILL, Kind.NETWORK, "503 Service Unavailable"),
    "a base image of a registry that hangs up": (EARLIER_BASE_MUTE, Kind.NETWORK, "EOF"),
    "a base image out of reach": (BASE_OFFLINE, Kind.NETWORK, "no such host"),
    "a file to copy that is not there": (NO_COPY, Kind.FILE_MISSING, "/data.csv"),
    "an environment that is a list": (LIST, Kind.ENVIRONMENT_FILE, "<class 'list'>"),
    "an environment that is no YAML": (YAML, Kind.ENVIRONMENT_FILE, "mapping values"),
    "a Python that repo2docker does not know": (RUNTIME, Kind.LANGUAGE_VERSION, "Python version 3.99"),
    "nothing to build": (NOTHING, Kind.UNSUITABLE, "No environment specification"),
    "something nobody thought of": (ODD, Kind.UNSUITABLE, "OddError: this is odd"),
    "an unknown command": (COMMAND, Kind.COMMAND_NOT_FOUND, "jupiter: not found"),
    "an unknown command that nobody named": (SILENT_COMMAND, Kind.COMMAND_NOT_FOUND, "exit code: 127"),
    "a script without its mode": (POST_BUILD, Kind.NOT_PERMITTED, "./postBuild"),
    "a mistake of its own": (OWN, Kind.STEP_FAILED, "AssertionError: no data for 2019"),
}
"""By what failed: the log, the kind, and something of the line."""
