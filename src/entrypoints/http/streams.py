"""What the streams of an application share."""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from repo2docker_service.domain.servers import ServerProgress
from repo2docker_service.domain.streams.following import Item
from repo2docker_service.entrypoints.http.compression import gzipped
from repo2docker_service.entrypoints.http.event_stream import (
    DEFAULT_PACE,
    EVENTS,
    HEARTBEAT,
    RECONNECT,
    Pace,
    Stream,
    paced,
)
from repo2docker_service.entrypoints.http.frames import (
    as_change,
    as_event,
    as_progress,
    as_text,
    event_frames,
    log_frames,
    text_frames,
)
from repo2docker_service.entrypoints.http.rendered import Rendered
from repo2docker_service.entrypoints.http.stopping import Stopping


@dataclass(frozen=True)
class Streams:
    """Makes the answers that go on."""

    pace: Pace = DEFAULT_PACE
    until: Callable[[], Awaitable[object]] | None = None
    """Ends when the reader of a stream of events may not read on."""
    stopping: Stopping = field(default_factory=Stopping)
    _events: Rendered = field(default_factory=lambda: Rendered(as_event))
    _texts: Rendered = field(default_factory=lambda: Rendered(as_text))

    def log_events(self, items: AsyncIterator[Item]) -> Stream:
        """Tell a log as it is followed."""
        return self.of_events(log_frames(items, self._events, self.pace.heartbeat))

    def changes(self, items: AsyncIterator[Any]) -> Stream:
        """Tell changes of builds and images."""
        return self.of_events(paced(event_frames(items, as_change), self.pace, HEARTBEAT))

    def server_progress(self, items: AsyncIterator[ServerProgress]) -> Stream:
        """Tell how far the start of a server is."""
        return self.of_events(paced(event_frames(items, as_progress), self.pace, HEARTBEAT))

    def of_events(
        self, pieces: AsyncGenerator[bytes], *, farewell: bytes = RECONNECT, lost: bytes = RECONNECT
    ) -> Stream:
        """Tell events that are written already, and at last that the process stops, or the reader's rights are lost."""
        return Stream(
            pieces,
            media_type=EVENTS,
            patience=self.pace.patience,
            stopping=self.stopping,
            until=self.until,
            farewell=farewell,
            lost=lost,
        )

    def log_text(self, items: AsyncIterator[Item], headers: Mapping[str, str], *, gzip: bool) -> Stream:
        """Tell a log as text, compressed where the reader takes that."""
        text = text_frames(items, self._texts)
        sent = {**headers, "Cache-Control": "no-store", "Vary": "Accept-Encoding"}
        if gzip:
            text, sent["Content-Encoding"] = gzipped(text), "gzip"
        return Stream(text, media_type="text/plain", patience=self.pace.patience, headers=sent)
