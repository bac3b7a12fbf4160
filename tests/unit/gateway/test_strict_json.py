"""What is not exactly one JSON value is turned away with 400, whoever would have understood it."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.gateway.door.strict_json import refuse_ambiguous
from services.gateway.problems import Problem

AMBIGUOUS = {
    "60,000 brackets": b"[" * 60_000,
    "20,000 deep in a field": b'{"title":' + b"[" * 20_000 + b"]" * 20_000 + b"}",
    "NaN": b'{"limit": NaN}',
    "Infinity": b'{"limit": -Infinity}',
    "5,000 digits": b'{"limit": ' + b"9" * 5_000 + b"}",
    "bad UTF-8": b'{"title": "\xff\xfe"}',
    "UTF-16": '{"title": "a"}'.encode("utf-16"),
    "a byte order mark": b'\xef\xbb\xbf{"title": "a"}',
    "a lone surrogate": rb'{"title": "\ud800"}',
    "a name twice": b'{"title": "a", "title": "b"}',
    "a name twice, deep inside": b'{"a": [{"b": {"c": 1, "c": 1}}]}',
    "a name twice, once escaped": rb'{"title": "a", "t\u0069tle": "b"}',
    "nothing": b"",
    "two values": b"{} {}",
    "a trailing comma": b'{"title": "a",}',
    "single quotes": b"{'title': 'a'}",
}


@pytest.mark.parametrize("body", AMBIGUOUS.values(), ids=AMBIGUOUS.keys())
def test_ambiguous_bodies_are_refused_without_repeating_them(body: bytes) -> None:
    with pytest.raises(Problem) as turned_away:
        refuse_ambiguous(body)
    assert turned_away.value.code == "malformed-json"
    assert turned_away.value.detail == ""


json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(10**15), 10**15)
    | st.text(st.characters(exclude_categories=("Cs",))),
    lambda inner: (
        st.lists(inner, max_size=5) | st.dictionaries(st.text("abc", max_size=3), inner, max_size=5)
    ),
    max_leaves=30,
)


@given(json_values)
def test_every_ordinary_value_passes(value: object) -> None:
    refuse_ambiguous(json.dumps(value).encode())
    refuse_ambiguous(json.dumps(value, ensure_ascii=False).encode())


@pytest.mark.parametrize(
    ("body", "where", "what"),
    [
        (b'{"title": "a", "title": "b"}', "title", "stands twice in one object"),
        (b'{"<script>": 1, "<script>": 2}', "?", "stands twice in one object"),
        (b'{"title":\n "secret" oops}', "body", "cannot be read at line 2 column 11"),
    ],
)
def test_where_it_is_wrong_is_said_and_not_what_stands_there(body: bytes, where: str, what: str) -> None:
    with pytest.raises(Problem) as turned_away:
        refuse_ambiguous(body)
    assert turned_away.value.errors == [(where, what)]
