"""What members write, as page fragments that can do no harm.

Markdown is rendered once, when it is written, and stored beside the text. Whatever the road, the
last word is the sanitiser's: every fragment that is stored came out of `sanitised`. There are no
images: one on another host would tell that host who reads, so an image becomes a link.
"""

import re
from collections.abc import MutableMapping, Sequence
from html import escape, unescape
from typing import Any, NamedTuple

import nh3
from markdown_it import MarkdownIt
from markdown_it.token import Token

TAGS = {
    "p", "br", "hr", "h1", "h2", "h3", "h4", "h5", "h6", "blockquote", "pre", "code",
    "strong", "em", "s", "del", "sub", "sup", "a", "ul", "ol", "li",
    "table", "thead", "tbody", "tr", "th", "td",
}  # fmt: skip
LINK_SCHEMES = {"http", "https", "mailto"}
SWALLOWED = {"script", "style", "title", "noscript", "template", "iframe", "object", "textarea", "select"}

_cleaner = nh3.Cleaner(
    tags=TAGS,
    clean_content_tags=SWALLOWED,
    attributes={"*": set(), "a": {"href", "title"}, "ol": {"start"}},
    link_rel="nofollow noopener",
    url_schemes=LINK_SCHEMES,
    url_relative="deny",
)
_image_cleaner = nh3.Cleaner(
    tags=TAGS | {"img"},
    clean_content_tags=SWALLOWED,
    attributes={"*": set(), "a": {"href", "title"}, "ol": {"start"}, "img": {"src", "alt"}},
    url_schemes=LINK_SCHEMES,
    url_relative="deny",
)
_bare_cleaner = nh3.Cleaner(tags=set(), clean_content_tags=SWALLOWED)

_IMAGE = re.compile(r'<img((?: [a-z]+="[^"]*")*)>')
_ATTRIBUTE = re.compile(r' ([a-z]+)="([^"]*)"')
_BLOCK_ENDS = re.compile(r"<(?:br|hr)>|</(?:p|h[1-6]|li|pre|blockquote|td|th|tr)>")
_EMPTY_LINES = re.compile(r"\n{3,}")


class Rendered(NamedTuple):
    """A text as readers see it, and the handles it mentions, each once, in their order."""

    html: str
    handles: tuple[str, ...]


def rendered(text: str) -> Rendered:
    """Render Markdown, and find whom it mentions outside code."""
    env: MutableMapping[str, Any] = {}
    tokens = _markdown.parse(text, env)
    html = _markdown.renderer.render(tokens, _markdown.options, env)
    return Rendered(sanitised(html), _handles(tokens))


def sanitised(html: str) -> str:
    """Keep of a page fragment what a post may hold; images become links to what they show."""
    if "<img" in html.lower():
        html = _IMAGE.sub(_image_as_link, _image_cleaner.clean(html))
    return _cleaner.clean(html)


def words_of(html: str) -> str:
    """The words of a sanitised fragment, as plain text: what is searched and quoted."""
    spaced = _BLOCK_ENDS.sub(lambda end: end[0] + "\n", html)
    return _EMPTY_LINES.sub("\n\n", unescape(_bare_cleaner.clean(spaced))).strip()


def _image_as_link(image: re.Match[str]) -> str:
    values = {name: unescape(value) for name, value in _ATTRIBUTE.findall(image[1])}
    return _link(values.get("src", ""), values.get("alt", ""))


def _link(address: str, words: str) -> str:
    words = words.strip() or "image"
    return f'<a href="{escape(address)}">{escape(words)}</a>' if address else escape(words)


# Mentions

MOST_MENTIONS = 20
_HANDLE = re.compile(r"(?<![\w@/.])@([a-z0-9][a-z0-9._-]{1,39})(?![\w@])", re.IGNORECASE | re.ASCII)


def _handles(tokens: Sequence[Token]) -> tuple[str, ...]:
    found: dict[str, None] = {}
    for token in tokens:
        for part in token.children or ():
            if part.type == "text":
                for match in _HANDLE.finditer(part.content):
                    found.setdefault(match[1].lower())
                    if len(found) == MOST_MENTIONS:
                        return tuple(found)
    return tuple(found)


# The renderer


def _image_rule(
    self: Any, tokens: Sequence[Token], position: int, options: Any, env: MutableMapping[str, Any]
) -> str:
    """An image is a link to it; inside a link, which cannot hold another, its words alone."""
    image = tokens[position]
    words = self.renderInlineAsText(image.children, options, env)
    before = [token.type for token in tokens[:position]]
    if before.count("link_open") > before.count("link_close"):
        return escape(words.strip() or "image")
    return _link(str(image.attrs.get("src", "")), words)


_markdown = MarkdownIt("commonmark", {"html": False}).enable(["table", "strikethrough"])
_markdown.add_render_rule("image", _image_rule)
