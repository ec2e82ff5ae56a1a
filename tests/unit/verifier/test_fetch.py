"""The guarded fetcher: whom it asks, where it connects to, and when it stops. Loopback and fake names only."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from verifier import DocumentsFetcher, Fetched, FetchError, HTTPSFetcher, LimitedFetcher, NoFetcher, OwnFetcher
from verifier.fetch import MAX_BYTES, read_documents_map
from verifier.guarded import resolve_host


def _names(*addresses: str) -> Callable[[str, int], list[str]]:
    return lambda _host, _port: list(addresses)


@contextmanager
def a_server(answer: Callable[[BaseHTTPRequestHandler], None]) -> Iterator[tuple[str, list[str]]]:
    """A web server on the loopback; yields its origin, and collects the paths it was asked for."""
    asked: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(f"{self.headers['Host']}{self.path}")
            answer(self)

        def log_message(self, *_: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield f"http://academy.example:{server.server_port}", asked
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def _dev(**changes: Any) -> HTTPSFetcher:
    return HTTPSFetcher(**{"dev": True, "resolve": _names("127.0.0.1"), **changes})


def _say(body: bytes, *, status: int = 200, **headers: str) -> Callable[[BaseHTTPRequestHandler], None]:
    def answer(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(status)
        for name, value in {"Content_Length": str(len(body)), **headers}.items():
            handler.send_header(name.replace("_", "-"), value)
        handler.end_headers()
        handler.wfile.write(body)

    return answer


# --- whom it asks ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "url",
    [
        "http://academy.example/",
        "file:///etc/passwd",
        "ftp://academy.example/",
        "gopher://academy.example/",
        "data:application/json,{}",
        "did:web:academy.example",
        "//academy.example/",
        "https://",
        "https:///path",
        "https://user@academy.example/",
        "https://user:secret@academy.example/",
        "https://academy.example:8443/",
        "https://academy.example:99999/",
        "https://academy.example:x/",
        "https://[::1/",
        "https://acadämy.example/",
        "https://academy.example/a b",
        "https://academy.example/\r\nHost: other",
        "",
    ],
)
def test_only_a_plain_https_address_is_asked_for(url: str) -> None:
    def never(_host: str, _port: int) -> list[str]:
        raise AssertionError("no name may be looked up")

    with pytest.raises(FetchError):
        HTTPSFetcher(resolve=never).fetch(url)


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1",
        "127.8.9.10",
        "0.0.0.0",
        "10.0.0.1",
        "172.16.0.1",
        "192.168.1.1",
        "169.254.169.254",
        "100.64.0.1",
        "192.0.2.1",
        "198.18.0.1",
        "224.0.0.1",
        "240.0.0.1",
        "255.255.255.255",
        "::",
        "::1",
        "fe80::1%eth0",
        "fc00::1",
        "ff02::1",
        "::ffff:10.0.0.1",
        "::ffff:93.184.215.14",
        "64:ff9b::a00:1",
        "2002:a00:1::",
        "2001:0:4136:e378:8000:63bf:3fff:fdd2",
        "2001:db8::1",
    ],
)
def test_a_host_inside_a_network_is_not_asked(address: str) -> None:
    with pytest.raises(FetchError, match="inside a private network"):
        HTTPSFetcher(resolve=_names(address)).fetch("https://academy.example/")


def test_one_private_address_among_public_ones_is_enough_to_refuse() -> None:
    with pytest.raises(FetchError, match="private network"):
        HTTPSFetcher(resolve=_names("93.184.215.14", "10.0.0.1")).fetch("https://academy.example/")


@pytest.mark.parametrize("address", ["10.0.0.1", "169.254.169.254", "::ffff:127.0.0.1"])
def test_trying_out_opens_the_loopback_only(address: str) -> None:
    with pytest.raises(FetchError, match="private network"):
        _dev(resolve=_names(address)).fetch("http://academy.example/")


def test_a_name_that_nobody_has_is_told() -> None:
    def unknown(_host: str, _port: int) -> list[str]:
        raise socket.gaierror("no such name")

    for resolve in (unknown, _names()):
        with pytest.raises(FetchError, match=r"no host called|no address"):
            HTTPSFetcher(resolve=resolve).fetch("https://academy.example/")


@pytest.mark.parametrize("host", ["0x7f000001", "2130706433", "127.1", "localhost"])
def test_other_spellings_of_the_loopback_are_seen_through(host: str) -> None:
    with pytest.raises(FetchError):
        HTTPSFetcher(resolve=resolve_host).fetch(f"https://{host}/")


# --- where it connects to -------------------------------------------------------------------------------------


def test_it_connects_to_the_very_address_that_was_looked_at(monkeypatch: pytest.MonkeyPatch) -> None:
    connected = []
    answers = iter([["93.184.215.14"], ["127.0.0.1"]])

    def connect(address: tuple[str, int], _timeout: float) -> socket.socket:
        connected.append(address)
        raise ConnectionRefusedError

    monkeypatch.setattr(socket, "create_connection", connect)
    with pytest.raises(FetchError, match="cannot be reached"):
        HTTPSFetcher(resolve=lambda _host, _port: next(answers)).fetch("https://academy.example/")
    assert connected == [("93.184.215.14", 443)]


def test_a_server_without_a_certificate_for_its_name_is_not_believed() -> None:
    with a_server(_say(b"{}")) as (origin, asked):
        url = origin.replace("http:", "https:")
        with pytest.raises(FetchError, match="cannot be reached"):
            _dev().fetch(url)
        assert asked == []


def test_the_host_is_asked_by_its_own_name() -> None:
    with a_server(_say(b'{"a": 1}')) as (origin, asked):
        answer = _dev().fetch(f"{origin}/x?y=1#z")
    assert answer == Fetched(body=b'{"a": 1}', source="fetched")
    assert asked == [f"{origin.removeprefix('http://')}/x?y=1"]


# --- redirects ------------------------------------------------------------------------------------------------


def test_a_redirect_on_the_same_host_is_followed() -> None:
    def answer(handler: BaseHTTPRequestHandler) -> None:
        if handler.path == "/a":
            _say(b"", status=302, Location="/b")(handler)
        else:
            _say(b"there")(handler)

    with a_server(answer) as (origin, _):
        assert _dev().fetch(f"{origin}/a").body == b"there"


@pytest.mark.parametrize(
    "location", ["http://other.example/", "https://academy.example/", "file:///etc/passwd", "//10.0.0.1/"]
)
def test_a_redirect_to_another_host_is_not_followed(location: str) -> None:
    with a_server(_say(b"", status=301, Location=location)) as (origin, asked):
        with pytest.raises(FetchError, match="another host"):
            _dev().fetch(f"{origin}/a")
        assert len(asked) == 1


def test_redirects_without_end_stop() -> None:
    with a_server(_say(b"", status=307, Location="/a")) as (origin, asked):
        with pytest.raises(FetchError, match="round in circles"):
            _dev().fetch(f"{origin}/a")
        assert len(asked) == 4


# --- when it stops --------------------------------------------------------------------------------------------


def test_an_answer_that_is_no_document_is_told() -> None:
    with a_server(_say(b"gone", status=404)) as (origin, _), pytest.raises(FetchError, match="status 404"):
        _dev().fetch(f"{origin}/a")


def test_a_document_that_is_too_large_is_not_read_to_its_end() -> None:
    def endless(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(200)
        handler.end_headers()
        try:
            while True:
                handler.wfile.write(b"x" * 65_536)
        except OSError:
            pass

    with a_server(endless) as (origin, _), pytest.raises(FetchError, match=f"larger than {MAX_BYTES:,}"):
        _dev().fetch(f"{origin}/a")


def test_a_document_that_breaks_off_is_not_taken_for_whole() -> None:
    with a_server(_say(b"{}", Content_Length="10")) as (origin, _), pytest.raises(FetchError, match="broke off"):
        _dev().fetch(f"{origin}/a")


def test_a_host_that_drips_is_hung_up_on() -> None:
    told = threading.Event()

    def drip(handler: BaseHTTPRequestHandler) -> None:
        try:
            handler.wfile.write(b"HTTP/1.1 200 OK\r\n")
            while not told.wait(0.02):
                handler.wfile.write(b"X-More: 1\r\n")
        except OSError:
            pass

    with a_server(drip) as (origin, _):
        try:
            with pytest.raises(FetchError):
                _dev(timeout_s=0.2).fetch(f"{origin}/a")
        finally:
            told.set()


def test_a_host_that_says_nonsense_is_told() -> None:
    def nonsense(handler: BaseHTTPRequestHandler) -> None:
        handler.wfile.write(b"this is no HTTP\r\n\r\n")

    with a_server(nonsense) as (origin, _), pytest.raises(FetchError, match="cannot be reached"):
        _dev().fetch(f"{origin}/a")


def test_a_document_is_kept_for_five_minutes() -> None:
    moments = [0.0]
    with a_server(_say(b"x")) as (origin, asked):
        fetcher = _dev(clock=lambda: moments[0])
        for moment, requests in ((0.0, 1), (299.0, 1), (300.0, 2)):
            moments[0] = moment
            fetcher.fetch(f"{origin}/a")
            assert len(asked) == requests


# --- other fetchers -------------------------------------------------------------------------------------------


def test_no_fetcher_asks_nobody() -> None:
    with pytest.raises(FetchError, match="uses no network"):
        NoFetcher().fetch("https://academy.example/")


def test_our_own_addresses_are_answered_in_process() -> None:
    fetcher = OwnFetcher("https://academy.example", {"https://academy.example/a": b"own"}.get, NoFetcher())
    assert fetcher.fetch("https://academy.example/a") == Fetched(body=b"own", source="local")
    with pytest.raises(FetchError, match="there is nothing"):
        fetcher.fetch("https://academy.example/b")
    for other in (
        "https://academy.example.org/a",
        "https://academy.example@evil.example/",
        "http://academy.example/a",
    ):
        with pytest.raises(FetchError, match="no network"):
            fetcher.fetch(other)


def test_documents_answer_and_nothing_else_is_asked(tmp_path: Path) -> None:
    (tmp_path / "did.json").write_bytes(b"{}")
    (tmp_path / "map.json").write_text('{"https://a.example/did.json": "did.json", "https://a.example/x": "none"}')
    fetcher = read_documents_map(tmp_path / "map.json")
    assert fetcher.fetch("https://a.example/did.json") == Fetched(body=b"{}", source="supplied")
    with pytest.raises(FetchError, match="cannot be read"):
        fetcher.fetch("https://a.example/x")
    with pytest.raises(FetchError, match="not among the documents"):
        fetcher.fetch("https://a.example/y")


def test_a_document_of_a_map_has_a_limit_too(tmp_path: Path) -> None:
    (tmp_path / "big").write_bytes(bytes(MAX_BYTES + 1))
    with pytest.raises(FetchError, match="larger than"):
        DocumentsFetcher({"https://a.example/": tmp_path / "big"}).fetch("https://a.example/")
    with pytest.raises(FetchError, match="cannot be read"):
        DocumentsFetcher({"https://a.example/": tmp_path / "a\0b"}).fetch("https://a.example/")


@pytest.mark.parametrize("text", ["[]", "{", '{"a": 1}', "\xff"])
def test_a_map_that_is_none_is_refused(tmp_path: Path, text: str) -> None:
    (tmp_path / "map.json").write_bytes(text.encode("latin-1"))
    with pytest.raises(ValueError, match="is not a JSON object from URL to file"):
        read_documents_map(tmp_path / "map.json")
    with pytest.raises(ValueError, match="cannot be read"):
        read_documents_map(tmp_path / "none.json")


class _Counting:
    def __init__(self, clock: list[float] | None = None) -> None:
        self.asked: list[str] = []
        self._clock = clock

    def fetch(self, url: str) -> Fetched:
        self.asked.append(url)
        if self._clock is not None:
            self._clock[0] += 6.0
        if url.endswith("bad"):
            raise FetchError("nothing there")
        return Fetched(body=b"x", source="fetched")


def test_one_check_asks_for_each_document_once_also_for_those_that_fail() -> None:
    inner = _Counting()
    fetcher = LimitedFetcher(inner)
    for url in ("https://a.example/1", "https://a.example/1", "https://a.example/bad"):
        if url.endswith("bad"):
            for _ in range(2):
                with pytest.raises(FetchError, match="nothing there"):
                    fetcher.fetch(url)
        else:
            fetcher.fetch(url)
    assert inner.asked == ["https://a.example/1", "https://a.example/bad"]


def test_one_check_asks_for_few_documents() -> None:
    fetcher = LimitedFetcher(_Counting(), max_fetches=2)
    fetcher.fetch("https://a.example/1")
    fetcher.fetch("https://a.example/2")
    with pytest.raises(FetchError, match="more than 2 other documents"):
        fetcher.fetch("https://a.example/3")


def test_one_check_asks_for_some_seconds() -> None:
    clock = [100.0]
    inner = _Counting(clock)
    fetcher = LimitedFetcher(inner, max_s=10.0, clock=lambda: clock[0])
    fetcher.fetch("https://a.example/1")
    fetcher.fetch("https://a.example/2")
    with pytest.raises(FetchError, match="more than 10 seconds"):
        fetcher.fetch("https://a.example/3")
    assert len(inner.asked) == 2
