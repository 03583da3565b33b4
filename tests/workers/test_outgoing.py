"""Foreign servers are bounded in every way, and never reached where they should not be."""

import contextlib
import gzip
import socket
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from framework.settings import Settings, SettingsError
from tests.workers.conftest import RawServer, answering, certificate, read_request, response
from workers.addresses import Guard
from workers.outgoing import BadAnswer, Broken, Outgoing, Refused, TimedOut, TooLarge, Unreached

Serve = Callable[..., RawServer]


def test_an_answer_comes_back_whole_whatever_its_status(serve: Serve, outgoing: Outgoing) -> None:
    server = serve(answering(response(b'{"a": 1}', "404 Not Found", "X-One: yes\r\n")))
    answer = outgoing.request("POST", f"http://127.0.0.1:{server.port}/a?b=c", body=b"{}")
    assert (answer.status, answer.headers["x-one"], answer.json()) == (404, "yes", {"a": 1})


def test_requests_say_who_asks_and_take_no_compression(serve: Serve, outgoing: Outgoing) -> None:
    heard: list[bytes] = []

    def talk(connection: socket.socket) -> None:
        heard.append(read_request(connection))
        connection.sendall(response())

    server = serve(talk)
    outgoing.request("GET", f"http://localhost:{server.port}/keys", headers={"Accept": "a/b"})
    head = heard[0].decode()
    assert "User-Agent: LQF (+http://localhost:8000)" in head
    assert f"Host: localhost:{server.port}" in head
    assert "Accept: a/b" in head
    assert "identity" in head


def test_connections_are_kept(serve: Serve, outgoing: Outgoing) -> None:
    server = serve(answering(response(), response(), response()))
    for _ in range(3):
        outgoing.request("GET", f"http://127.0.0.1:{server.port}/")
    assert server.accepted == 1


def test_a_connection_that_the_server_has_closed_is_not_used_again(serve: Serve, outgoing: Outgoing) -> None:
    """A grade sent into it would be lost, or at least in doubt. Red without ``if kept.is_quiet()``."""
    server = serve(answering(response(), keep=False))
    for _ in range(3):
        assert outgoing.request("POST", f"http://127.0.0.1:{server.port}/", body=b"{}").status == 200
        time.sleep(0.05)
    assert server.accepted == 3


def test_what_comes_late_is_nobody_elses_answer(serve: Serve, outgoing: Outgoing) -> None:
    """Red with ``is_kept = True`` before the exchange."""

    def talk(connection: socket.socket) -> None:
        is_slow = b"/slow" in read_request(connection)
        time.sleep(0.6 if is_slow else 0)
        connection.sendall(response(b"slow" if is_slow else b"quick"))

    server = serve(talk)
    with pytest.raises(TimedOut):
        outgoing.request("GET", f"http://127.0.0.1:{server.port}/slow", seconds=0.3)
    assert outgoing.request("GET", f"http://127.0.0.1:{server.port}/quick").body == b"quick"


def test_an_address_is_written_as_the_standards_ask(serve: Serve, outgoing: Outgoing) -> None:
    heard: list[bytes] = []

    def talk(connection: socket.socket) -> None:
        heard.append(read_request(connection))
        connection.sendall(response(b"", "200 OK", "Connection: close\r\n"))

    server = serve(talk)
    outgoing.request("GET", f"http://LOCALHOST:{server.port}/a%20b/ä;c=1?d=ü&e=f/g#h")
    outgoing.request("POST", f"http://localhost:{server.port}?x=1")
    first, second = (head.decode().split("\r\n") for head in heard)
    assert first[:2] == ["GET /a%20b/%C3%A4;c=1?d=%C3%BC&e=f/g HTTP/1.1", f"Host: localhost:{server.port}"]
    assert second[0] == "POST /?x=1 HTTP/1.1"
    assert "Content-Length: 0" in second


@pytest.mark.lti("LTI-64")
def test_redirects_are_not_followed(serve: Serve, outgoing: Outgoing) -> None:
    server = serve(answering(response(b"", "302 Found", "Location: http://127.0.0.1:1/\r\n")))
    assert outgoing.request("GET", f"http://127.0.0.1:{server.port}/").status == 302


def test_a_large_answer_is_cut(serve: Serve, outgoing: Outgoing) -> None:
    server = serve(answering(response(b"x" * 10_000_000)))
    with pytest.raises(TooLarge) as caught:
        outgoing.request("GET", f"http://127.0.0.1:{server.port}/")
    assert caught.value.may_have_arrived


def test_a_compressed_bomb_is_cut(serve: Serve, outgoing: Outgoing) -> None:
    bomb = gzip.compress(b"x" * 50_000_000)
    server = serve(answering(response(bomb, headers="Content-Encoding: gzip\r\n")))
    with pytest.raises(TooLarge):
        outgoing.request("GET", f"http://127.0.0.1:{server.port}/")


@pytest.mark.lti("LTI-98")
def test_silence_ends(serve: Serve, outgoing: Outgoing) -> None:
    server = serve(lambda _connection: time.sleep(5))
    began = time.monotonic()
    with pytest.raises(TimedOut) as caught:
        outgoing.request("GET", f"http://127.0.0.1:{server.port}/", seconds=0.5)
    assert time.monotonic() - began < 3
    assert caught.value.may_have_arrived


@pytest.mark.parametrize("start", [b"HTTP/1.1 200 OK\r\nX-Slow: ", b"HTTP/1.1 200 OK\r\nContent-Length: 99999\r\n\r\n"])
def test_dripping_headers_or_body_end(serve: Serve, outgoing: Outgoing, start: bytes) -> None:
    def drip(connection: socket.socket) -> None:
        read_request(connection)
        connection.sendall(start)
        for _ in range(200):
            connection.sendall(b"x")
            time.sleep(0.1)

    server = serve(drip)
    began = time.monotonic()
    with pytest.raises(TimedOut) as caught:
        outgoing.request("GET", f"http://127.0.0.1:{server.port}/", seconds=0.5)
    assert time.monotonic() - began < 6
    assert caught.value.may_have_arrived


@pytest.mark.parametrize(
    "said", [b"", b"HTTP/1.1 200 OK\r\nContent-Length: 50\r\n\r\nshort", b"nonsense\r\n\r\n", b"HTTP/1.1 2x0 \r\n\r\n"]
)
def test_a_connection_cut_or_confused_may_have_been_heard(serve: Serve, outgoing: Outgoing, said: bytes) -> None:
    server = serve(answering(said, keep=False))
    with pytest.raises(Broken) as caught:
        outgoing.request("POST", f"http://127.0.0.1:{server.port}/", body=b"{}")
    assert caught.value.may_have_arrived


def test_nobody_there_means_nothing_was_sent(outgoing: Outgoing) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    with pytest.raises(Unreached) as caught:
        outgoing.request("POST", f"http://127.0.0.1:{port}/", body=b"{}")
    assert not caught.value.may_have_arrived
    with pytest.raises(Unreached):
        outgoing.request("GET", "http://no-such-host.invalid/")


@pytest.mark.parametrize("body", [b"<html>", b"", b"[" * 100_000, b"\xff\xfe"])
def test_what_is_not_json_is_said_so(serve: Serve, outgoing: Outgoing, body: bytes) -> None:
    server = serve(answering(response(body)))
    with pytest.raises(BadAnswer):
        outgoing.get_json(f"http://127.0.0.1:{server.port}/")


def test_get_json_wants_status_200(serve: Serve, outgoing: Outgoing) -> None:
    server = serve(answering(response(b"{}", "500 Oh")))
    with pytest.raises(BadAnswer, match="500"):
        outgoing.get_json(f"http://127.0.0.1:{server.port}/")


def test_a_certificate_must_be_trusted_and_name_the_host(serve: Serve, development: Settings, tmp_path: Path) -> None:
    pem, tls = certificate(tmp_path, "localhost")
    server = serve(answering(response()), tls)
    trusting = Outgoing(development.model_copy(update={"ca_file": str(pem)}))
    assert trusting.request("GET", f"https://localhost:{server.port}/").status == 200
    for calls, host in ((Outgoing(development), "localhost"), (trusting, "127.0.0.1")):
        with pytest.raises(Unreached, match="certificate"):
            calls.request("GET", f"https://{host}:{server.port}/")
        calls.close()


def test_calls_go_through_the_proxy_when_there_is_one(serve: Serve, development: Settings, tmp_path: Path) -> None:
    """The proxy sees who is called, and nothing else: the certificate is the server's own."""
    pem, tls = certificate(tmp_path, "lms.example.org")
    server = serve(answering(response(b"[1]"), response(b"[2]")), tls)
    heard: list[bytes] = []

    def talk(connection: socket.socket) -> None:
        heard.append(read_request(connection))
        connection.sendall(b"HTTP/1.1 200 Connection established\r\n\r\n")
        with socket.create_connection(("127.0.0.1", server.port)) as beyond:
            back = threading.Thread(target=_pass_on, args=[beyond, connection])
            back.start()
            _pass_on(connection, beyond)
            back.join()

    proxy = serve(talk)
    settings = {"https_proxy": f"http://127.0.0.1:{proxy.port}", "ca_file": str(pem)}
    calls = Outgoing(development.model_copy(update=settings))
    said = [calls.request("GET", "https://lms.example.org/token").json() for _ in range(2)]
    calls.close()
    assert (said, proxy.accepted, len(heard)) == ([[1], [2]], 1, 1)
    assert heard[0].startswith(b"CONNECT lms.example.org:443")


@pytest.mark.parametrize("said", [b"HTTP/1.1 407 Proxy Authentication Required\r\n\r\n", b"", b"nonsense"])
def test_a_proxy_that_opens_no_way_means_nothing_was_sent(serve: Serve, development: Settings, said: bytes) -> None:
    proxy = serve(answering(said, keep=False))
    calls = Outgoing(development.model_copy(update={"https_proxy": f"http://127.0.0.1:{proxy.port}"}))
    with pytest.raises(Unreached, match="proxy"):
        calls.request("POST", "https://lms.example.org/token")
    calls.close()


def _pass_on(here: socket.socket, there: socket.socket) -> None:
    with contextlib.suppress(OSError):
        while part := here.recv(65_536):
            there.sendall(part)
        there.shutdown(socket.SHUT_WR)


# --- where nobody may be sent


PRIVATE = [
    "10.1.2.3",
    "172.16.0.1",
    "192.168.1.1",
    "100.64.0.1",
    "[fd00::1]",
    "[::ffff:10.1.2.3]",
    "[64:ff9b::a01:203]",
]
NEVER = [
    "127.0.0.1",
    "127.9.9.9",
    "[::1]",
    "[::ffff:127.0.0.1]",
    "[64:ff9b::7f00:1]",
    "169.254.169.254",
    "[fe80::1]",
    "[::ffff:169.254.169.254]",
    "[2002:a9fe:a9fe::1]",
    "0.0.0.0",  # noqa: S104  # must be refused
    "[::]",
    "224.0.0.1",
    "255.255.255.255",
    "localhost",
    "2130706433",
    "0x7f.1",
]


@pytest.mark.lti("LTI-64")
@pytest.mark.parametrize("host", PRIVATE + NEVER)
def test_production_calls_no_private_address(production: Settings, host: str) -> None:
    with pytest.raises(Refused):
        Outgoing(production).request("GET", f"https://{host}/")


@pytest.mark.parametrize("host", NEVER)
def test_naming_every_network_opens_neither_loopback_nor_link_local(production: Settings, host: str) -> None:
    everything = production.model_copy(update={"allowed_networks": "0.0.0.0/0, ::/0"})
    with pytest.raises(Refused):
        Outgoing(everything).request("GET", f"https://{host}/")


def test_a_named_private_network_is_open(production: Settings) -> None:
    guard = Guard(production.model_copy(update={"allowed_networks": "10.1.0.0/16"}))
    guard.check("https://10.1.2.3/")
    assert guard.addresses("10.1.2.3", 443) == ["10.1.2.3"]
    with pytest.raises(Exception, match="LQF_ALLOWED_NETWORKS"):
        guard.check("https://10.2.2.3/")


@pytest.mark.parametrize("host", ["169.254.169.254", "[fe80::1]", "0.0.0.0", "224.0.0.1"])  # noqa: S104  # must be refused
def test_development_calls_no_metadata_service(outgoing: Outgoing, host: str) -> None:
    with pytest.raises(Refused):
        outgoing.request("GET", f"http://{host}/")


@pytest.mark.lti("LTI-64")
@pytest.mark.parametrize(
    "url",
    [
        "http://lms.example.org/",
        "ftp://lms.example.org/",
        "file:///etc/passwd",
        "https://user:secret@lms.example.org/",
        "https:///path",
        "https://lms.example.org:99999/",
        "https://lms.example.org/\r\nX: y",
        "https://[::1/",
        "//lms.example.org/",
        "https://lms..example.org/",
        "https://lms.example.org/\ud800",
        "",
    ],
)
def test_production_calls_plain_https_urls_only(production: Settings, url: str) -> None:
    with pytest.raises(Refused):
        Outgoing(production).request("GET", url)


@pytest.mark.lti("LTI-64")
def test_a_name_that_resolves_to_a_private_address_is_refused(
    production: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    def resolve(*_: Any, **__: Any) -> list[Any]:
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("10.0.0.5", 443))]

    monkeypatch.setattr(socket, "getaddrinfo", resolve)
    with pytest.raises(Refused, match=r"rebind\.example\.org"):
        Outgoing(production).request("GET", "https://rebind.example.org/")


def test_a_name_is_resolved_once_and_the_checked_address_is_called(
    serve: Serve, development: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A rebinding name server answers differently the second time: nobody asks it again."""
    server = serve(answering(response()))
    asked: list[str] = []
    real = socket.getaddrinfo

    def resolve(host: Any, *rest: Any, **more: Any) -> Any:
        if host == "rebind.example.org":
            asked.append(host)
            host = "127.0.0.1" if len(asked) == 1 else "169.254.169.254"
        return real(host, *rest, **more)

    monkeypatch.setattr(socket, "getaddrinfo", resolve)
    calls = Outgoing(development)
    assert calls.request("GET", f"http://rebind.example.org:{server.port}/").status == 200
    calls.close()
    assert asked == ["rebind.example.org"]


def test_wrong_settings_are_said_in_one_line(production: Settings) -> None:
    with pytest.raises(SettingsError, match="LQF_ALLOWED_NETWORKS"):
        Outgoing(production.model_copy(update={"allowed_networks": "ten"}))
    for proxy in ("proxy.example.org:3128", "https://proxy.example.org", "http://proxy:port"):
        with pytest.raises(SettingsError, match="LQF_HTTPS_PROXY"):
            Outgoing(production.model_copy(update={"https_proxy": proxy}))
    with pytest.raises(SettingsError, match="LQF_CA_FILE"):
        Outgoing(production.model_copy(update={"ca_file": "/no/such/file"}))
