"""A process that is asked to stop tells those who follow events to come back, and breaks nothing else off."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import threading
from collections.abc import AsyncGenerator, Iterator, Sequence
from types import FrameType
from typing import Any

import httpx
import pytest
from starlette.types import Message
from tests.unit.entrypoints.http.conftest import REPO, World, until

from repo2docker_service.entrypoints.http.event_stream import EVENTS, RECONNECT, Stream
from repo2docker_service.entrypoints.http.stopping import Stopping

SOON = 5.0


class Source:
    """Gives pieces, then waits until it may end; knows whether it was closed."""

    def __init__(self, pieces: Sequence[bytes] = (b"one",)) -> None:
        self.pieces = pieces
        self.may_end = asyncio.Event()
        self.closed = False

    async def __call__(self) -> AsyncGenerator[bytes]:
        try:
            for piece in self.pieces:
                yield piece
            await self.may_end.wait()
            yield b"the end"
        finally:
            self.closed = True


class Reader:
    """What a web server would send on; may stop taking anything."""

    def __init__(self) -> None:
        self.messages: list[Message] = []
        self.takes_after_all = asyncio.Event()
        self.takes_after_all.set()
        self.leaves = asyncio.Event()

    async def send(self, message: Message) -> None:
        await self.takes_after_all.wait()
        self.messages.append(message)

    async def receive(self) -> Message:
        await self.leaves.wait()
        return {"type": "http.disconnect"}

    @property
    def body(self) -> bytes:
        return b"".join(message.get("body", b"") for message in self.messages)

    @property
    def complete(self) -> bool:
        """Whether the answer was begun once and ended well."""
        kinds = [message["type"] for message in self.messages]
        whole = kinds[:1] == ["http.response.start"] and kinds.count("http.response.start") == 1
        return whole and [message.get("more_body", True) for message in self.messages][-1] is False


@contextlib.asynccontextmanager
async def answering(stream: Stream, reader: Reader) -> AsyncGenerator[asyncio.Task[None]]:
    task = asyncio.create_task(stream({}, reader.receive, reader.send))
    yield task
    async with asyncio.timeout(SOON):
        await task


# --- streams ----------------------------------------------------------------------------------


async def test_a_stream_of_events_tells_its_reader_to_reconnect_and_ends() -> None:
    stopping, source, reader = Stopping(), Source(), Reader()
    async with answering(Stream(source(), media_type=EVENTS, stopping=stopping), reader):
        await until(lambda: reader.body == b"one")
        stopping.begin()

    assert reader.body == b"one" + RECONNECT
    assert reader.complete
    assert source.closed


async def test_all_streams_end_together() -> None:
    stopping, sources, readers = Stopping(), [Source() for _ in range(50)], [Reader() for _ in range(50)]
    async with contextlib.AsyncExitStack() as stack:
        for source, reader in zip(sources, readers, strict=True):
            await stack.enter_async_context(answering(Stream(source(), media_type=EVENTS, stopping=stopping), reader))
        await until(lambda: all(reader.body for reader in readers))
        stopping.begin()

    assert all(reader.complete and reader.body.endswith(RECONNECT) for reader in readers)
    assert all(source.closed for source in sources)
    assert stopping._streams == set()


async def test_a_stream_that_begins_while_the_process_stops_is_a_whole_answer_too() -> None:
    stopping, reader = Stopping(), Reader()
    stopping.begin()
    async with answering(Stream(Source()(), media_type=EVENTS, stopping=stopping), reader):
        pass

    assert reader.complete
    assert reader.body.endswith(RECONNECT)


async def test_a_reader_who_takes_nothing_does_not_keep_the_process_from_stopping(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("repo2docker_service.entrypoints.http.event_stream._FAREWELL", 0.05)
    stopping, source, reader = Stopping(), Source(), Reader()
    async with answering(Stream(source(), media_type=EVENTS, stopping=stopping), reader):
        await until(lambda: reader.body == b"one")
        reader.takes_after_all.clear()
        source.may_end.set()
        await asyncio.sleep(0.01)
        stopping.begin()

    assert reader.body == b"one"
    assert source.closed


async def test_a_stream_that_has_ended_is_told_nothing_more() -> None:
    stopping, source, reader = Stopping(), Source(), Reader()
    source.may_end.set()
    async with answering(Stream(source(), media_type=EVENTS, stopping=stopping), reader):
        pass
    stopping.begin()
    await asyncio.sleep(0)

    assert reader.body == b"onethe end"
    assert reader.complete
    assert stopping._streams == set()


async def test_a_text_is_sent_to_its_end_though_the_process_is_asked_to_stop() -> None:
    stopping, source, reader = Stopping(), Source([b"one\n", b"two\n"]), Reader()
    async with answering(Stream(source(), media_type="text/plain", stopping=stopping), reader):
        await until(lambda: reader.body == b"one\ntwo\n")
        stopping.begin()
        await asyncio.sleep(0.01)
        assert not source.closed
        source.may_end.set()

    assert reader.body == b"one\ntwo\nthe end"
    assert reader.complete


async def test_a_reader_who_has_left_is_told_nothing() -> None:
    source, reader = Source(), Reader()
    async with answering(Stream(source(), media_type=EVENTS, stopping=Stopping()), reader):
        await until(lambda: reader.body == b"one")
        reader.leaves.set()

    assert reader.body == b"one"
    assert source.closed


async def test_a_server_that_gives_up_a_stream_is_not_answered_with_a_farewell() -> None:
    stopping, source, reader = Stopping(), Source(), Reader()
    task = asyncio.create_task(Stream(source(), media_type=EVENTS, stopping=stopping)({}, reader.receive, reader.send))
    await until(lambda: reader.body == b"one")
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task

    assert reader.body == b"one"
    assert source.closed
    assert stopping._streams == set()


async def test_every_stream_of_events_of_the_application_ends_so(world: World, ada: httpx.AsyncClient) -> None:
    build = (await ada.post("api/v1/builds", json={"repo": REPO})).json()["id"]
    world.builder.write(build, "one", "two")
    stopping = world.app.state.streams.stopping
    events = {"Accept": "text/event-stream"}
    paths = (f"api/v1/builds/{build}/log", "api/v1/events")
    following = [asyncio.create_task(ada.get(path, headers=events)) for path in paths]
    await until(lambda: len(stopping._streams) == 2)
    await asyncio.sleep(0.05)

    stopping.begin()
    told = [(await each).text for each in following]
    late = await ada.get(f"api/v1/builds/{build}/log", headers=events)
    plain = await ada.get(f"api/v1/builds/{build}/log")

    assert all(text.endswith("event: reconnect\ndata: {}\n\n") for text in told)
    assert 'id: 2\nevent: log\ndata: {"first":1,"lines":["one","two"]}' in told[0]
    assert (late.status_code, late.text.endswith("event: reconnect\ndata: {}\n\n")) == (200, True)
    assert plain.text == "one\ntwo\n"


# --- signals ----------------------------------------------------------------------------------


class Server:
    """Handles signals as web servers do."""

    def __init__(self) -> None:
        self.received: list[int] = []

    def handle(self, number: int, _frame: FrameType | None) -> None:
        self.received.append(number)


@pytest.fixture
def server() -> Iterator[Server]:
    server = Server()
    before: dict[int, Any] = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT)}
    for number in before:
        signal.signal(number, server.handle)
    yield server
    for number, handler in before.items():
        signal.signal(number, handler)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
async def test_a_signal_ends_the_streams_and_goes_on_to_the_server(server: Server, number: signal.Signals) -> None:
    stopping, source, reader = Stopping(), Source(), Reader()
    with stopping.listening():
        async with answering(Stream(source(), media_type=EVENTS, stopping=stopping), reader):
            await until(lambda: reader.body == b"one")
            os.kill(os.getpid(), number)

    assert server.received == [number]
    assert reader.body == b"one" + RECONNECT


async def test_a_second_signal_reaches_the_server_too(server: Server) -> None:
    stopping = Stopping()
    with stopping.listening():
        for _ in range(2):
            os.kill(os.getpid(), signal.SIGINT)
            await asyncio.sleep(0)

    assert server.received == [signal.SIGINT] * 2


async def test_the_servers_handlers_are_put_back(server: Server) -> None:
    with Stopping().listening():
        assert signal.getsignal(signal.SIGTERM) != server.handle
        assert signal.getsignal(signal.SIGINT) != server.handle

    assert signal.getsignal(signal.SIGTERM) == server.handle
    assert signal.getsignal(signal.SIGINT) == server.handle


async def test_a_handler_that_somebody_else_has_put_in_meanwhile_stays(server: Server) -> None:
    other = Server()
    with Stopping().listening():
        signal.signal(signal.SIGTERM, other.handle)

    assert signal.getsignal(signal.SIGTERM) == other.handle
    assert signal.getsignal(signal.SIGINT) == server.handle


@pytest.mark.parametrize("handler", [signal.SIG_DFL, signal.SIG_IGN])
async def test_a_signal_that_nobody_handles_is_left_to_the_system(server: Server, handler: signal.Handlers) -> None:
    signal.signal(signal.SIGTERM, handler)
    with Stopping().listening():
        assert signal.getsignal(signal.SIGTERM) is handler
        assert signal.getsignal(signal.SIGINT) != server.handle

    assert signal.getsignal(signal.SIGTERM) is handler


def test_elsewhere_than_in_the_main_thread_signals_are_left_alone(server: Server) -> None:
    seen = []

    async def listen() -> None:
        with Stopping().listening():
            seen.append(signal.getsignal(signal.SIGTERM))

    thread = threading.Thread(target=lambda: asyncio.run(listen()))
    thread.start()
    thread.join()

    assert seen == [server.handle]


async def test_the_application_listens_while_it_runs(world: World, server: Server) -> None:
    async with world.app.router.lifespan_context(world.app):
        assert signal.getsignal(signal.SIGTERM) != server.handle
        os.kill(os.getpid(), signal.SIGTERM)
        await until(lambda: bool(world.app.state.streams.stopping.begun))

    assert server.received == [signal.SIGTERM]
    assert signal.getsignal(signal.SIGTERM) == server.handle
