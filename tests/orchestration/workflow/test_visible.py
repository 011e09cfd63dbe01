"""What a person sees while an answer is written: the same however the pieces are cut."""

import random

import pytest

from orchestration.workflow.visible import VisibleText, visible

WRITER = (
    "Sure:\n<document>\n# Title\n\nA < b, <doc> and </docu.\n</document><summary>Did.</summary><evaluation>{}"
)
EDITOR = "The opening drags.\n\n<findings>[{}]</findings><evaluation>{}</evaluation>"


@pytest.mark.parametrize(
    ("role", "text", "shown"),
    [
        ("writer", WRITER, "# Title\n\nA < b, <doc> and </docu."),
        ("writer", "Just the text, untagged.<evaluation>{}", "Just the text, untagged."),
        ("writer", "x" * 400 + "<summary>s", "x" * 400),
        ("writer", "<document>İstanbul</document>x", "İstanbul"),
        ("content_expert", EDITOR, "The opening drags."),
        ("synthesizer", "Brief.<RESOLUTIONS>[]", "Brief."),
        ("style_editor", "No block at all <fin", "No block at all <fin"),
    ],
)
def test_shows_the_part_for_people(role, text, shown):
    assert visible(text, role) == shown


@pytest.mark.parametrize(
    ("role", "text"), [("writer", WRITER), ("content_expert", EDITOR), ("writer", "x" * 700)]
)
def test_is_the_same_however_it_is_cut(role, text):
    chance = random.Random(7)
    for _ in range(200):
        cuts = sorted(chance.sample(range(len(text)), 9))
        pieces = [text[a:b] for a, b in zip([0, *cuts], [*cuts, len(text)], strict=True)]
        shown = VisibleText(role)
        assert "".join(map(shown.feed, pieces)) + shown.finish() == visible(text, role)
