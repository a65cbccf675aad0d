"""The webhook goes where it may, by HTTPS, signed, and nowhere else."""

from __future__ import annotations

import hashlib
import hmac
import socket
import ssl
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from sekisho.workflows.watch_after import webhook
from sekisho.workflows.watch_after.webhook import NotTaken, checked_address, checked_host, post, signature

HOST = "messenger.example.jp"
KEY = b"a key of at least 16 bytes"


class Hook(BaseHTTPRequestHandler):
    """Keeps what it got; answers with the status that the path ends in."""

    got: list[tuple[dict[str, str], bytes]] = []  # noqa: RUF012 - one for the server of a test

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.got.append((dict(self.headers), body))
        status = int(self.path.rsplit("/", 1)[1])
        self.send_response(status)
        if status == 302:
            self.send_header("Location", f"https://{HOST}/200")
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_: Any) -> None:
        """Silent."""


@pytest.fixture
def certificate(tmp_path: Path) -> Path:
    """A certificate of the host's name, with its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, HOST)])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
        .serial_number(1).not_valid_before(now - timedelta(days=1)).not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(HOST)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )  # fmt: skip
    file = tmp_path / "hook.pem"
    plain = serialization.NoEncryption()
    form = serialization.PrivateFormat.PKCS8
    file.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, form, plain)
        + made.public_bytes(serialization.Encoding.PEM)
    )
    return file


@pytest.fixture
def hook(
    certificate: Path, settings: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[ssl.SSLContext]:
    """The messenger on this machine, which the settings allow; gives the context that trusts it."""
    server = HTTPServer(("127.0.0.1", 0), Hook)
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(certificate)
    server.socket = tls.wrap_socket(server.socket, server_side=True)
    port = server.server_address[1]
    Hook.got = []
    (tmp_path / "hook.key").write_bytes(KEY)
    settings.SEKISHO_WATCH_WEBHOOK = f"https://{HOST}:{port}/200"
    settings.SEKISHO_WATCH_WEBHOOK_HOSTS = (HOST,)
    settings.SEKISHO_WATCH_WEBHOOK_NETWORKS = ("127.0.0.0/8",)
    settings.SEKISHO_WATCH_WEBHOOK_KEY_FILE = str(tmp_path / "hook.key")
    resolves_to(monkeypatch, "127.0.0.1")
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield ssl.create_default_context(cafile=str(certificate))
    server.shutdown()
    thread.join()
    server.server_close()


def resolves_to(monkeypatch: pytest.MonkeyPatch, *addresses: str) -> None:
    def found(_: str, port: int, *__: Any, **___: Any) -> list[Any]:
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (a, port)) for a in addresses]

    monkeypatch.setattr(webhook.socket, "getaddrinfo", found)


def test_what_is_posted_arrives_signed_with_its_id(hook: ssl.SSLContext):
    post(b'{"a":1}', delivery="D1", context=hook)
    headers, body = Hook.got[0]
    assert (body, headers["Sekisho-Delivery"], headers["Content-Type"]) == (
        b'{"a":1}',
        "D1",
        "application/json",
    )
    seconds, digest = headers["Sekisho-Signature"].removeprefix("t=").split(",v1=")
    assert digest == hmac.new(KEY, f"{seconds}.".encode() + body, hashlib.sha256).hexdigest()
    assert headers["Host"].startswith(HOST)


@pytest.mark.parametrize("status", [302, 400, 500])
def test_anything_but_a_success_is_not_taken_and_no_redirect_is_followed(
    hook: ssl.SSLContext, settings: Any, status: int
):
    settings.SEKISHO_WATCH_WEBHOOK = settings.SEKISHO_WATCH_WEBHOOK.replace("/200", f"/{status}")
    with pytest.raises(NotTaken, match=str(status)):
        post(b"{}", delivery="D1", context=hook)
    assert len(Hook.got) == 1


def test_a_certificate_that_nobody_vouches_for_is_not_trusted(hook: ssl.SSLContext):
    with pytest.raises(NotTaken, match="CERTIFICATE_VERIFY_FAILED"):
        post(b"{}", delivery="D1")
    assert Hook.got == []


def test_without_a_key_nothing_is_sent(hook: ssl.SSLContext, settings: Any, tmp_path: Path):
    for name in ("none.key", "short.key"):
        (tmp_path / "short.key").write_bytes(b"short")
        settings.SEKISHO_WATCH_WEBHOOK_KEY_FILE = str(tmp_path / name)
        with pytest.raises(NotTaken, match="KEY_FILE"):
            post(b"{}", delivery="D1", context=hook)
    assert Hook.got == []


@pytest.mark.parametrize(
    ("scheme", "host", "user"),
    [
        ("http", HOST, None),
        ("https", None, None),
        ("https", HOST, "u"),
        ("https", "evil.example", None),
        ("file", HOST, None),
    ],
)
def test_only_https_to_a_listed_host(settings: Any, scheme: str, host: str | None, user: str | None):
    settings.SEKISHO_WATCH_WEBHOOK_HOSTS = (HOST.upper(),)
    assert checked_host("https", HOST) == HOST
    with pytest.raises(NotTaken):
        checked_host(scheme, host, user)


@pytest.mark.parametrize(
    "address",
    ["127.0.0.1", "10.1.2.3", "169.254.169.254", "::1", "fd00::1", "::ffff:10.0.0.1", "0.0.0.0", "224.0.0.1"],
)
def test_a_host_that_resolves_into_the_house_is_refused_unless_the_network_is_listed(
    settings: Any, monkeypatch: pytest.MonkeyPatch, address: str
):
    settings.SEKISHO_WATCH_WEBHOOK_NETWORKS = ()
    resolves_to(monkeypatch, "93.184.215.14", address)
    with pytest.raises(NotTaken, match="not public"):
        checked_address(HOST, 443)


def test_a_public_host_and_one_in_a_listed_network_are_sent_to(
    settings: Any, monkeypatch: pytest.MonkeyPatch
):
    settings.SEKISHO_WATCH_WEBHOOK_NETWORKS = ("10.1.0.0/16",)
    resolves_to(monkeypatch, "93.184.215.14")
    assert checked_address(HOST, 443) == "93.184.215.14"
    resolves_to(monkeypatch, "10.1.2.3")
    assert checked_address(HOST, 443) == "10.1.2.3"


def test_one_that_does_not_resolve_is_said(monkeypatch: pytest.MonkeyPatch):
    def fails(*_: Any, **__: Any) -> None:
        raise socket.gaierror

    monkeypatch.setattr(webhook.socket, "getaddrinfo", fails)
    with pytest.raises(NotTaken, match="resolve"):
        checked_address(HOST, 443)


def test_the_signature_covers_time_and_body():
    told = signature(b"{}", KEY, 1)
    assert told == "t=1,v1=" + hmac.new(KEY, b"1.{}", hashlib.sha256).hexdigest()
    assert (
        len({told, signature(b"{ }", KEY, 1), signature(b"{}", KEY, 2), signature(b"{}", KEY + b"!", 1)}) == 4
    )
