"""A server that answers as a test says, the demo LMS, and the workshop that jobs work with."""

import datetime
import ipaddress
import json
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from sqlalchemy.orm import Session

from framework.settings import Settings
from framework.store import tool_keys
from framework.store.sessions import Store
from framework.store.tables import ToolKey
from tests.demo_lms.serving import in_thread
from tests.workers.course import Lms
from workers import workshop
from workers.outgoing import Outgoing
from workers.workshop import Workshop

SECRET = "a secret that only these tests know, long enough"

Talk = Callable[[socket.socket], None]


class RawServer:
    """Accepts connections on loopback and hands each to ``talk``; speaks no HTTP of its own, so it can lie freely."""

    def __init__(self, talk: Talk, tls: ssl.SSLContext | None = None) -> None:
        self.accepted = 0
        self._talk, self._tls = talk, tls
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._socket.getsockname()[1]
        threading.Thread(target=self._run, daemon=True).start()

    def close(self) -> None:
        self._socket.close()

    def _run(self) -> None:
        while True:
            try:
                connection, _ = self._socket.accept()
            except OSError:
                return
            self.accepted += 1
            threading.Thread(target=self._serve, args=[connection], daemon=True).start()

    def _serve(self, connection: socket.socket) -> None:
        try:
            if self._tls is not None:
                connection = self._tls.wrap_socket(connection, server_side=True)
            with connection:
                self._talk(connection)
        except OSError:
            connection.close()


@pytest.fixture
def serve() -> Iterator[Callable[..., RawServer]]:
    """``serve(talk)``: a server for this test."""
    servers: list[RawServer] = []

    def start(talk: Talk, tls: ssl.SSLContext | None = None) -> RawServer:
        servers.append(RawServer(talk, tls))
        return servers[-1]

    yield start
    for server in servers:
        server.close()


def answering(*answers: bytes, keep: bool = True) -> Talk:
    """Talk that reads one request and sends one answer, again and again as long as there are answers."""

    def talk(connection: socket.socket) -> None:
        for answer in answers:
            read_request(connection)
            connection.sendall(answer)
        if keep:
            connection.recv(1)

    return talk


def read_request(connection: socket.socket) -> bytes:
    """One request, with the body its Content-Length announces."""
    data = b""
    while b"\r\n\r\n" not in data:
        part = connection.recv(65_536)
        if not part:
            raise OSError("closed")
        data += part
    head, _, body = data.partition(b"\r\n\r\n")
    lengths = [line for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:")]
    length = int(lengths[0].split(b":")[1]) if lengths else 0
    while len(body) < length:
        body += connection.recv(65_536)
    return head + b"\r\n\r\n" + body


def response(body: bytes = b"{}", status: str = "200 OK", headers: str = "") -> bytes:
    """A whole HTTP answer."""
    return f"HTTP/1.1 {status}\r\nContent-Length: {len(body)}\r\n{headers}\r\n".encode() + body


@pytest.fixture
def development(tmp_path: Path) -> Settings:
    """Development settings that touch neither database nor Redis."""
    return Settings(
        env="development", base_url="http://localhost:8000", secret_key="x" * 40, data_dir=tmp_path
    )  # fmt: skip


@pytest.fixture
def production(tmp_path: Path) -> Settings:
    """Production settings that touch neither database nor Redis."""
    return Settings(env="production", base_url="https://lqf.example.org", secret_key="x" * 40, data_dir=tmp_path)


@pytest.fixture
def outgoing(development: Settings) -> Iterator[Outgoing]:
    """What may call loopback, as in development."""
    calls = Outgoing(development)
    yield calls
    calls.close()


def certificate(folder: Path, *names: str) -> tuple[Path, ssl.SSLContext]:
    """A self-made certificate for these names: (file to trust, the server's context)."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, names[0])])
    now = datetime.datetime.now(datetime.UTC)
    kinds: list[x509.GeneralName] = [
        x509.IPAddress(ipaddress.ip_address(one)) if one[0].isdigit() else x509.DNSName(one) for one in names
    ]
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName(kinds), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    pem, secret = folder / "server.pem", folder / "server.key"
    pem.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    secret.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pem, secret)
    return pem, context


@pytest.fixture(scope="session")
def tool_key() -> dict[str, Any]:
    """The columns of one signing key, for every test: making one takes long."""
    engine = sa.create_engine("sqlite://")
    ToolKey.metadata.create_all(engine, tables=[sa.inspect(ToolKey).local_table])  # type: ignore[list-item]  # a table, and no join
    with Session(engine, info={"tenant_id": None}) as session:
        tool_keys.ensure(session, SECRET)
        session.flush()
        row = session.scalars(sa.select(ToolKey)).one()
        columns = {column.key: getattr(row, column.key) for column in sa.inspect(ToolKey).columns}
        session.rollback()
    engine.dispose()
    return columns


@pytest.fixture(scope="session")
def tool_url(tool_key: dict[str, Any]) -> Iterator[str]:
    """Where an LMS finds this tool's key set: ``<tool_url>/lti/jwks``."""
    document = json.dumps({"keys": [tool_key["public_jwk"]]}).encode()

    class Keys(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Length", str(len(document)))
            self.end_headers()
            self.wfile.write(document)

        def log_message(self, format: str, *args: Any) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Keys)
    thread = threading.Thread(target=server.serve_forever, args=[0.05], daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture(scope="session")
def _lms(tool_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lms]:
    with in_thread(tmp_path_factory.mktemp("lms"), tool_url) as config:
        yield Lms(config.public_url)


@pytest.fixture
def lms(_lms: Lms) -> Lms:
    """The demo LMS with empty courses."""
    _lms.door("reset", {})
    return _lms


@pytest.fixture
def shop(settings: Callable[..., Settings], store: Store, tool_key: dict[str, Any]) -> Iterator[Workshop]:
    """What jobs work with, on this test's database and Valkey, with a signing key."""
    with store.directory() as session:
        session.add(ToolKey(**tool_key))
    made = Workshop(settings(secret_key=SECRET))
    own, made.store = made.store, store  # the test's has compiled its statements already
    workshop.use(made)
    yield made
    workshop.use(None)
    made.close()
    own.close()  # its parts have kept it
