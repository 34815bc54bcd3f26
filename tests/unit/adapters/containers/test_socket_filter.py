"""Of the engine's API only what a build needs gets through, however a request is written."""

import posixpath
import re
import socket
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from urllib.parse import unquote_to_bytes

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from tests.unit.adapters.docker.raw_engine import RawEngine, answer, read_all, read_exactly, read_request

from repo2docker_service.adapters.builders.containers.in_container.listening import MOST_AT_ONCE
from repo2docker_service.adapters.builders.containers.in_container.socket_filter import (
    LONGEST_HEAD,
    REFUSED,
    TOO_NEW,
    SocketFilter,
    allowed_head,
)

ALLOWED = [
    "HEAD /_ping",
    "GET /_ping",
    "GET /v1.41/_ping",
    "GET /version",
    "GET /v1.24/version",
    "GET /images/localhost/r2d/a.b--c_d:b-0123/json",
    "GET /v1.43/images/sha256:0123/json",
    "GET /v1.43/images/a@sha256:0123/json?manifests=1",
    "POST /grpc",
    "POST /v1.43/grpc",
    "POST /session",
    "POST /v1.43/session",
]
REFUSED_REQUESTS = [
    "",
    "GET",
    "GET /",
    "GET /containers/json",
    "POST /containers/create",
    "POST /containers/x/exec",
    "POST /v1.41/containers/create?name=x",
    "POST /build",
    "POST /images/create?fromImage=x",
    "POST /images/x/tag?repo=y",
    "POST /images/x/push",
    "DELETE /images/x",
    "GET /images/json",
    "GET /images/x/get",
    "GET /images/x/history",
    "GET /info",
    "GET /events",
    "POST /_ping",
    "POST /version",
    "HEAD /version",
    "HEAD /images/x/json",
    "GET /grpc",
    "GET /session",
    "PUT /grpc",
    "PRI *",
    "POST http://localhost/grpc",
    "POST //grpc",
    "POST /v1.41/../grpc",
    "POST /%67rpc",
    "POST /session?x=y",
    "POST /moby.buildkit.v1.Control/Solve",
    "POST /grpc/x",
    "POST /grpc?x=y",
    "get /version",
    "Get /version",
    "GET  /version",
    "GET /version ",
    "GET\t/version",
    " GET /version",
    "GET //version",
    "GET /version/",
    "GET /VERSION",
    "GET /v1.41//version",
    "GET /v1/version",
    "GET /v2.0/version",
    "GET /v1.1234/version",
    "GET /v1.41/../version",
    "GET version",
    "GET http://localhost/version",
    "GET localhost:80",
    "GET /version#x",
    "GET /version?x",
    "GET /%76ersion",
    "GET /images//json",
    "GET /images/../json",
    "GET /images/../containers/json",
    "GET /images/a/../../containers/x/json",
    "GET /images/a//json",
    "GET /images//a/json",
    "GET /images/a/./../json",
    "GET /images/%2e%2e/containers/json",
    "GET /images/a%2f..%2f..%2fcontainers/json",
    "GET /images/a\\..\\json",
    "GET /images/a/json/../../../containers/json",
    "GET /images/a/json?x=%0a",
    "GET /images/a/json?x y",
    "GET /images/a/json?x=../containers",
    "GET /images/a/json#/containers",
    "GET /images/a\0/json",
    "GET /images/a\n/json",
    "GET /images/a\r/json",
    "GET /images/\u00e4/json",
    "CONNECT localhost:80",
    "OPTIONS *",
    "TRACE /version",
]
HEADERS_REFUSED = [
    "Content-Length: 5",
    "content-LENGTH: 1",
    "Content-Length: 00",
    "Content-Length: +0",
    "Content-Length: 0, 5",
    "Content-Length: 0\r\nContent-Length: 5",
    "Content-Length: 5\r\nContent-Length: 0",
    "Content-Length: 0\r\nContent-Length: 0",
    "Content-Length:",
    "Transfer-Encoding: chunked",
    "transfer-encoding: identity",
    "Transfer-Encoding:",
    "Content-Length: 0\r\nTransfer-Encoding: chunked",
    "Transfer-Encoding : chunked",
    " Transfer-Encoding: chunked",
    "\tfolded: header",
    "X: y\r\n folded",
    "X: y\n\nPOST /containers/create HTTP/1.1",
    "X: y\rTransfer-Encoding: chunked",
    "X: \0",
    "X: \x7f",
    "X: \u00e4",
    "X",
    ": x",
    "X Y: z",
    "",
]


def head(request: str, *headers: str, version: str = "HTTP/1.1") -> bytes:
    return "\r\n".join([f"{request} {version}", "Host: docker", *headers]).encode("utf-8")


@pytest.mark.parametrize("request_line", ALLOWED)
@pytest.mark.parametrize("header", ["X: y", "Content-Length: 0"])
def test_what_a_build_needs_is_allowed(request_line: str, header: str) -> None:
    passed = allowed_head(head(request_line, header))

    assert passed is not None
    assert passed.startswith(head(request_line))
    assert passed.endswith(b"\r\n\r\n")


@pytest.mark.parametrize("request_line", REFUSED_REQUESTS)
def test_any_other_request_is_refused(request_line: str) -> None:
    assert allowed_head(head(request_line)) is None


@pytest.mark.parametrize("version", ["HTTP/1.0", "HTTP/2", "HTTP/1.1 ", "http/1.1", "HTTP/1.10", "HTTP/0.9", "", "x"])
@pytest.mark.parametrize("request_line", ["GET /version", "POST /grpc"])
def test_any_other_protocol_is_refused(request_line: str, version: str) -> None:
    assert allowed_head(head(request_line, version=version)) is None
    assert allowed_head(request_line.encode()) is None


@pytest.mark.parametrize("request_line", ["GET /version", "POST /grpc", "POST /session"])
@pytest.mark.parametrize("header", HEADERS_REFUSED)
def test_bodies_and_headers_that_can_be_read_in_two_ways_are_refused(request_line: str, header: str) -> None:
    assert allowed_head(head(request_line, header)) is None


@pytest.mark.parametrize("request_line", [line for line in ALLOWED if "POST" not in line])
def test_a_plain_request_is_made_the_last_of_its_connection(request_line: str) -> None:
    asked = head(request_line, "Connection: keep-alive, Upgrade", "UPGRADE: h2c", "Keep-Alive: x", "Accept: y")

    assert allowed_head(asked) == head(request_line, "Accept: y", "Connection: close") + b"\r\n\r\n"


SESSION = [
    "X-Docker-Expose-Session-Uuid: 1",
    "X-Docker-Expose-Session-Grpc-Method: /a",
    "X-DOCKER-EXPOSE-SESSION-NAME: b",
]


def test_a_stream_is_asked_for_with_all_that_belongs_to_it() -> None:
    asked = head("POST /session", *SESSION, "Connection: Upgrade", "Upgrade: h2c")

    assert allowed_head(asked) == asked + b"\r\n\r\n"


@pytest.mark.parametrize(
    "headers",
    [
        [],
        ["Connection: keep-alive"],
        ["Upgrade: websocket", "Connection: Upgrade"],
        # By these, HTTP/2 with the whole API would follow instead of BuildKit's stream.
        ["Connection: Upgrade, HTTP2-Settings", "Upgrade: h2c", "HTTP2-Settings: AAMAAABkAAQAoAAAAAIAAAAA"],
        ["Expect: 100-continue", "Trailer: Upgrade", "TE: trailers", "X-HTTP-Method-Override: GET"],
        ["X-Original-URL: /containers/json", "X-Rewrite-URL: /info", "Forwarded: for=x"],
    ],
)
def test_a_stream_leaves_http_for_nothing_else(headers: list[str]) -> None:
    left = head("POST /grpc", "Connection: Upgrade", "Upgrade: h2c")

    assert allowed_head(head("POST /grpc", *headers)) == left + b"\r\n\r\n"
    assert allowed_head(head("GET /version", *headers)) == head("GET /version", "Connection: close") + b"\r\n\r\n"


PIECES = [
    *(b"GET ", b"POST ", b"HEAD ", b"DELETE ", b" HTTP/1.1", b" HTTP/1.0", b"\r\n", b"\n", b"\r", b"\0", b" ", b":"),
    *(b"/v1.41", b"/version", b"/_ping", b"/grpc", b"/session", b"/images/", b"/json", b"/containers", b"/create"),
    *(b"..", b"/", b".", b"%2e", b"%2F", b"?", b"#", b"a", b"\xff", b"Host: x", b"Content-Length: 0", b"\t"),
    *(b"Content-Length: 9", b"Transfer-Encoding: chunked", b"Connection: keep-alive", b"Upgrade: h2c"),
]
SAFE = re.compile(rb"/(_ping|version|grpc|session|images/[^?]+/json)")


def sees_only_what_it_may(passed: bytes) -> None:
    """Read a head as an engine that forgives everything might, and see what it asks for."""
    lines = re.split(rb"\r\n|\r|\n", passed.removesuffix(b"\r\n\r\n"))
    method, target, version = lines[0].split(b" ")
    names = [line.partition(b":")[0].strip().lower() for line in lines[1:]]
    path = re.sub(rb"^/v1\.\d+", b"", target.partition(b"?")[0])

    assert passed.count(b"\r\n\r\n") == 1
    assert version == b"HTTP/1.1"
    assert posixpath.normpath(unquote_to_bytes(path)) == path or b"/./" in path or path.endswith(b"/.")
    assert b".." not in path
    assert SAFE.fullmatch(path)
    assert (method == b"POST") is (path in {b"/grpc", b"/session"})
    assert method in {b"GET", b"HEAD", b"POST"}
    assert b"transfer-encoding" not in names
    assert names.count(b"content-length") <= 1
    assert b"content-length: 0" in passed.lower() or b"content-length" not in names
    assert names.count(b"connection") == 1
    assert b"http2-settings" not in names
    assert names.count(b"upgrade") == (method == b"POST")


@settings(max_examples=150)
@given(st.lists(st.sampled_from(PIECES), max_size=10).map(b"".join))
def test_nothing_made_of_dangerous_pieces_gets_through(data: bytes) -> None:
    if (passed := allowed_head(data)) is not None:
        sees_only_what_it_may(passed)


@settings(max_examples=150)
@given(st.sampled_from(ALLOWED), st.integers(0, 99), st.integers(0, 3), st.sampled_from(PIECES))
@example("GET /version", 0, 0, b"")
def test_nothing_gets_through_by_changing_what_is_allowed(line: str, place: int, drop: int, piece: bytes) -> None:
    asked = head(line, "Accept: */*")
    place %= len(asked) + 1

    if (passed := allowed_head(asked[:place] + piece + asked[place + drop :])) is not None:
        sees_only_what_it_may(passed)


# --- between real sockets ---------------------------------------------------------------------


def say_hello(connection: socket.socket) -> None:
    request = read_request(connection)
    connection.sendall(answer(request))


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("filter")


@pytest.fixture(scope="module")
def filtered(folder: Path) -> str:
    """Serve until the tests end, as the filter does in its container."""
    SocketFilter(str(folder / "filtered"), str(folder / "real")).serve()
    return str(folder / "filtered")


@pytest.fixture
def engine(folder: Path) -> Iterator[RawEngine]:
    (folder / "real").unlink(missing_ok=True)
    with RawEngine(folder / "real", say_hello).listening() as engine:
        yield engine


@contextmanager
def connected(path: str) -> Iterator[socket.socket]:
    with socket.socket(socket.AF_UNIX) as client:
        client.settimeout(5)
        client.connect(path)
        yield client


def ask(path: str, *pieces: bytes) -> bytes:
    with connected(path) as client:
        for piece in pieces:
            client.sendall(piece)
        return read_all(client)


GET = head("GET /version") + b"\r\n\r\n"
GRPC = head("POST /grpc", "Connection: Upgrade", "Upgrade: h2c") + b"\r\n\r\n"
CREATE = head("POST /containers/create") + b"\r\n\r\n"
SENT_ON = head("GET /version", "Connection: close") + b"\r\n\r\n"


def test_an_allowed_request_is_answered_by_the_engine(filtered: str, engine: RawEngine) -> None:
    assert ask(filtered, GET) == answer(SENT_ON)
    assert engine.rest.get(timeout=5) == b""


@pytest.mark.parametrize("second", [CREATE, GET, b"x" * 100_000])
def test_a_second_request_never_reaches_the_engine(filtered: str, engine: RawEngine, second: bytes) -> None:
    with connected(filtered) as client:
        client.sendall(GET + second[:1000])
        assert read_exactly(client, len(answer(SENT_ON))) == answer(SENT_ON)

    assert engine.rest.get(timeout=5) == b""
    assert engine.connections == 1


@pytest.mark.parametrize(
    "asked",
    [
        CREATE,
        head("GET /version", "Content-Length: 3") + b"\r\n\r\nabc",
        head("GET /images/../containers/json") + b"\r\n\r\n",
        head("GET /version", version="HTTP/1.0") + b"\r\n\r\n",
        head("GET /version", "X: y\n\nPOST /containers/create HTTP/1.1") + b"\r\n\r\n",
        b"\r\n\r\n" + GET,
        b"\0" * 20 + b"\r\n\r\n",
    ],
)
def test_a_refused_request_never_reaches_the_engine(filtered: str, engine: RawEngine, asked: bytes) -> None:
    with connected(filtered) as client:
        client.sendall(asked)
        assert read_exactly(client, len(REFUSED)) == REFUSED

    assert engine.connections == 0


@pytest.mark.parametrize("more", [b"", b"SM\r\n\r\n", b"SM\r\n\r\n" + bytes(3) + b"\x04" + bytes(5)])
def test_http_2_is_refused_as_by_an_engine_that_does_not_know_it(filtered: str, engine: RawEngine, more: bytes) -> None:
    with connected(filtered) as client:
        client.sendall(b"PRI * HTTP/2.0\r\n\r\n" + more)
        assert read_exactly(client, len(TOO_NEW)) == TOO_NEW

    assert engine.connections == 0


def test_whoever_holds_all_connections_keeps_only_itself_waiting(filtered: str, engine: RawEngine) -> None:
    before = threading.active_count()
    with ExitStack() as held:
        for _ in range(MOST_AT_ONCE + 10):
            held.enter_context(connected(filtered)).sendall(GET[:1])
        with connected(filtered) as last:
            last.sendall(GET)
            last.settimeout(0.2)
            with pytest.raises(TimeoutError):
                last.recv(1)
            most = threading.active_count()
            held.close()
            last.settimeout(5)

            assert read_all(last) == answer(SENT_ON)
    assert most <= before + MOST_AT_ONCE


def test_a_filter_that_may_start_no_thread_goes_on_when_it_may_again(
    filtered: str, engine: RawEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(thread: threading.Thread) -> None:
        raise RuntimeError("can't start new thread")

    with monkeypatch.context() as patched:
        patched.setattr(threading.Thread, "start", refuse)
        assert ask(filtered) == b""

    assert ask(filtered, GET) == answer(SENT_ON)


def test_a_head_may_come_byte_by_byte(filtered: str, engine: RawEngine) -> None:
    assert ask(filtered, *(GET[at : at + 1] for at in range(len(GET)))) == answer(SENT_ON)


def test_others_are_served_while_a_head_is_slow(filtered: str, engine: RawEngine) -> None:
    with connected(filtered) as slow:
        slow.sendall(GET[:9])
        assert ask(filtered, GET) == answer(SENT_ON)
        slow.sendall(GET[9:])

        assert read_all(slow) == answer(SENT_ON)


def test_a_head_that_is_broken_off_is_refused(filtered: str, engine: RawEngine) -> None:
    with connected(filtered) as client:
        client.sendall(GET[:-2])
        client.shutdown(socket.SHUT_WR)

        assert read_all(client) == REFUSED
    assert engine.connections == 0


def test_a_head_without_end_is_refused(filtered: str, engine: RawEngine) -> None:
    with connected(filtered) as client:
        client.settimeout(5)
        try:
            for _ in range(2 * LONGEST_HEAD // 1024):
                client.sendall(b"x" * 1024)
            data = read_all(client)
        except (BrokenPipeError, ConnectionResetError):
            data = REFUSED

    assert data in {REFUSED, b""}
    assert engine.connections == 0


def test_an_engine_that_is_not_there_ends_the_connection(filtered: str, folder: Path) -> None:
    (folder / "real").unlink(missing_ok=True)

    assert ask(filtered, GET) == b""
    assert ask(filtered, GRPC) == b""


SWITCH = b"HTTP/1.1 101 UPGRADED\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n\r\n"


def test_a_stream_passes_both_ways_once_the_engine_has_agreed(filtered: str, engine: RawEngine) -> None:
    before: list[bytes] = []

    def talk(connection: socket.socket) -> None:
        before.append(read_request(connection))
        connection.settimeout(0.05)
        try:
            before.append(connection.recv(100))
        except TimeoutError:
            connection.settimeout(5)
        connection.sendall(SWITCH + b"hello")
        connection.sendall(b"you said " + read_exactly(connection, len(b"early")))
        connection.sendall(b" and " + read_exactly(connection, len(b"late")))
        connection.sendall(b"bye after " + read_all(connection))

    engine.talk = talk
    with connected(filtered) as client:
        client.sendall(GRPC + b"early")
        assert read_exactly(client, len(SWITCH) + 19) == SWITCH + b"helloyou said early"
        client.sendall(b"late")
        assert read_exactly(client, 9) == b" and late"
        client.sendall(b"last")
        client.shutdown(socket.SHUT_WR)

        assert read_all(client) == b"bye after last"
    assert before == [GRPC]


@pytest.mark.parametrize(
    "refusal",
    [
        b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n",
        b"HTTP/1.1 1010 X\r\n\r\n",
        b"HTTP/1.1 100 Continue\r\n\r\n",
    ],
)
def test_nothing_more_is_passed_on_when_the_engine_refuses_a_stream(
    filtered: str, engine: RawEngine, refusal: bytes
) -> None:
    def talk(connection: socket.socket) -> None:
        read_request(connection)
        connection.sendall(refusal)

    engine.talk = talk

    with connected(filtered) as client:
        client.sendall(GRPC + CREATE)
        assert read_exactly(client, len(refusal)) == refusal
        assert read_all(client) == b""
    assert engine.rest.get(timeout=5) == b""
