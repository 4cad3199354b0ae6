"""The load driver against a small server of its own."""

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from bench.driver import NoAnswer, WrongAnswer, is_complete, request, run

pytestmark = pytest.mark.real_clock


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        status = 500 if self.path == "/broken" else 200
        self.send_response(status)
        if self.path == "/closing":
            self.send_header("Connection", "close")
        self.send_header("Content-Length", "2")
        self.end_headers()
        self.wfile.write(b"ok")

    def log_message(self, format: str, *args: object) -> None:  # ruff: ignore[builtin-argument-shadowing] - its name
        return


@pytest.fixture
def port() -> Iterator[int]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield server.server_address[1]
    server.shutdown()
    server.server_close()
    thread.join()


class TestRun:
    @pytest.mark.parametrize("path", ["/open", "/closing"])
    def test_does_every_errand_once(self, port: int, path: str) -> None:
        step = request("GET", path, status=200)
        sample = run(port, [(step, step)] * 25, clients=4, seconds=30)
        assert len(sample.latencies_s) == 50
        assert sample.per_second > 0
        assert sample.median_ms <= sample.percentile_ms(95)

    def test_ends_when_the_time_is_over(self, port: int) -> None:
        step = request("GET", "/open", status=200)
        sample = run(port, [(step,)] * 100_000, clients=2, seconds=0.2)
        assert 0 < len(sample.latencies_s) < 100_000

    def test_fails_on_an_unexpected_status(self, port: int) -> None:
        with pytest.raises(WrongAnswer, match="500"):
            run(port, [(request("GET", "/broken", status=200),)], clients=1, seconds=5)

    def test_fails_when_nobody_answers(self) -> None:
        with pytest.raises((NoAnswer, ConnectionRefusedError)):
            run(1, [(request("GET", "/", status=200),)], clients=1, seconds=5)


class TestIsComplete:
    @pytest.mark.parametrize(
        ("got", "complete"),
        [
            (b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n", False),
            (b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\no", False),
            (b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok", True),
            (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n", False),
            (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n", True),
            (b"HTTP/1.1 200 OK\r\n\r\nok", False),
        ],
    )
    def test_knows_the_end_of_an_answer(self, got: bytes, complete: bool) -> None:
        assert is_complete(got, closed=False) is complete
