"""The client over real sockets: what is connected to, and where a call ends."""

import datetime as dt
import socket
import ssl
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from shared.wiring.outbound import Outbound, OutboundError, OutboundFailed, OutboundRefused
from tests.unit.outbound.receivers import receiver

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nX-A: b\r\n\r\nok"
LOOPBACK = Outbound(allowed=["http://127.0.0.1:*"])


def saying(*parts: bytes, pause: float = 0.0) -> Callable[[socket.socket], None]:
    def answer(connection: socket.socket) -> None:
        for part in parts:
            connection.sendall(part)
            time.sleep(pause)

    return answer


def dripping(head: bytes) -> Callable[[socket.socket], None]:
    def answer(connection: socket.socket) -> None:
        connection.sendall(head)
        while True:
            connection.sendall(b"a")
            time.sleep(0.05)

    return answer


def pouring(head: bytes, part: bytes) -> Callable[[socket.socket], None]:
    def answer(connection: socket.socket) -> None:
        connection.sendall(head)
        while True:
            connection.sendall(part)

    return answer


def test_a_call_and_its_answer() -> None:
    with receiver(OK) as there:
        answer = LOOPBACK.send(
            "POST", there.origin + "/in?x=1", headers=[("content-type", "text/plain")], content=b"hello"
        )
        assert (answer.status, answer.body, answer.headers["x-a"], answer.is_success) == (
            200,
            b"ok",
            "b",
            True,
        )
        head, _, body = there.requests[0].partition(b"\r\n\r\n")
        lines = head.split(b"\r\n")
        assert lines[0] == b"POST /in?x=1 HTTP/1.1" and body == b"hello"
        assert f"Host: 127.0.0.1:{there.port}".encode() in lines and b"Content-Length: 5" in lines
        assert b"User-Agent: Commonplace" in lines and b"Accept-Encoding: identity" in lines


def test_a_connection_is_used_again() -> None:
    def two(connection: socket.socket) -> None:
        for _ in range(2):
            connection.sendall(OK)
            connection.recv(65_536)

    with receiver(two) as there:
        assert [LOOPBACK.get(there.origin).status for _ in range(2)] == [200, 200]
        assert there.connections == 1


def test_headers_that_are_the_clients_own_are_not_given() -> None:
    with pytest.raises(ValueError, match="own header"):
        LOOPBACK.send("POST", "http://127.0.0.1:9/", headers=[("Host", "elsewhere.example")])


def test_no_proxy_is_taken_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    with receiver(OK) as there, receiver(OK) as proxy:
        for name in ("http_proxy", "HTTP_PROXY", "https_proxy", "ALL_PROXY"):
            monkeypatch.setenv(name, proxy.origin)
        assert Outbound(allowed=[there.origin]).get(there.origin).status == 200
        assert (there.connections, proxy.connections) == (1, 0)


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_is_an_answer_and_is_not_followed(status: int) -> None:
    with receiver(OK) as elsewhere:
        location = f"Location: {elsewhere.origin}/latest/meta-data".encode()
        with receiver(b"HTTP/1.1 %d Go\r\n%s\r\nContent-Length: 0\r\n\r\n" % (status, location)) as there:
            answer = LOOPBACK.get(there.origin)
        assert answer.status == status and not answer.is_success
        assert elsewhere.connections == 0


@pytest.mark.parametrize(
    "answers",
    [
        ["127.0.0.1"], ["10.0.0.1"], ["169.254.169.254"], ["::1"], ["::ffff:127.0.0.1"], ["64:ff9b::7f00:1"],
        ["1.1.1.1", "127.0.0.1"], ["2606:4700:4700::1111", "fd00::1"],
    ],
)  # fmt: skip
def test_a_name_of_which_one_address_is_not_the_publics_is_refused(answers: list[str]) -> None:
    outbound = Outbound(resolve=lambda host, port, seconds: answers)
    for attempt in (outbound.check, outbound.get):
        with pytest.raises(OutboundRefused) as refused:
            attempt("https://hooks.example.org/")
        assert refused.value.reason == "address"
        assert not any(answer in refused.value.sentence for answer in answers)


def test_a_name_that_means_something_else_a_moment_later_leads_nowhere() -> None:
    """DNS rebinding: what was public when it was checked is this machine when it is called."""
    with receiver(OK) as inside:
        answers = iter([["1.1.1.1"], ["127.0.0.1"]])
        outbound = Outbound(resolve=lambda host, port, seconds: next(answers))
        outbound.check("https://hooks.example.org/")
        with pytest.raises(OutboundRefused):
            outbound.get("https://hooks.example.org/")
        assert inside.connections == 0


def test_a_call_resolves_once_and_connects_to_that_answer(tmp_path: Path) -> None:
    """The second answer would be another address; nobody asks for it."""
    asked: list[str] = []

    def resolve(host: str, port: int, seconds: float) -> list[str]:
        asked.append(host)
        return ["127.0.0.1"] if len(asked) == 1 else ["127.0.0.2"]

    with receiver(OK) as there:
        origin = f"http://hooks.example.org:{there.port}"
        assert Outbound(allowed=[origin], resolve=resolve).get(origin).status == 200
        assert asked == ["hooks.example.org"]
        assert b"Host: hooks.example.org:%d\r\n" % there.port in there.requests[0]


def test_the_next_address_is_tried_when_the_first_takes_nobody() -> None:
    with receiver(OK) as there:
        origin = f"http://hooks.example.org:{there.port}"
        outbound = Outbound(allowed=[origin], resolve=lambda *_: ["127.0.0.9", "127.0.0.1"])
        assert outbound.get(origin).status == 200


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (dripping(b"HTTP/1.1 200 OK\r\nX: "), "timeout"),
        (dripping(b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n"), "timeout"),
        (dripping(b""), "malformed-or-timeout"),
        (saying(b"", pause=3.0), "timeout"),
        (saying(b"HTTP/1.1 200 OK\r\n", pause=3.0), "timeout"),
        (pouring(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", b"5\r\nhello\r\n"), "too-large"),
        (pouring(b"HTTP/1.1 200 OK\r\n\r\n", b"a" * 9_999), "too-large"),
        (saying(b"HTTP/1.1 200 OK\r\nContent-Length: 65537\r\n\r\n" + b"a" * 65_537), "too-large"),
        (pouring(b"HTTP/1.1 200 OK\r\nX: ", b"a" * 9_999), "too-large"),
        (pouring(b"HTTP/1.1 200 OK\r\n", b"X: a\r\n"), "too-large"),
        (pouring(b"", b"HTTP/1.1 100 Continue\r\n\r\n"), "too-large"),
        (saying(b"HTTP/1.1 200 OK\r\n" + b"X: a\r\n" * 101 + b"Content-Length: 0\r\n\r\n"), "too-large"),
        (saying(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf"), "malformed"),
        (saying(b"SSH-2.0-OpenSSH_9\r\n"), "malformed"),
        (saying(), "malformed"),
    ],
)  # fmt: skip
def test_an_answer_that_does_not_end_as_it_should_is_cut_off(
    answer: Callable[[socket.socket], None], reason: str
) -> None:
    began = time.monotonic()
    with receiver(answer) as there, pytest.raises(OutboundFailed) as failed:
        LOOPBACK.send("POST", there.origin, content=b"{}", seconds=0.6)
    assert failed.value.reason in reason
    assert time.monotonic() - began < 1.2


def test_a_receiver_that_takes_nothing_is_cut_off() -> None:
    with socket.create_server(("127.0.0.1", 0), backlog=1) as listening:
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4_096)
        origin = f"http://127.0.0.1:{listening.getsockname()[1]}"
        began = time.monotonic()
        with pytest.raises(OutboundFailed, match=r"0\.5 seconds"):
            LOOPBACK.send("POST", origin, content=b"a" * 20_000_000, seconds=0.5)
        assert time.monotonic() - began < 1.0


def test_a_name_that_is_not_resolved_in_time_is_given_up() -> None:
    def never(host: str, *_: object, **__: object) -> list[object]:
        time.sleep(3)
        return []

    from shared.wiring.outbound import resolving

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(resolving.socket, "getaddrinfo", never)
        began = time.monotonic()
        with pytest.raises(OutboundFailed, match="in time"):
            Outbound().check("https://hooks.example.org/", seconds=0.2)
    assert time.monotonic() - began < 1.0


def test_a_name_without_an_address_and_a_port_that_nobody_listens_on() -> None:
    with pytest.raises(OutboundFailed) as failed:
        Outbound(allowed=["https://nowhere.invalid:443"]).get("https://nowhere.invalid/")
    assert failed.value.reason == "unresolved"
    with socket.create_server(("127.0.0.1", 0)) as gone:
        origin = f"http://127.0.0.1:{gone.getsockname()[1]}"
    with pytest.raises(OutboundFailed) as failed:
        LOOPBACK.get(origin)
    assert failed.value.reason == "unreachable"


# ---- TLS: only with whoever can prove to be the host


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A certificate for hooks.example.org and its key, in one PEM file."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "a test")])
    now = dt.datetime.now(dt.UTC)
    made = (
        x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
        .serial_number(1).not_valid_before(now).not_valid_after(now + dt.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("hooks.example.org")]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )  # fmt: skip
    file = tmp_path_factory.mktemp("tls") / "certificate.pem"
    file.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        + made.public_bytes(serialization.Encoding.PEM)
    )
    return file


def tls(certificate: Path, asked: list[str | None]) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    context.sni_callback = lambda socket, name, context: asked.append(name)
    return context


def test_tls_asks_for_the_host_and_believes_only_its_certificate(certificate: Path) -> None:
    asked: list[str | None] = []
    big = b"HTTP/1.1 200 OK\r\nContent-Length: 60000\r\n\r\n" + b"a" * 60_000
    with receiver(big, tls(certificate, asked)) as there:
        host, other = (f"https://{name}.example.org:{there.port}" for name in ("hooks", "other"))

        def outbound(authorities: Path | None) -> Outbound:
            return Outbound([host, other], authorities, resolve=lambda *_: ["127.0.0.1"])

        answer = outbound(certificate).send("POST", host, content=b"a" * 50_000)
        assert answer.status == 200 and len(answer.body) == 60_000 and asked == ["hooks.example.org"]
        assert there.requests[0].endswith(b"a" * 50_000)
        for attempt in (lambda: outbound(None).get(host), lambda: outbound(certificate).get(other)):
            with pytest.raises(OutboundFailed) as failed:
                attempt()
            assert failed.value.reason == "tls"
        assert len(there.requests) == 1


def test_a_handshake_that_drips_or_is_none_is_cut_off(certificate: Path) -> None:
    for answer, reason in ((dripping(b"\x16\x03\x03\x40\x00"), "timeout"), (saying(OK), "tls")):
        with receiver(answer, reads=False) as there:
            host = f"https://hooks.example.org:{there.port}"
            outbound = Outbound([host], certificate, resolve=lambda *_: ["127.0.0.1"])
            began = time.monotonic()
            with pytest.raises(OutboundError) as failed:
                outbound.get(host, seconds=0.6)
            assert failed.value.reason == reason and time.monotonic() - began < 1.2


GREEN = """
import eventlet
eventlet.monkey_patch()
import sys, time
from pathlib import Path
from shared.wiring.outbound import Outbound, OutboundError

plain, secure, slow, certificate = sys.argv[1:]
outbound = Outbound(["http://127.0.0.1:*", secure], Path(certificate), resolve=lambda *_: ["127.0.0.1"])
named = Outbound(["http://127.0.0.1:*", plain.replace("127.0.0.1", "localhost")])

def one(origin, client=outbound):
    try:
        return client.get(origin, seconds=1.0).status
    except OutboundError as error:
        return error.reason

began = time.monotonic()
slowly = [eventlet.spawn(one, slow) for _ in range(20)]
quickly = [eventlet.spawn(one, origin) for origin in (plain, secure) * 10]
assert [job.wait() for job in quickly] == [200] * 20
assert time.monotonic() - began < 0.9, "somebody waited for the slow ones"
assert one(plain.replace("127.0.0.1", "localhost"), named) == 200
assert one("https://localhost/", named) == "host"
assert [job.wait() for job in slowly] == ["timeout"] * 20
assert time.monotonic() - began < 2.0
"""


def test_green_threads_are_served_as_threads_are(certificate: Path) -> None:
    with receiver(OK) as plain, receiver(OK, tls(certificate, [])) as secure, receiver(dripping(b"")) as slow:
        done = subprocess.run(
            [sys.executable, "-W", "ignore", "-c", GREEN, plain.origin,
             f"https://hooks.example.org:{secure.port}", slow.origin, str(certificate)],
            capture_output=True, text=True, timeout=60, check=False,
        )  # fmt: skip
    assert done.returncode == 0, done.stderr[-3000:]
