"""Passes on what repo2docker prints, as much of it as a log may hold; of the rest only the end."""

from __future__ import annotations

import os
import select
import threading

ENTRY = 70
"""Bytes that the engine writes around each line that it keeps."""
ESCAPED = 5
"""Bytes that it needs besides for each that is no text, or that means something in HTML."""
TEXT = bytes({*range(0x20, 0x100), *b"\n\r"} - {*b"<>&"})
SEPARATORS = ("\u2028".encode(), "\u2029".encode())
"""Of lines and of paragraphs: JavaScript has no place for them in a text, so that six bytes stand for their three."""
END = 64 * 1024
"""Bytes of the end that are kept in any case: there it is told what went wrong."""
QUIET = 0.1
"""Seconds of silence after which nothing more is waited for once the build has ended: some of it may outlive it."""
PATIENCE = 2.0
"""Seconds for which what outlives the build is listened to at most."""
AT_ONCE = 64 * 1024
PIECE = 4 * 1024


class CappedLog:
    """A pipe into the container's own log. What is printed costs what the engine's file grows by, about."""

    def __init__(self, most: int, output: int = 1) -> None:
        self.most = self.left = most
        self.output = output
        self.source, self.target = os.pipe()
        self.end = b""
        self.left_out = 0
        self.whole_line = True
        self.ended = False
        self.thread = threading.Thread(target=self._pass_on, daemon=True)

    def begin(self) -> None:
        """Pass on what comes, once whoever writes into the target has been started."""
        os.close(self.target)
        self.thread.start()

    def finish(self) -> None:
        """Pass on the rest, and tell what was left out."""
        self.ended = True
        self.thread.join(PATIENCE)
        if self.left_out:
            # Half a line, from where it was cut, would be no line that anybody has printed.
            end = self.end if self.left_out == len(self.end) else self.end.partition(b"\n")[2]
            self._write(b"[%d bytes were left out here.]\n" % (self.left_out - len(end)) + end)
        if not self.whole_line:
            self._write(b"\n")

    def _pass_on(self) -> None:
        while True:
            if select.select([self.source], [], [], QUIET)[0]:
                data = os.read(self.source, AT_ONCE)
                for start in range(0, len(data), PIECE):
                    self._take(data[start : start + PIECE])
                if not data:
                    return
            elif self.ended:
                return

    def _take(self, data: bytes) -> None:
        if self.left > 0:
            self.left -= cost(data)
            if self.left > 0:
                self._write(data)
                return
            # The last line that is passed on is a whole one, unless it is a very long one.
            cut = data.rfind(b"\n") + 1 or len(data)
            self._write(data[:cut])
            said = b"[This log is longer than the %d bytes that it may take. Its end follows.]\n" % self.most
            self._write(said if self.whole_line else b"\n" + said)
            data = data[cut:]
        self.left_out += len(data)
        self.end = (self.end + data)[-END:]

    def _write(self, data: bytes) -> None:
        self.whole_line = data.endswith(b"\n")
        while data:
            data = data[os.write(self.output, data) :]


def cost(data: bytes) -> int:
    """Give what the engine's file grows by: it is JSON, in which a byte can take six."""
    no_text = len(data.translate(None, TEXT)) + len(data) - len(data.decode(errors="ignore").encode())
    quoted = sum(data.count(each) for each in (b'"', b"\\", b"\r"))
    doubled = sum(len(each) * data.count(each) for each in SEPARATORS)
    return len(data) + ESCAPED * no_text + quoted + doubled + ENTRY * data.count(b"\n")
