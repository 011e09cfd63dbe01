"""Markdown to HTML that is safe to show, whoever or whatever wrote it."""

from collections.abc import Mapping, Sequence
from typing import Any

import nh3
from django.utils.html import escape
from django.utils.safestring import SafeString
from markdown_it import MarkdownIt
from markdown_it.renderer import RendererHTML
from markdown_it.token import Token

_TAGS = {
    *("p", "br", "hr", "h1", "h2", "h3", "h4", "h5", "h6", "blockquote", "ul", "ol", "li"),
    *("em", "strong", "s", "code", "pre", "a", "table", "thead", "tbody", "tr", "th", "td"),
}
_ATTRIBUTES = {"a": {"href", "title"}, "ol": {"start"}}
_SCHEMES = {"http", "https", "mailto"}


def _picture_as_text(
    _renderer: RendererHTML, tokens: Sequence[Token], index: int, _options: Any, _env: Any
) -> str:
    """Show a picture's description: a fetched picture would tell its server who reads."""
    return f"[{escape(tokens[index].content or 'picture')}]"


def _absolute_links_only(tag: str, attribute: str, value: str) -> str | None:
    """Drop links without a scheme: inside the studio they would point at the studio."""
    if tag == "a" and attribute == "href" and value.partition(":")[0].lower() not in _SCHEMES:
        return None
    return value


def _parser() -> MarkdownIt:
    markdown = MarkdownIt("commonmark", {"html": False}).enable(["table", "strikethrough"])
    markdown.add_render_rule("image", _picture_as_text)
    return markdown


_MARKDOWN = _parser()


def to_html(markdown: str) -> SafeString:
    """Render Markdown: raw HTML shows as text, pictures as their description, links are absolute.

    Headings go down one level, because the page that shows the text has its own first heading.
    """
    env: Mapping[str, Any] = {}
    tokens = _MARKDOWN.parse(markdown, env)  # type: ignore[arg-type]
    for token in tokens:
        if token.type in {"heading_open", "heading_close"}:
            token.tag = f"h{min(int(token.tag[1]) + 1, 6)}"
    html = _MARKDOWN.renderer.render(tokens, _MARKDOWN.options, env)  # type: ignore[arg-type]
    return SafeString(
        nh3.clean(
            html,
            tags=_TAGS,
            attributes=_ATTRIBUTES,
            attribute_filter=_absolute_links_only,
            url_schemes=_SCHEMES,
            link_rel="noopener nofollow noreferrer",
        )
    )
