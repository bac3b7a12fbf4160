"""From where a stream was asked for: only proxies that are trusted can say."""

import pytest

from services.gateway.auth.callers import Callers
from services.gateway.stream.door import Door, _headers
from services.gateway.stream.hub import Hub
from tests.unit.stream.test_stream import Answering


class Nobody(Callers):
    """Is never asked."""

    def __init__(self) -> None:
        pass


@pytest.mark.parametrize(
    ("proxies", "expected"), [(0, "127.0.0.1"), (1, "c"), (2, "b"), (3, "a"), (4, "127.0.0.1")]
)
def test_the_address_is_the_one_that_the_farthest_trusted_proxy_saw(proxies: int, expected: str) -> None:
    door = Door(Hub(Answering(), 10, 5), Nobody(), ["127.0.0.1"], 1, proxies)
    headers = [(b"x-forwarded-for", b"a, b"), (b"X-Forwarded-For", b"c")]
    scope = {"client": ("127.0.0.1", 5000), "headers": headers}
    assert door._address(scope, _headers(scope)) == expected
