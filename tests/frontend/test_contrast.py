"""Text and controls can be read in both themes (WCAG 2.2: 4.5 for text, 3 for what is not text)."""

import re

import pytest

from tests.frontend import sources

GROUNDS = ["paper", "surface", "raised", "sunken", "hover"]
TEXT = [
    *[(ink, ground) for ink in ("ink", "ink-2", "ink-3", "accent") for ground in GROUNDS],
    *[(tone, ground) for tone in ("warn", "good", "bad") for ground in ("paper", "surface", "raised")],
    *[(tone, f"{tone}-soft") for tone in ("accent", "warn", "good", "bad")],
    *[(ink, f"{tone}-soft") for ink in ("ink", "ink-2") for tone in ("accent", "warn", "good", "bad")],
    ("on-accent", "accent"),
    ("on-accent", "accent-strong"),
    ("on-bad", "bad"),
    ("ink", "selection"),
]
PARTS = [
    *[("line-control", ground) for ground in ("paper", "surface", "raised")],
    *[("accent", ground) for ground in ("paper", "surface", "raised", "sunken", "line")],
    *[(tone, "surface") for tone in ("warn", "good", "bad")],
]


def channel(value: int) -> float:
    part = value / 255
    return part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4


def luminance(colour: str) -> float:
    red, green, blue = (channel(int(colour[at : at + 2], 16)) for at in (1, 3, 5))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def ratio(one: str, other: str) -> float:
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def colour(token: str, theme: str) -> str:
    both = re.findall(r"#[0-9a-f]{6}", sources.tokens()[f"--{token}"])
    return str(both[0 if theme == "light" else 1])


def test_ratio_of_black_on_white_is_the_greatest_there_is() -> None:
    assert round(ratio("#000000", "#ffffff"), 1) == 21.0


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize(("front", "back"), TEXT)
def test_text_is_readable(front: str, back: str, theme: str) -> None:
    assert ratio(colour(front, theme), colour(back, theme)) >= 4.5


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize(("front", "back"), PARTS)
def test_controls_stand_out(front: str, back: str, theme: str) -> None:
    assert ratio(colour(front, theme), colour(back, theme)) >= 3
