"""The launcher passes on to BuildKit what buildx says, and keeps to itself what opens it."""

from __future__ import annotations

import secrets
import shutil
import socket
import ssl
import stat
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest
from tools.parts.certificates import Certificate, authority, issue

from repo2docker_service.adapters.builders.containers.in_container import buildkit
from repo2docker_service.adapters.builders.containers.in_container.buildkit import Daemon, Forward
from repo2docker_service.adapters.builders.containers.in_container.lifeline import Lifeline

PATIENCE = 10.0
Serve = Callable[[socket.socket], None]


def echo(connection: socket.socket) -> None:
    while piece := connection.recv(1 << 16):
        connection.sendall(piece)


@contextmanager
def served(serve: Serve, context: ssl.SSLContext | None = None) -> Iterator[str]:
    """Serve each connection in a thread, and give the address."""

    def handle(client: socket.socket) -> None:
        with suppress(OSError), context.wrap_socket(client, server_side=True) if context else client as connection:
            serve(connection)

    def accept(listener: socket.socket) -> None:
        with suppress(OSError):
            while True:
                threading.Thread(target=handle, args=(listener.accept()[0],), daemon=True).start()

    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=accept, args=(listener,), daemon=True)
        thread.start()
        yield f"127.0.0.1:{listener.getsockname()[1]}"
        listener.shutdown(socket.SHUT_RDWR)
        thread.join(PATIENCE)


@pytest.fixture
def place() -> Iterator[Path]:
    """Give a folder whose path is short enough for a socket."""
    with tempfile.TemporaryDirectory() as folder:
        yield Path(folder)


@contextmanager
def through(daemon: Daemon, place: Path) -> Iterator[socket.socket]:
    """Connect to a daemon as buildx does."""
    Forward(str(place / "buildkit.sock"), daemon).serve()
    with socket.socket(socket.AF_UNIX) as client:
        client.settimeout(PATIENCE)
        client.connect(str(place / "buildkit.sock"))
        yield client


def exchanged(client: socket.socket, content: bytes) -> bytes:
    """Send while the answer is read, as more is under way than sockets hold."""
    sending = threading.Thread(target=client.sendall, args=(content,), daemon=True)
    sending.start()
    found = b""
    while len(found) < len(content) and (piece := client.recv(1 << 16)):
        found += piece
    sending.join(PATIENCE)
    return found


class Known:
    """An authority, and what it has issued for a daemon and for builds."""

    def __init__(self, folder: Path) -> None:
        self.authority: Certificate = authority(folder)
        certificate = issue(self.authority, folder, "daemon", "IP:127.0.0.1")
        self.context = certificate.context
        self.context.verify_mode = ssl.CERT_REQUIRED
        self.context.load_verify_locations(self.authority.file)
        self.context.set_alpn_protocols(["h2"])
        self.tls = folder / "tls"
        self.tls.mkdir()
        names = {buildkit.AUTHORITY: self.authority.file, "tls.crt": certificate.file, "tls.key": certificate.key}
        for name, file in names.items():
            shutil.copy(file, self.tls / name)


@pytest.fixture
def known(tmp_path: Path) -> Known:
    return Known(tmp_path)


def test_all_that_is_said_arrives_on_both_sides(place: Path) -> None:
    content = secrets.token_bytes(5_000_000)

    with served(echo) as address, through(Daemon(address), place) as client:
        assert exchanged(client, content) == content


def test_it_arrives_over_tls_too_by_which_both_prove_who_they_are(place: Path, known: Known) -> None:
    content = secrets.token_bytes(5_000_000)
    spoken: list[str | None] = []

    def note_and_echo(connection: socket.socket) -> None:
        assert isinstance(connection, ssl.SSLSocket)
        spoken.append(connection.selected_alpn_protocol())
        echo(connection)

    with served(note_and_echo, known.context) as address, through(Daemon(address, str(known.tls)), place) as client:
        assert exchanged(client, content) == content
    assert spoken == ["h2"]


def test_a_daemon_that_nobody_vouches_for_is_told_at_once(known: Known, tmp_path: Path) -> None:
    other = tmp_path / "other"
    other.mkdir()
    shutil.copy(authority(other, "other").file, known.tls / buildkit.AUTHORITY)
    (known.tls / "tls.crt").unlink()

    with served(echo, known.context) as address, pytest.raises(ssl.SSLCertVerificationError):
        Daemon(address, str(known.tls)).connect_patiently(PATIENCE)


def test_the_end_of_one_side_is_the_end_of_the_other(place: Path) -> None:
    with served(lambda connection: None) as address, through(Daemon(address), place) as client:
        assert client.recv(1) == b""


def test_a_daemon_that_starts_is_waited_for(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(buildkit, "PAUSE", 0.05)
    with socket.socket() as late:
        late.bind(("127.0.0.1", 0))
        starting = threading.Timer(0.3, late.listen)
        starting.start()
        daemon = Daemon(f"127.0.0.1:{late.getsockname()[1]}")
        daemon.connect_patiently(PATIENCE).close()

    assert capsys.readouterr().out.count("is waited for") == 1


def test_one_that_stays_away_is_given_up() -> None:
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        with pytest.raises(ConnectionRefusedError):
            Daemon(f"127.0.0.1:{silent.getsockname()[1]}").connect_patiently(0)


@pytest.mark.parametrize("secret", [False, True])
def test_a_daemon_that_went_away_is_noticed_even_if_it_is_back(known: Known, secret: bool) -> None:
    going = threading.Event()

    def answer(connection: socket.socket) -> None:
        assert connection.recv(100) == buildkit.HTTP_2
        connection.sendall(b"\0\0\0\4\0\0\0\0\0")
        time.sleep(0.05)
        connection.sendall(b"\0\0\0\4\1\0\0\0\0")
        going.wait(PATIENCE)

    daemon_of = known.context if secret else None
    with served(answer, daemon_of) as address, connected(address, known if secret else None) as connection:
        held = Lifeline(connection, buildkit.HTTP_2, buildkit.NOTHING_YET)
        time.sleep(0.2)
        assert not held.broken()
        assert not held.broken()
        going.set()
        time.sleep(0.2)
        assert held.broken()


def connected(address: str, known: Known | None) -> socket.socket:
    return Daemon(address, str(known.tls) if known else "").connect()


def test_buildx_is_told_of_a_socket_and_of_nothing_secret() -> None:
    env = buildkit.environment("/run/r2d")

    assert set(env.values()) == {"r2d", "1", "unix:///run/r2d/buildkit.sock"}


def test_what_buildx_says_against_it_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program = tmp_path / "docker"
    program.write_text("#!/bin/sh\necho it is full >&2\nexit 1\n")
    program.chmod(program.stat().st_mode | stat.S_IXUSR)
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")

    with pytest.raises(RuntimeError, match="it is full"):
        buildkit.introduce({"PATH": f"{tmp_path}:/usr/bin:/bin", "R2D_BUILDKIT": "unix:///nowhere"})


def test_files_that_are_missing_for_tls_are_named(known: Known) -> None:
    told = {"address": "buildkitd:1234", "tls": True}
    assert buildkit.daemon_of(told, str(known.tls)).tls
    (known.tls / "tls.key").unlink()
    (known.tls / "ca.crt").rename(known.tls / "ca.pem")

    with pytest.raises(RuntimeError, match=r"no ca\.crt and no tls\.key"):
        buildkit.daemon_of(told, str(known.tls))
    assert not buildkit.daemon_of({"address": "buildkitd:1234", "tls": False}).tls


def test_who_says_nothing_at_all_is_no_buildkit() -> None:
    with (
        served(lambda connection: None) as address,
        connected(address, None) as connection,
        pytest.raises(ConnectionResetError),
    ):
        Lifeline(connection, buildkit.HTTP_2)
