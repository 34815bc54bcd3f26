# ruff: noqa: E501  # it is what programs print
"""What programs really printed when they failed, shortened to the lines that matter; run on 2026-11-26."""

from typing import Final

from repo2docker_service.domain.failures.causes import CauseKind as Kind

# R 4.5.0 of Debian 13
R_LIBRARY: Final = "Error in library(ggplot22) : there is no package called 'ggplot22'\nExecution halted"
R_NAMESPACE: Final = """\
Error in loadNamespace(x) : there is no package called 'devtools'
Calls: loadNamespace -> withRestarts -> withOneRestart -> doWithOneRestart
Execution halted"""
R_DEPENDENCY: Final = """\
* installing to library '/usr/local/lib/R/site-library'
ERROR: dependency 'ggplot22' is not available for package 'needs'
Perhaps try a variation of:
install.packages('ggplot22')
* removing '/usr/local/lib/R/site-library/needs'"""
R_OFFLINE: Final = """\
Installing package into '/usr/local/lib/R/site-library'
(as 'lib' is unspecified)
Error: (converted from warning) unable to access index for repository http://127.0.0.1:9/src/contrib:
  cannot open URL 'http://127.0.0.1:9/src/contrib/PACKAGES'
Execution halted"""
R_MEMORY: Final = "Error: cannot allocate vector of size 7450580.6 Gb\nExecution halted"
R_HEADER: Final = """\
* installing *source* package 'sfx' ...
** libs
using C compiler: 'gcc (Debian 14.2.0-19) 14.2.0'
a.c:1:10: fatal error: nothere.h: No such file or directory
    1 | #include <nothere.h>
      |          ^~~~~~~~~~~
compilation terminated.
make: *** [/usr/lib/R/etc/Makeconf:202: a.o] Error 1
ERROR: compilation failed for package 'sfx'
* removing '/usr/local/lib/R/site-library/sfx'"""

# npm 9.2.0 of Debian 13, with another host; later releases write "npm error"
NPM_NAME: Final = """\
npm ERR! code E404
npm ERR! 404 Not Found - GET https://registry.example.org/reakt-x
npm ERR! 404
npm ERR! 404  'reakt-x@*' is not in this registry.
npm ERR! 404
npm ERR! 404 Note that you can also install from a
npm ERR! 404 tarball, folder, http url, or git url.

npm ERR! A complete log of this run can be found in:
npm ERR!     /root/.npm/_logs/2026-11-26T21_16_03_263Z-debug-0.log"""
NPM_VERSION: Final = """\
npm ERR! code ETARGET
npm ERR! notarget No matching version found for left-pad@99.0.0.
npm ERR! notarget In most cases you or one of your dependencies are requesting
npm ERR! notarget a package version that doesn't exist."""
NPM_CONFLICT: Final = """\
npm ERR! code ERESOLVE
npm ERR! ERESOLVE unable to resolve dependency tree
npm ERR!
npm ERR! Found: react@17.0.2
npm ERR! Could not resolve dependency:
npm ERR! peer react@"^18.3.1" from react-dom@18.3.1"""
NPM_FORM: Final = """\
npm ERR! code EJSONPARSE
npm ERR! path /n/package.json
npm ERR! JSON.parse Expected property name or '}' in JSON at position 2 while parsing '{ bad
npm ERR! JSON.parse Failed to parse JSON data."""
NPM_REFUSED: Final = """\
npm ERR!  FetchError: request to http://127.0.0.1:9/left-pad failed, reason: connect ECONNREFUSED 127.0.0.1:9
npm ERR!     at ClientRequest.<anonymous> (/usr/share/nodejs/minipass-fetch/lib/index.js:130:14)
npm ERR!   code: 'ECONNREFUSED',
npm ERR!   errno: 'ECONNREFUSED',
npm ERR! If you are behind a proxy, please make sure that the"""
NPM_OFFLINE: Final = """\
npm ERR! code ENOTFOUND
npm ERR! syscall getaddrinfo
npm ERR! network request to https://nothere.invalid/left-pad failed, reason: getaddrinfo ENOTFOUND nothere.invalid
npm ERR! network This is a problem related to network connectivity."""

# uv 0.13.9
UV_NAME: Final = """\
Using Python 3.11.7 environment at: w
error: No solution found when resolving dependencies
  cause: Because numpi-x was not found in the package registry and you require numpi-x, we can conclude that your requirements are unsatisfiable."""
UV_VERSION: Final = """\
error: No solution found when resolving dependencies
  cause: Because there is no version of six==99 and you require six==99, we can conclude that your requirements are unsatisfiable."""
UV_CONFLICT: Final = """\
error: No solution found when resolving dependencies
  cause: Because you require six>=1.16 and six<1.10, we can conclude that your requirements are unsatisfiable."""
UV_FORM: Final = """\
error: Couldn't parse requirement in `bad.txt` at position 0
  cause: no such comparison operator "=", must be one of ~= == != <= >= < > ===
         six=1.0
            ^^^^"""
UV_FILE: Final = "error: File not found: gone.txt"
UV_OFFLINE: Final = """\
error: Failed to fetch: https://nothere.invalid/simple/six-none/
  cause: error sending request for url (https://nothere.invalid/simple/six-none/)
  cause: client error (Connect)
  cause: dns error
  cause: failed to lookup address information: Name or service not known"""
UV_TOML: Final = """\
error: Failed to parse metadata from built wheel
  cause: Invalid `pyproject.toml`
  cause: TOML parse error at line 1, column 9
           |
         1 | [project
           |         ^
         unclosed table, expected `]`"""
UV_PYTHON: Final = """\
error: No solution found when resolving dependencies
  cause: Because the current Python version (3.11.7) does not satisfy Python>=3.99 and a==1 depends on Python>=3.99, we can conclude that a==1 cannot be used.
         And because only a==1 is available and you require a, we can conclude that your requirements are unsatisfiable."""
UV_NO_PYTHON: Final = "error: No interpreter found for Python 3.99 in managed installations or search path"

# conda 26.7.1 with its classic solver; mamba, which repo2docker uses, could not be had
CONDA_NAME: Final = """\
Collecting package metadata (repodata.json): ...working... done
Solving environment: ...working... failed

PackagesNotFoundInChannelsError: The following packages are not available from current channels:

  - numpi

Current channels:

  - file:///channel/linux-64"""
CONDA_CONFLICT: Final = """\
Found conflicts! Looking for incompatible packages.
This can take several minutes.  Press CTRL-C to abort.
UnsatisfiableError: Conda could not find a compatible set of packages to satisfy the requested specifications.

Next steps:
  - (review_conflicting_specs) Review the conflicting specifications above and adjust version ranges or package names."""
CONDA_SPEC: Final = "InvalidMatchSpec: Invalid spec 'tz=1==': Invalid version '1==': invalid character(s)"
CONDA_FORM: Final = """\
EnvironmentSpecPluginNotDetected: Unable to detect the environment format for the provided file.
Please add to your prior command: --env-spec <format>"""
CONDA_FILE: Final = "EnvironmentFileNotFound: '/src/gone.yml' file not found"
CONDA_OFFLINE: Final = """\
CondaHTTPError: HTTP 000 CONNECTION FAILED for url <https://channel.example.org/linux-64/current_repodata.json>
Elapsed: -

An HTTP error occurred when trying to retrieve this URL.
HTTP errors are often intermittent, and a simple retry will get you on your way."""

# pip 25.1.1 with Python 3.13, with another host
PIP_VERSION: Final = """\
ERROR: Could not find a version that satisfies the requirement tensorflow==1.15 (from versions: 2.20.0rc0, 2.20.0, 2.21.0)
ERROR: No matching distribution found for tensorflow==1.15"""
PIP_CERTIFICATE: Final = """\
Could not fetch URL https://index.example.org/simple/numpi/: There was a problem confirming the ssl certificate: HTTPSConnectionPool(host='index.example.org', port=443): Max retries exceeded with url: /simple/numpi/ (Caused by SSLError(SSLCertVerificationError(1, '[SSL: CERTIFICATE_VERIFY_FAILED] certificate verify failed: self-signed certificate in certificate chain (_ssl.c:1029)'))) - skipping
ERROR: Could not find a version that satisfies the requirement numpi (from versions: none)
ERROR: No matching distribution found for numpi"""
PIP_METADATA: Final = """\
      ModuleNotFoundError: No module named 'distutils.msvccompiler'
      [end of output]
  note: This error originates from a subprocess, and is likely not a problem with pip.
error: metadata-generation-failed
note: This is an issue with the package mentioned above, not pip.
hint: See above for details."""

# Python 3.13, whose child the kernel had killed in a control group of 300 MiB
CHILD_KILLED: Final = """\
Traceback (most recent call last):
  File "/usr/lib/python3.13/subprocess.py", line 577, in run
    raise CalledProcessError(retcode, process.args,
                             output=stdout, stderr=stderr)
subprocess.CalledProcessError: Command '['python3', 'compile.py']' died with <Signals.SIGKILL: 9>."""

# apt of Debian 13
APT_VERSION: Final = """\
Reading package lists...
Building dependency tree...
Package git is not available, but is referred to by another package.
However the following packages replace it:
  git-svn

E: Version '1:99' for 'git' was not found"""

PRINTED: Final = {
    "R, a library that is not there": (R_LIBRARY, Kind.PACKAGE_NOT_FOUND, "'ggplot22'"),
    "R, a helper that is not there": (R_NAMESPACE, Kind.PACKAGE_NOT_FOUND, "'devtools'"),
    "R, a dependency that is not there": (R_DEPENDENCY, Kind.PACKAGE_NOT_FOUND, "'ggplot22' is not available"),
    "R without a network": (R_OFFLINE, Kind.NETWORK, "unable to access index"),
    "R without memory": (R_MEMORY, Kind.OUT_OF_MEMORY, "7450580.6 Gb"),
    "R, a header that is missing": (R_HEADER, Kind.NOT_COMPILED, "nothere.h"),
    "npm, an unknown name": (NPM_NAME, Kind.PACKAGE_NOT_FOUND, "'reakt-x@*'"),
    "npm, an unknown version": (NPM_VERSION, Kind.PACKAGE_NOT_FOUND, "left-pad@99.0.0"),
    "npm with a conflict": (NPM_CONFLICT, Kind.PACKAGES_CONFLICT, "ERESOLVE"),
    "npm, a file it cannot read": (NPM_FORM, Kind.ENVIRONMENT_FILE, "EJSONPARSE"),
    "npm without a registry": (NPM_REFUSED, Kind.NETWORK, "ECONNREFUSED"),
    "npm without a network": (NPM_OFFLINE, Kind.NETWORK, "ENOTFOUND"),
    "uv, an unknown name": (UV_NAME, Kind.PACKAGE_NOT_FOUND, "numpi-x was not found"),
    "uv, an unknown version": (UV_VERSION, Kind.PACKAGE_NOT_FOUND, "no version of six==99"),
    "uv with a conflict": (UV_CONFLICT, Kind.PACKAGES_CONFLICT, "six>=1.16 and six<1.10"),
    "uv, a wish it cannot read": (UV_FORM, Kind.ENVIRONMENT_FILE, "`bad.txt`"),
    "uv, a list that is not there": (UV_FILE, Kind.FILE_MISSING, "gone.txt"),
    "uv without a network": (UV_OFFLINE, Kind.NETWORK, "Name or service not known"),
    "uv, a project it cannot read": (UV_TOML, Kind.ENVIRONMENT_FILE, "line 1, column 9"),
    "uv, a package for another Python": (UV_PYTHON, Kind.LANGUAGE_VERSION, "Python>=3.99"),
    "uv, a Python that is not there": (UV_NO_PYTHON, Kind.LANGUAGE_VERSION, "Python 3.99"),
    "conda, an unknown name": (CONDA_NAME, Kind.PACKAGE_NOT_FOUND, "PackagesNotFoundInChannelsError"),
    "conda with a conflict": (CONDA_CONFLICT, Kind.PACKAGES_CONFLICT, "compatible set of packages"),
    "conda, a wish it cannot read": (CONDA_SPEC, Kind.ENVIRONMENT_FILE, "'tz=1=='"),
    "conda, a file it cannot read": (CONDA_FORM, Kind.ENVIRONMENT_FILE, "environment format"),
    "conda, a file that is not there": (CONDA_FILE, Kind.FILE_MISSING, "gone.yml"),
    "conda without a network": (CONDA_OFFLINE, Kind.NETWORK, "HTTP 000"),
    "pip, an unknown version": (PIP_VERSION, Kind.PACKAGE_NOT_FOUND, "tensorflow==1.15"),
    "pip and a certificate nobody knows": (PIP_CERTIFICATE, Kind.NETWORK, "confirming the ssl certificate"),
    "pip, a package that is too old to install": (PIP_METADATA, Kind.NOT_COMPILED, "metadata-generation-failed"),
    "Python, a child that was killed": (CHILD_KILLED, Kind.OUT_OF_MEMORY, "SIGKILL"),
    "apt, an unknown version": (APT_VERSION, Kind.PACKAGE_NOT_FOUND, "'1:99' for 'git'"),
}
"""By what failed: what was printed, the kind, and something of the line."""
