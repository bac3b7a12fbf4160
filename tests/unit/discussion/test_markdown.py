"""Whatever is written, what is stored can do no harm."""

import re
import time
from html.parser import HTMLParser

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.discussion.domain.markdown import (
    LINK_SCHEMES,
    MOST_MENTIONS,
    TAGS,
    rendered,
    sanitised,
    words_of,
)

ATTACKS = [
    "<script>alert(1)</script>",
    "<ScRiPt src=//evil.example></sCrIpT>",
    "<svg/onload=alert(1)>",
    "<svg><script>alert(1)</script></svg>",
    "<svg><animate onbegin=alert(1) attributeName=x dur=1s>",
    "<svg><style><img src=x onerror=alert(1)></style></svg>",
    "<img src=x onerror=alert(1)>",
    "<img src='http://tracker.example/a.png' alt='\"><script>alert(1)</script>'>",
    "<a href='javascript:alert(1)'>x</a>",
    "<a href='JaVaScRiPt&colon;alert(1)'>x</a>",
    "<a href='java\nscript:alert(1)'>x</a>",
    "<a href='&#1;javascript:alert(1)'>x</a>",
    "<a href='data:text/html,<script>alert(1)</script>'>x</a>",
    "<a href='vbscript:msgbox(1)'>x</a>",
    "<a href='//evil.example' target=_blank rel=opener onclick=alert(1)>x</a>",
    "<iframe srcdoc='<script>alert(1)</script>'></iframe>",
    "<object data=javascript:alert(1)></object><embed src=javascript:alert(1)>",
    "<form action=javascript:alert(1)><button formaction=javascript:alert(1)>x</button></form>",
    "<base href=//evil.example><meta http-equiv=refresh content='0;url=javascript:alert(1)'>",
    "<link rel=stylesheet href=//evil.example/x.css>",
    "<div style='background:url(javascript:alert(1))'>x</div>",
    "<math><mtext><table><mglyph><style><!--</style><img title='--&gt;&lt;img src=1 onerror=alert(1)&gt;'>",
    "<math><mi><mglyph><style><img src=x onerror=alert(1)></style></mglyph></mi></math>",
    "<form><math><mtext></form><form><mglyph><style></math><img src onerror=alert(1)>",
    "<noscript><p title='</noscript><img src=x onerror=alert(1)>'>",
    "<svg></p><style><a id='</style><img src=1 onerror=alert(1)>'>",
    "<math><annotation-xml encoding='text/html'><style><img src=x onerror=alert(1)></style></annotation-xml>",
    "<textarea><img src=x onerror=alert(1)></textarea><title><img src=x onerror=alert(1)></title>",
    "<template><script>alert(1)</script></template>",
    "<details open ontoggle=alert(1)><video><source onerror=alert(1)></video>",
    "<p id=location name=cookie>clobbered</p>",
    "<!--><img src=x onerror=alert(1)>-->",
    "<![CDATA[<script>alert(1)</script>]]>",
    "<plaintext><script>alert(1)</script>",
    "<xmp><img src=x onerror=alert(1)></xmp>",
    "[x](javascript:alert(1))",
    "[x](  javascript:alert(1))",
    "[x](&#x6A;avascript:alert(1))",
    "[x](data:text/html;base64,PHNjcmlwdD4=)",
    "[x]: javascript:alert(1)\n\n[x]",
    "<javascript:alert(1)>",
    "![x](javascript:alert(1))",
    "![](http://tracker.example/pixel.gif)",
    '![x" onerror="alert(1)](http://e.example/a.png)',
    '[x](http://e.example "" onmouseover=alert(1)")',
    "```html\n<script>alert(1)</script>\n```",
    '```"><script>alert(1)</script>\nx\n```',
    "`<script>alert(1)</script>`",
]
ATTRIBUTES = {("a", "href"), ("a", "title"), ("a", "rel"), ("ol", "start")}


class Reader(HTMLParser):
    """Collects what a fragment holds."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.attributes: list[tuple[str, str, str]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes += [(tag, name, value or "") for name, value in attrs]


def check_harmless(html: str) -> None:
    reader = Reader()
    reader.feed(html)
    reader.close()
    assert reader.tags <= TAGS
    assert {(tag, name) for tag, name, _ in reader.attributes} <= ATTRIBUTES
    for tag, name, value in reader.attributes:
        if name == "href":
            assert value.partition(":")[0].lower() in LINK_SCHEMES, (tag, value)
        if name == "rel":
            assert value == "nofollow noopener"
    links = re.findall(r"<a\b[^>]*>", html)
    assert all('rel="nofollow noopener"' in link for link in links)
    assert sanitised(html) == html, "what is safe stays as it is when it is parsed again"


@pytest.mark.parametrize("attack", ATTACKS)
def test_an_attack_comes_out_harmless_on_both_roads(attack: str) -> None:
    check_harmless(rendered(attack).html)
    check_harmless(sanitised(attack))


@given(
    st.lists(
        st.sampled_from([*ATTACKS, "<", ">", "&", '"', "</p>", "<math>", "<svg>", "<table>", "]]>"]),
        max_size=4,
    )
)
@settings(max_examples=150, deadline=None)
def test_attacks_together_come_out_harmless(attacks: list[str]) -> None:
    text = "".join(attacks)
    check_harmless(rendered(text).html)
    check_harmless(sanitised(text))


@given(st.text(max_size=300))
@settings(max_examples=150, deadline=None)
def test_any_text_comes_out_harmless(text: str) -> None:
    check_harmless(rendered(text).html)
    check_harmless(sanitised(text))


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("a **b** *c* ~~d~~ `e`", "<p>a <strong>b</strong> <em>c</em> <s>d</s> <code>e</code></p>\n"),
        ("1 < 2 & <b>3</b>", "<p>1 &lt; 2 &amp; &lt;b&gt;3&lt;/b&gt;</p>\n"),
        (
            "[NICE](https://www.nice.example/x?a=1&b=2)",
            '<p><a href="https://www.nice.example/x?a=1&amp;b=2" rel="nofollow noopener">NICE</a></p>\n',
        ),
        (
            "![A chart](https://elsewhere.example/c.png)",
            '<p><a href="https://elsewhere.example/c.png" rel="nofollow noopener">A chart</a></p>\n',
        ),
        (
            "[![logo](https://e.example/l.png)](https://e.example)",
            '<p><a href="https://e.example" rel="nofollow noopener">logo</a></p>\n',
        ),
        ("3. c\n4. d", '<ol start="3">\n<li>c</li>\n<li>d</li>\n</ol>\n'),
        ("", ""),
    ],
)
def test_markdown_becomes_a_page_fragment(text: str, html: str) -> None:
    assert rendered(text).html == html


def test_an_image_of_a_page_becomes_a_link_to_it() -> None:
    assert sanitised('<img alt="a &lt; b" src="https://e.example/?a=1&amp;b">') == (
        '<a href="https://e.example/?a=1&amp;b" rel="nofollow noopener">a &lt; b</a>'
    )
    assert sanitised('<img src="data:image/png;base64,AAAA" alt="x">') == "x"


def test_words_are_what_is_read() -> None:
    html = rendered("# Title\n\nOne &amp; <two>\n\n- three\n- `four`").html
    assert words_of(html).split() == ["Title", "One", "&", "<two>", "three", "four"]


@pytest.mark.parametrize(
    "unit", ["[", ">", "*a_", "![", "- ", "[a](", "<a ", "|a", "~~a", "@ab ", "**a ", "`a``"]
)
def test_forty_thousand_hostile_characters_take_no_longer_than_a_breath(unit: str) -> None:
    began = time.perf_counter()
    rendered((unit * 40_000)[:40_000])
    assert time.perf_counter() - began < 5


# Mentions


@pytest.mark.parametrize(
    ("text", "handles"),
    [
        ("@ana and @Ben.okoro, please", ("ana", "ben.okoro")),
        ("ask @ana.", ("ana.",)),
        ('(@ana) "@ben" **@cai** [@dee](https://e.example)', ("ana", "ben", "cai", "dee")),
        ("@ana @ana @ANA", ("ana",)),
        ("mail ana@trust.example or https://e.example/@ben", ()),
        ("`@ana` ``@ana``", ()),
        ("```\n@ana\n```\n\n    @ben\n\n~~~ @cai\n@dee\n~~~", ()),
        ("> @ana said\n\n| @ben |\n|---|\n| @cai |", ("ana", "ben", "cai")),
        ("@a @@ana @-x @ x", ()),
        ("\\@ana", ("ana",)),
    ],
)
def test_handles_are_found_outside_code(text: str, handles: tuple[str, ...]) -> None:
    assert rendered(text).handles == handles


def test_at_most_twenty_are_mentioned() -> None:
    text = " ".join(f"@member{n}" for n in range(50))
    assert rendered(text).handles == tuple(f"member{n}" for n in range(MOST_MENTIONS))
