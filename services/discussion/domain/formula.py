"""Formulas of an archive: KaTeX shows each twice, in hundreds of tags; a post keeps what was typed."""

import re

_FORMULA = '<span class="katex">'
_SPAN = re.compile(r"<span\b|</span>")
_TYPED = re.compile(r'<annotation encoding="application/x-tex">(.*?)</annotation>', re.DOTALL)


def with_formulas_as_typed(html: str) -> str:
    """Put the TeX that was typed in the place of every formula KaTeX has rendered, as code.

    Args:
        html: a page fragment, not yet sanitised; what is put in is no safer than what was there.
    """
    begin = html.find(_FORMULA)
    if begin < 0:
        return html
    parts = []
    done = 0
    while begin >= 0:
        end = _end_of_span(html, begin)
        if end is None:
            break  # the rest is not what KaTeX writes; the sanitiser sees to it
        typed = _TYPED.search(html, begin, end)
        if typed:
            parts += [html[done:begin], "<code>", typed[1], "</code>"]
            done = end
        begin = html.find(_FORMULA, end)
    return "".join([*parts, html[done:]])


def _end_of_span(html: str, begin: int) -> int | None:
    depth = 0
    for tag in _SPAN.finditer(html, begin):
        depth += -1 if tag[0] == "</span>" else 1
        if depth == 0:
            return tag.end()
    return None
