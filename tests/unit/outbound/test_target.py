"""What is refused by the look of it, before any name is resolved."""

import pytest

from shared.settings import ProcessSettings
from shared.wiring.outbound import OutboundRefused
from shared.wiring.outbound.target import read_target

FORBIDDEN = [
    # other schemes, ports, and no address at all
    "http://hooks.example.org/", "ftp://hooks.example.org/", "gopher://127.0.0.1:70/_x", "file:///etc/passwd",
    "//hooks.example.org/", "hooks.example.org", "https:hooks.example.org", "https:/hooks.example.org", "https://", "",
    "https:///path", "javascript:alert(1)", "https://hooks.example.org:22/", "https://hooks.example.org:8443/",
    "https://hooks.example.org:99999/", "https://hooks.example.org:0443x/", "https://hooks.example.org:/x",
    # this machine and its network, in every spelling
    "https://127.0.0.1/", "https://localhost/", "https://localhost./", "https://127.0.0.1./", "https://127.1/", "https://0/",
    "https://2130706433/", "https://0x7f000001/", "https://0x7f.0.0.1/", "https://0X7F.1/", "https://0177.0.0.1/",
    "https://017700000001/", "https://127.0.0.01/", "https://127.0.0.1.0x/", "https://10.0.0.1/", "https://192.168.0.1/",
    "https://[::1]/", "https://[::]/", "https://[::ffff:127.0.0.1]/", "https://[::ffff:7f00:1]/", "https://[0:0:0:0:0:ffff:7f00:1]/",
    "https://[::127.0.0.1]/", "https://[64:ff9b::7f00:1]/", "https://[64:ff9b:1::7f00:1]/", "https://[2002:7f00:1::]/",
    "https://[2001:0:7f00:1::]/", "https://[fe80::1]/", "https://[fe80::1%25eth0]/", "https://[fd00:ec2::254]/",
    "https://[::1/", "https://::1/", "https://[127.0.0.1]/", "https://[]/",
    # the clouds' metadata
    "https://169.254.169.254/latest/meta-data/", "https://2852039166/", "https://0xA9FEA9FE/", "https://[::ffff:a9fe:a9fe]/",
    "https://100.100.100.200/", "https://192.0.0.192/",
    # tricks of reading
    "https://hooks.example.org@127.0.0.1/", "https://user:secret@hooks.example.org/", "https://127.0.0.1\\@hooks.example.org/",
    "https://hooks.example.org\\.evil.example/", "https://127.0.0.1#@hooks.example.org/", "https://hooks.example.org#x",
    "https://127。0。0。1/", "https://127.0.0.1/", "https://①②⑦.⓪.⓪.①/", "https://hooks。example.org/",
    "https://%31%32%37.0.0.1/", "https://127.0.0.1%00.example.org/", "https://ex%61mple.org/", "https://hooks.example.org /",
    " https://hooks.example.org/", "https://hooks.example.org/\r\nX: y", "https://hooks.example.org/\x00", "https://hooks.example.org/a b",
    "https://hooks.example.org./", "https://hooks..example.org/", "https://.example.org/", "https://-a.example.org/", "https://intranet/",
    "https://" + "a" * 64 + ".org/", "https://" + "a." * 130 + "org/", "https://hooks.example.org/" + "a" * 2_048,
]  # fmt: skip


@pytest.mark.parametrize("url", FORBIDDEN)
def test_it_is_refused(url: str) -> None:
    with pytest.raises(OutboundRefused) as refused:
        read_target(url)
    assert refused.value.sentence.endswith(".")


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("https://hooks.example.org", ("https", "hooks.example.org", 443, "/")),
        ("HTTPS://Hooks.Example.org:443/In?a=1&b=%20", ("https", "hooks.example.org", 443, "/In?a=1&b=%20")),
        ("https://hooks.example.org?a", ("https", "hooks.example.org", 443, "/?a")),
        ("https://xn--bcher-kva.example/", ("https", "xn--bcher-kva.example", 443, "/")),
        ("https://1.1.1.1/", ("https", "1.1.1.1", 443, "/")),
        ("https://[2606:4700:4700::1111]/", ("https", "2606:4700:4700::1111", 443, "/")),
    ],
)
def test_a_plain_address_is_read(url: str, expected: tuple[str, str, int, str]) -> None:
    assert read_target(url) == (*expected, False)


def test_what_the_operator_names_is_called_and_nothing_beside_it() -> None:
    allowed = ProcessSettings(
        outbound_allowed="https://login.internal:8443, http://127.0.0.1:*/, http://[::1]"
    ).outbound_allowed
    assert allowed == ("https://login.internal:8443", "http://127.0.0.1:*", "http://[::1]:80")
    assert read_target("https://LOGIN.internal:8443/x", allowed).is_allowed
    assert read_target("http://127.0.0.1:9/x", allowed).authority == "127.0.0.1:9"
    assert read_target("http://[::1]/", allowed).authority == "[::1]"
    assert not read_target("https://login.internal/", allowed).is_allowed
    for url in ("http://login.internal:8443/", "http://127.0.0.2:9/", "https://127.0.0.1:9/",
                "http://127.0.0.1:9@evil.example/", "http://127.0.0.1:9.evil.example/"):  # fmt: skip
        with pytest.raises(OutboundRefused):
            read_target(url, allowed)


@pytest.mark.parametrize("origin", ["*", "127.0.0.1", "https://*", "https://a/b", "ftp://a", "https://a@b"])
def test_an_operator_who_names_no_origin_is_told(origin: str) -> None:
    with pytest.raises(ValueError, match="is no origin"):
        ProcessSettings(outbound_allowed=origin)
