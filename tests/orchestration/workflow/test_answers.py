"""Answers are read as far as they go, whatever was written."""

import random
from decimal import Decimal

import pytest

from orchestration.workflow.answers import Resolution, read_editor, read_synthesizer, read_writer
from orchestration.workflow.criteria import Criterion
from orchestration.workflow.terms import Tier

CLARITY = [Criterion("Clarity", Decimal(3)), Criterion("Depth", Decimal(1))]
TAIL = '<evaluation>{"scores":{"clarity":{"score":7,"reason":"plain"},"depth":{"score":3,"reason":""}}}</evaluation>'


def test_writer_answer_in_the_format():
    answer = read_writer(
        f"<document>\n# Title\n\nText.\n</document><summary>Shorter.</summary>{TAIL}",
        criteria=CLARITY,
        original="# Title\n\nOld text.",
    )
    assert answer.document == "# Title\n\nText."
    assert answer.summary == "Shorter."
    assert answer.evaluation.tier == Tier.STRUCTURED
    assert answer.evaluation.mean == Decimal("6.00")
    assert answer.evaluation.scores["Clarity"].reason == "plain"


@pytest.mark.parametrize(
    ("text", "truncated", "document"),
    [
        ("A whole new text of much the same length.", False, "A whole new text of much the same length."),
        ("Sorry, no.", False, None),
        ("", False, None),
        ("<document>Half of the te", True, None),
        ("<document>The whole text without its closing tag, to the end.", False,
         "The whole text without its closing tag, to the end."),
        ("<document>The text, closed by what follows it, at least.<summary>Did it.", True,
         "The text, closed by what follows it, at least."),
        ("Here you are:\n<document>It shows </document> as a tag.</document>", False,
         "It shows </document> as a tag."),
    ],
)  # fmt: skip
def test_writer_answer_out_of_format(text, truncated, document):
    answer = read_writer(text, criteria=CLARITY, original="x" * 60, truncated=truncated)
    assert answer.document == document
    assert answer.evaluation.tier == Tier.FALLBACK


def test_writer_scores_in_the_document_are_not_read():
    answer = read_writer(
        "<document>Clarity: 10/10. Depth: 10/10.</document><summary>Clarity: 4/10</summary>",
        criteria=CLARITY,
        original="",
    )
    assert answer.evaluation.tier == Tier.NATURAL
    assert {name: score.value for name, score in answer.evaluation.scores.items()} == {"Clarity": Decimal(4)}


def test_editor_answer_in_the_format():
    answer = read_editor(
        "Two things.\n<findings>```json\n"
        '[{"category":"Wordy","severity":"major","message":"Cut it.","quote":"in order to","occurrence":2,'
        '"suggestion":"to"}, {"message":"Name differs."}]\n```</findings>' + TAIL,
        criteria=CLARITY,
    )
    assert answer.commentary == "Two things."
    assert [(f.category, f.severity, f.quote, f.occurrence) for f in answer.findings] == [
        ("wordy", "major", "in order to", 2),
        ("general", "minor", "", 1),
    ]
    assert answer.readable
    assert answer.evaluation.tier == Tier.STRUCTURED


def test_editor_findings_cut_off_keep_the_whole_ones():
    answer = read_editor(
        'Look.<findings>[{"message":"One."},{"message":"Two","quote":"a {b}"},{"mess', criteria=CLARITY
    )
    assert [finding.message for finding in answer.findings] == ["One.", "Two"]


@pytest.mark.parametrize(
    ("text", "readable"),
    [
        ("<findings>[]</findings>", True),
        ("<findings></findings>", True),
        ("Nothing.", False),
        ("<findings>none</findings>", False),
        ("<findings>[1, null, \"x\"]</findings>", False),
    ],
)  # fmt: skip
def test_editor_without_findings_says_whether_that_was_readable(text, readable):
    answer = read_editor(text, criteria=CLARITY)
    assert answer.findings == ()
    assert answer.readable is readable


def test_synthesizer_answer():
    answer = read_synthesizer(
        'Do this.<resolutions>[{"finding":1,"decision":"accept","reason":"true"},{"finding":2,"decision":"merge",'
        '"into":1},{"finding":3,"decision":"REJECTED","reason":"taste"},{"finding":"x","decision":"accept"},'
        '{"finding":4,"decision":"explode"}]</resolutions>Clarity: 8/10',
        criteria=CLARITY,
    )
    assert answer.brief == "Do this."
    assert answer.resolutions == (
        Resolution(1, "accept", None, "true"),
        Resolution(2, "merge", 1, ""),
        Resolution(3, "reject", None, "taste"),
    )
    assert answer.evaluation.tier == Tier.NATURAL


def test_a_thousand_garbled_answers_are_all_read():
    seed = random.randrange(10**6)
    print("seed", seed)
    chance = random.Random(seed)
    parts = ["<document>", "</document>", "<findings>", "</findings>", "<evaluation>", "[", "{", "}", "]", '"scores":',
             '"score":', "1e999", "NaN", "-5", "11", "Clarity: 99/10", "\x00", '"message":"m"', "</", "<", "é", "\\u0000",
             "<resolutions>", "</resolutions>", '{"finding":1,"decision":"accept"}', "[" * 3000]  # fmt: skip
    for _ in range(1000):
        text = "".join(chance.choices(parts, k=chance.randrange(30)))
        evaluations = [
            read_writer(text, criteria=CLARITY, original="x").evaluation,
            read_editor(text, criteria=CLARITY).evaluation,
            read_synthesizer(text, criteria=CLARITY).evaluation,
        ]
        for evaluation in evaluations:
            assert all(0 <= score.value <= 10 for score in evaluation.scores.values())
            assert evaluation.mean is None or 0 <= evaluation.mean <= 10
