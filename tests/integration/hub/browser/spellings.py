"""Ways to write an address that may lead a browser away, though it looks as if it would not."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import product
from typing import Final
from urllib.parse import quote

HOST: Final = "{host}"
"""Stands for another host and its port."""
PREFIX: Final = "{prefix}"
"""Stands for the path of this service, with a slash at both ends."""

_SLASHES: Final = (
    *(
        "//",
        "///",
        "////",
        "/\\",
        "\\/",
        "\\\\",
        "\\",
        "/\\/",
        "\\/\\",
        "//\\",
        "\\\\/",
        "/\\\\",
        "///\\",
        "/./",
        "/.//",
    ),
    *(
        "/../",
        "/..//",
        "./",
        ".//",
        "..//",
        "../../..//",
        "/;/",
        "/;//",
        "/?//",
        "/#//",
        "//;@",
        "//:@",
        "/%09/",
        "/%0a/",
    ),
    *("/%0d/", "/%00/", "/%20/", "%2f/", "/%2f", "%2f%2f", "%5c", "/%5c", "%5c%5c", "%252f%252f", "/%252f", "%00//"),
    *(
        "%e3%80%82//",
        "\uff0f\uff0f",
        "/\uff0f",
        "\u2044\u2044",
        "\u2215\u2215",
        "\u29f8\u29f8",
        "\uff3c\uff3c",
        "/\uff3c",
        "\u3002//",
        "\u2215/",
    ),
)
"""What may stand where a host begins behind two slashes."""
_BLANKS: Final = (
    "\t",
    "\n",
    "\r",
    "\r\n",
    "\0",
    "\x0b",
    "\x0c",
    " ",
    "\xa0",
    "\u200b",
    "\u2028",
    "\ufeff",
    "\x08",
    "\x1f",
)
"""What browsers may leave out of an address, before or within it."""
_SCHEMES: Final = (
    *("http://{host}/", "HTTP://{host}/", "http:{host}", "http:/{host}/", "http:///{host}/", "http:\\\\{host}\\"),
    *(
        "https:{host}",
        "ftp://{host}/",
        "ws://{host}/",
        "file://{host}/",
        "view-source:http://{host}/",
        "blob:http://{host}/x",
    ),
    *("javascript:location='//{host}/'", "JaVaScRiPt:location='//{host}/'", "java\tscript:location='//{host}/'"),
    *(
        "data:text/html,<meta http-equiv=refresh content=0;url=//{host}/>",
        "vbscript:x",
        "about:blank",
        "://{host}/",
        ":{host}",
    ),
    *("http://{host}#{prefix}", "http://{host}?{prefix}", "ht\ntp://{host}/", "http:\t//{host}/", " http://{host}/"),
)
_HERE: Final = "127.0.0.1"
_PEOPLE: Final = (
    *(
        "//hub@{host}/",
        "//hub:8000@{host}/",
        f"//{_HERE}@{{host}}/",
        f"http://{_HERE}@{{host}}{{prefix}}",
        "//{host}@/",
    ),
    *(
        f"http://{_HERE}:x@{{host}}/",
        f"http://{_HERE}\\@{{host}}/",
        f"http://{_HERE}%40{{host}}/",
        f"//{_HERE}%00@{{host}}/",
    ),
    *(
        f"http://{{host}}\\@{_HERE}/",
        "http://{host}%2f@x/",
        "/@{host}/",
        "@{host}/",
        "{prefix}@{host}/",
        ".{host}",
        "@{host}",
    ),
)
_PREFIXES: Final = (
    *(
        "{prefix}/{host}/",
        "{prefix}//{host}/",
        "{prefix}\\{host}/",
        "{prefix}\\\\{host}",
        "{prefix}..//{host}/",
        "{prefix}../",
    ),
    *(
        "{prefix}../../../{host}/",
        "{prefix}%2e%2e/%2e%2e/%2e%2e//{host}/",
        "{prefix}.%2e/",
        "{prefix}..%2f..%2f/{host}/",
    ),
    *(
        "{prefix}..\\..\\..\\{host}",
        "{prefix}x/..//{host}/",
        "{prefix}./",
        "{prefix}x/./y",
        "{prefix}%2f{host}/",
        "{prefix}%5c{host}",
    ),
    *(
        "{prefix}login?next=//{host}/",
        "{prefix}login",
        "{prefix}logout",
        "{prefix}oauth_callback?next=//{host}/",
        "{prefix}log%69n",
    ),
    *(
        "/services/repo2docker.{host}/",
        "/services/repo2dockerx/",
        "/services/repo2docker@{host}/",
        "/services/repo2docker",
    ),
    *(
        "/hub/home",
        "/hub/logout",
        "/hub/login?next=//{host}/",
        "/user/bob/",
        "/",
        "",
        "/SERVICES/REPO2DOCKER/",
        "services/repo2docker/",
    ),
    *(
        "{prefix}?next=//{host}/",
        "{prefix}#//{host}/",
        "{prefix}builds?to=http://{host}/",
        "{prefix}x?//{host}",
        "{prefix}a;//{host}",
    ),
    *(
        "{prefix}?\r\nLocation: http://{host}/",
        "{prefix}\r\nLocation: //{host}/\r\n\r\n",
        "{prefix}%0d%0aLocation:%20//{host}/",
    ),
    *(
        "{prefix}é",
        "{prefix}é/../",
        "{prefix}%c0%af%c0%af{host}/",
        "{prefix}%ff",
        "{prefix}😀",
    ),
)
_LONG: Final = (
    *("{prefix}" + "a" * 499, "{prefix}" + "a" * 4000, "/" * 300 + "{host}/", "{prefix}" + "../" * 100 + "/{host}/"),
    *(
        "//{host}/" + "a" * 2000,
        "{prefix}" + "%2e%2e/" * 60,
        "{prefix}?" + "&next=//{host}/" * 20,
        "\t" * 200 + "//{host}/",
    ),
)
FAMILIES: Final[Mapping[str, tuple[str, ...]]] = {
    "slashes": tuple(f"{slashes}{HOST}/" for slashes in _SLASHES),
    "slashes behind a blank": tuple(f"{blank}{slashes}{HOST}/" for blank, slashes in product(_BLANKS, ("//", "/\\"))),
    "a blank between slashes": tuple(f"/{blank}/{HOST}/" for blank in _BLANKS),
    "a blank within the path": tuple(f"{PREFIX}{blank}/{HOST}/" for blank in _BLANKS),
    "schemes": _SCHEMES,
    "people": _PEOPLE,
    "prefixes": _PREFIXES,
    "long": _LONG,
}


def queries(family: str, host: str, prefix: str) -> Iterator[str]:
    """Give the query of a login for each spelling of a family, and for some a second time as they are."""
    for spelling in FAMILIES[family]:
        text = spelling.replace(HOST, host).replace(PREFIX, prefix)
        yield f"next={quote(text, safe='')}"
        if family == "people":
            yield f"next={prefix}&next={quote(text, safe='')}"
            yield f"next={text}"
