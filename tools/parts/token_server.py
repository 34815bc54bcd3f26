"""A token server, as registries with token authentication have one, which can also behave badly.

It needs PyJWT, which the tests bring.
"""

from __future__ import annotations

import base64
import json
import secrets
import ssl
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import jwt

from .certificates import Certificate, authority
from .quiet_server import serving
from .registry import TokenAuth

SERVICE = "registry of the tests"
ISSUER = "token server of the tests"


@dataclass(frozen=True, slots=True)
class TokenRequest:
    """What somebody asked for; `fields` is the query, or the form of a POST."""

    method: str
    fields: Mapping[str, list[str]]
    authorization: str

    @property
    def scopes(self) -> list[str]:
        """What shall be allowed, one item each."""
        return " ".join(self.fields.get("scope", [])).split()


@dataclass
class TokenServer:
    """A running server; tests may change all of it at any time."""

    certificate: Certificate
    port: int = 0
    users: dict[str, str] = field(default_factory=lambda: {"ada": "pass"})
    refresh_tokens: dict[str, str] = field(default_factory=dict)
    """From identity token to the user who has it."""
    public: set[str] = field(default_factory=set)
    """Repositories that everybody may pull from."""
    denied: set[str] = field(default_factory=set)
    """Scopes that nobody gets, though the answer does not say so."""
    lifetime: float = 300
    """Seconds for which the registry accepts a token; registries forgive about 60 more."""
    expires_in: int | None = 300
    """What the answer says about that, in seconds, if anything."""
    names: tuple[str, ...] = ("token", "access_token")
    """Under which names the answer has the token."""
    posts: bool = True
    """Whether it knows the newer way to ask."""
    status: int = 200
    """The status it answers with; 200 is to do as it should."""
    delay: float = 0
    """Seconds before it answers."""
    requests: list[TokenRequest] = field(default_factory=list)
    closing: threading.Event = field(default_factory=threading.Event, repr=False)

    @property
    def realm(self) -> str:
        """The address that the registry sends its clients to."""
        return f"http://127.0.0.1:{self.port}/token"

    @property
    def auth(self) -> TokenAuth:
        """What a registry is told, so that it accepts this server's tokens."""
        return TokenAuth(self.realm, SERVICE, ISSUER, self.certificate.file)

    def token(self, user: str, scopes: list[str]) -> str:
        """Make a token for a user, or for anybody when the name is empty."""
        access = [self._access(user, *scope.rsplit(":", 2)) for scope in scopes if scope not in self.denied]
        now = int(time.time())
        # Whoever wants an expired token gets one that was always so.
        begins = min(now, now + int(self.lifetime)) - 5
        claims = {"iss": ISSUER, "sub": user, "aud": SERVICE, "iat": begins, "nbf": begins}
        claims |= {"exp": now + int(self.lifetime), "jti": secrets.token_hex(8), "access": access}
        chain = ssl.PEM_cert_to_DER_cert(self.certificate.file.read_text())
        headers = {"x5c": [base64.b64encode(chain).decode()]}
        return jwt.encode(claims, self.certificate.key.read_bytes(), algorithm="ES256", headers=headers)

    def _access(self, user: str, kind: str, name: str, actions: str) -> dict[str, object]:
        allowed = actions.split(",") if user else ["pull"] if name in self.public and "pull" in actions else []
        denied = {scope.rsplit(":", 1)[1] for scope in self.denied if scope.startswith(f"{kind}:{name}:")}
        return {"type": kind, "name": name, "actions": [each for each in allowed if each not in denied]}


@contextmanager
def token_server(folder: Path) -> Iterator[TokenServer]:
    """Run a token server on a free port of the loopback interface; its key goes into a folder."""
    state = TokenServer(authority(folder, "tokens"))
    with serving(type("Handler", (_Handler,), {"state": state})) as state.port:
        try:
            yield state
        finally:
            state.closing.set()


class _Handler(BaseHTTPRequestHandler):
    state: TokenServer
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        self._handle(TokenRequest("GET", parse_qs(urlsplit(self.path).query), self.headers.get("Authorization", "")))

    def do_POST(self) -> None:
        form = self.rfile.read(int(self.headers.get("Content-Length", 0))).decode()
        self._handle(TokenRequest("POST", parse_qs(form), self.headers.get("Authorization", "")))

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 (the base class's name)
        """Print nothing: `requests` tells more."""

    def _handle(self, request: TokenRequest) -> None:
        state = self.state
        state.requests.append(request)
        state.closing.wait(state.delay)
        user = _user(state, request)
        if state.status != 200:
            self._send(state.status, {"details": "as the test wants it"})
        elif request.method == "POST" and not state.posts:
            self._send(404, {})
        elif user is None:
            self._send(401, {"details": "incorrect username or password"})
        else:
            token = state.token(user, request.scopes)
            lasts = {} if state.expires_in is None else {"expires_in": state.expires_in}
            self._send(200, {**dict.fromkeys(state.names, token), **lasts})

    def _send(self, status: int, content: Mapping[str, object]) -> None:
        body = json.dumps(content).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


def _user(state: TokenServer, request: TokenRequest) -> str | None:
    """Tell who asks: nobody as an empty name, and None for who is not who he says."""
    if request.method == "POST":
        known = {"refresh_token": state.refresh_tokens}.get(request.fields.get("grant_type", [""])[0], {})
        return known.get(request.fields.get("refresh_token", [""])[0])
    if not request.authorization:
        return ""
    pairs = {_basic(name, password): name for name, password in state.users.items()}
    return pairs.get(request.authorization)


def _basic(name: str, password: str) -> str:
    return f"Basic {base64.b64encode(f'{name}:{password}'.encode()).decode()}"
