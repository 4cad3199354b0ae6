"""A closed-loop load driver: N clients over raw sockets, one thread, little CPU.

Each client does one errand after the other (an errand is one or more requests in a row) and sends
the next request when the last answer is complete. Loopback only.
"""

import gc
import selectors
import socket
import statistics
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

_TIMEOUT_S = 30.0
_READ_BYTES = 1 << 16


class WrongAnswer(RuntimeError):
    """An answer had another status than expected: the run counts for nothing."""


class NoAnswer(RuntimeError):
    """The server closed the connection or fell silent."""


@dataclass(frozen=True, slots=True)
class Request:
    """The bytes to send, and the status that must come back."""

    raw: bytes
    status: int


Errand = Sequence[Request]


@dataclass(slots=True)
class Sample:
    """What was measured: seconds of each request, and of the whole run."""

    took_s: float = 0.0
    latencies_s: list[float] = field(default_factory=list)

    def add(self, other: "Sample") -> None:
        """Add another run to this one."""
        self.took_s += other.took_s
        self.latencies_s += other.latencies_s

    @property
    def per_second(self) -> float:
        """Requests per second."""
        return len(self.latencies_s) / self.took_s if self.took_s else 0.0

    def percentile_ms(self, percent: int) -> float:
        """Return the latency below which so many percent of the requests stayed."""
        ordered = sorted(self.latencies_s)
        return 1000 * ordered[min(len(ordered) - 1, len(ordered) * percent // 100)]

    @property
    def median_ms(self) -> float:
        """The median latency."""
        return 1000 * statistics.median(self.latencies_s)


def request(
    method: str,
    path: str,
    *,
    status: int,
    token: str | None = None,
    body: str | None = None,
    key: str | None = None,
) -> Request:
    """Return the request in the form in which it is sent."""
    said = [f"{method} {path} HTTP/1.1", "Host: 127.0.0.1"]
    if token:
        said.append(f"Authorization: Bearer {token}")
    if key:
        said.append(f"Idempotency-Key: {key}")
    if body is not None:
        said += ["Content-Type: application/json", f"Content-Length: {len(body.encode())}"]
    return Request(("\r\n".join(said) + "\r\n\r\n" + (body or "")).encode(), status)


def run(port: int, errands: Sequence[Errand], *, clients: int, seconds: float) -> Sample:
    """Do errands until all are done or the time is over; a begun errand is finished.

    Raises:
        WrongAnswer: If any answer has an unexpected status.
        NoAnswer: If the server fails to answer.
    """
    sample = Sample()
    waiting = iter(errands)
    gc.collect()
    gc.disable()
    try:
        with selectors.DefaultSelector() as selector:
            everybody = [_Client(port, selector, waiting) for _ in range(clients)]
            try:
                _drive(everybody, selector, sample, seconds)
            finally:
                for client in everybody:
                    client.close()
    finally:
        gc.enable()
    return sample


def _drive(
    everybody: Sequence["_Client"],
    selector: selectors.BaseSelector,
    sample: Sample,
    seconds: float,
) -> None:
    began = time.perf_counter()
    for client in everybody:
        client.begin()
    while selector.get_map():
        ready = selector.select(_TIMEOUT_S)
        if not ready:
            raise NoAnswer(f"nothing for {_TIMEOUT_S:.0f} s")
        for key, _ in ready:
            client = key.data
            client.read(sample, began + seconds)
    sample.took_s = time.perf_counter() - began


class _Client:
    """One client with its connection."""

    def __init__(
        self, port: int, selector: selectors.BaseSelector, waiting: Iterator[Errand]
    ) -> None:
        self.waiting = waiting
        self.port = port
        self.selector = selector
        self.link: socket.socket | None = None
        self.rest: list[Request] = []
        self.this = Request(b"", 0)
        self.sent_at = 0.0
        self.got = b""
        self.is_fresh = True

    def begin(self) -> None:
        """Take the next errand, or leave."""
        errand = next(self.waiting, None)
        if errand is None:
            self.close()
            return
        self.rest = list(errand)
        self.send()

    def send(self) -> None:
        """Send the next request of the errand."""
        self.this = self.rest.pop(0)
        self.sent_at = time.perf_counter()
        self.post()

    def post(self) -> None:
        """Send the request, connecting first where needed."""
        self.got = b""
        self.is_fresh = self.link is None
        if self.link is None:
            self.link = socket.create_connection(("127.0.0.1", self.port), timeout=_TIMEOUT_S)
            self.link.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self.selector.register(self.link, selectors.EVENT_READ, self)
        try:
            self.link.sendall(self.this.raw)
        except (BrokenPipeError, ConnectionResetError):
            self.again()

    def again(self) -> None:
        """Send the request once more: the server had closed the idle connection meanwhile."""
        self.close()
        if self.is_fresh:
            raise NoAnswer("the server closed the connection")
        self.post()

    def read(self, sample: Sample, until: float) -> None:
        """Read what has come; when the answer is complete, go on."""
        chunk = self.receive()
        self.got += chunk
        if not self.got:
            self.again()
        elif is_complete(self.got, closed=not chunk):
            self.finish(sample, closed=not chunk)
            if self.rest:
                self.send()
            elif time.perf_counter() < until:
                self.begin()
            else:
                self.close()

    def receive(self) -> bytes:
        """Return what has come; nothing when the server closed the connection."""
        try:
            return self.link.recv(_READ_BYTES) if self.link else b""
        except ConnectionResetError:
            return b""

    def finish(self, sample: Sample, *, closed: bool) -> None:
        """Note the answer."""
        sample.latencies_s.append(time.perf_counter() - self.sent_at)
        self.check()
        if closed or closes(self.got):
            self.close()

    def check(self) -> None:
        """Compare the status with the expected one."""
        status = int(self.got[9:12])
        if status != self.this.status:
            said = self.got.decode(errors="replace")
            asked = self.this.raw.partition(b"\r\n")[0].decode()
            raise WrongAnswer(f"{asked}: {status} in place of {self.this.status}: {said[:3000]}")

    def close(self) -> None:
        """Hang up."""
        if self.link is not None:
            self.selector.unregister(self.link)
            self.link.close()
            self.link = None


def is_complete(got: bytes, *, closed: bool) -> bool:
    """Tell whether the bytes hold a whole answer."""
    head, found, body = got.partition(b"\r\n\r\n")
    if not found:
        return closed
    length = _header(head, b"content-length:")
    if length is not None:
        return len(body) >= int(length) or closed
    if _header(head, b"transfer-encoding:") == b"chunked":
        return body.endswith(b"0\r\n\r\n") or closed
    return closed


def closes(got: bytes) -> bool:
    """Tell whether the server closes the connection after this answer."""
    return _header(got.partition(b"\r\n\r\n")[0], b"connection:") == b"close"


def _header(head: bytes, name: bytes) -> bytes | None:
    lower = head.lower()
    start = lower.find(b"\r\n" + name)
    if start < 0:
        return None
    start += 2 + len(name)
    end = lower.find(b"\r\n", start)
    return lower[start : end if end >= 0 else None].strip()
