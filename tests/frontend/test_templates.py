"""Templates compile, say what they need, and carry nothing that a strict content policy refuses."""

import re
from pathlib import Path

import pytest
from django.template import engines

from tests.frontend import sources

INLINE_SCRIPT = re.compile(r"<script(?![^>]*\bsrc=)(?![^>]*type=\"application/json\")[^>]*>")
HANDLER = re.compile(r"<[^>]*\son[a-z]+\s*=")
STYLE_ATTRIBUTE = re.compile(r"<[^>]*\sstyle\s*=")
ELSEWHERE = re.compile(r"(?:src|href)=\"(?:https?:)?//")


@pytest.mark.parametrize("path", sources.templates(), ids=lambda path: path.name)
def test_template_obeys_the_content_policy(path: Path) -> None:
    text = path.read_text()
    assert INLINE_SCRIPT.findall(text) == []
    assert HANDLER.findall(text) == []
    assert STYLE_ATTRIBUTE.findall(text) == []
    assert ELSEWHERE.findall(text) == []
    if "emails" not in path.parts:
        assert "<style" not in text


@pytest.mark.parametrize("path", sources.templates(), ids=lambda path: path.name)
def test_template_compiles(path: Path) -> None:
    assert engines["django"].from_string(path.read_text()) is not None


@pytest.mark.parametrize("path", sorted(sources.TEMPLATES.glob("components/*.html")), ids=lambda p: p.name)
def test_component_says_what_it_needs(path: Path) -> None:
    first = path.read_text().split("#}")[0].split("{% endcomment %}")[0]
    assert first.startswith(("{# ", "{% comment %}"))
    assert "Context: " in first or "data-shortcut" in first or "Items: " in first


@pytest.mark.parametrize("path", sources.templates(), ids=lambda path: path.name)
def test_template_has_no_comment_that_would_be_shown(path: Path) -> None:
    assert re.findall(r"\{#[^#]*\n", path.read_text()) == []


@pytest.mark.parametrize("path", sorted(sources.TEMPLATES.rglob("*.html")), ids=lambda path: path.name)
def test_icons_named_are_in_the_sprite(path: Path) -> None:
    sprite = (sources.ROOT / "static/icons/sprite.svg").read_text()
    names = re.findall(r'icon\.html" with name="([\w-]+)"', path.read_text())
    assert [name for name in names if f'id="{name}"' not in sprite] == []
