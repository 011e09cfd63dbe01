"""The tokens are the one place for colours and sizes, and each of them is used."""

import re

import pytest

from tests.frontend import sources

RAW_COLOUR = re.compile(r"#[0-9a-fA-F]{3,8}\b|\b(?:rgb|rgba|hsl|hsla|oklch|oklab|lab|lch|color)\(")
NAMED_COLOUR = re.compile(
    r"(?:color|background|border[\w-]*|fill|stroke)\s*:[^;]*\b(?:white|black|gray|grey|red|green|blue|orange|teal)\b"
)
RAW_SIZE = re.compile(r"(?<![\w.-])-?\d*\.?\d+(?:px|rem|pt|ms|s)\b")
CONDITION = re.compile(
    r"@(?:media|container|supports)[^{]*|unicode-range:[^;]*;|(?:animation|transition)-duration: 0ms"
)


@pytest.mark.parametrize("sheet", sources.sheets())
def test_only_tokens_name_colours_and_sizes(sheet: str) -> None:
    rules = CONDITION.sub("", sources.css(sheet))
    assert RAW_COLOUR.findall(re.sub(r"url\([^)]*\)", "", rules)) == []
    assert NAMED_COLOUR.findall(rules) == []
    assert RAW_SIZE.findall(rules) == []


def test_every_token_used_is_defined() -> None:
    used = {name for sheet in sources.sheets() for name in re.findall(r"var\((--[\w-]+)", sources.css(sheet))}
    assert used - set(sources.tokens()) == set()


def test_every_token_is_used() -> None:
    everything = "".join(map(sources.css, [*sources.sheets(), "tokens.css"]))
    assert [name for name in sources.tokens() if f"var({name})" not in everything] == []


def test_every_class_in_the_design_systems_templates_is_styled() -> None:
    styled = set(re.findall(r"\.([a-zA-Z][\w-]*)", "".join(map(sources.css, sources.sheets()))))
    unknown = {}
    for path in sources.own_templates():
        for value in re.findall(r'class="([^"]*)"', path.read_text()):
            words = set(re.sub(r"\{%.*?%\}|\{\{.*?\}\}", " ", value).split())
            plain = {word for word in words if not word.endswith("--")}
            if plain - styled:
                unknown[path.name] = sorted(plain - styled)
    assert unknown == {}
