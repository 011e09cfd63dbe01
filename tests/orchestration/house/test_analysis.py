"""The whole analysis: offsets, languages, registers, Markdown, limits, scores."""

import time
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from orchestration.providers.house import language, lenses, register
from orchestration.providers.house.analysis import analyse
from orchestration.providers.house.prose import Prose

HERE = Path(__file__).parent
ALL = frozenset(lenses.LENSES)
CRITERIA = {
    "clarity",
    "engagement",
    "completeness",
    "accuracy",
    "depth",
    "tone",
    "flow",
    "coherence",
    "prioritisation",
}

FRAGMENTS = st.sampled_from(
    [
        "the the ",
        "its a ",
        "should of been ",
        "“Oh!! no,” ",
        "\n\n",
        "\n",
        "# Head\n",
        "- item ",
        "> quote ",
        "`code` ",
        "```\nthe the\n```\n",
        "[link](http://a.b/c) ",
        "in order to ",
        "Sara, can you? ",
        "Sarah is here. ",
        "| a | b |\n|---|---|\n",
        "18.000 EUR ",
        "**bold** ",
        "*very very* ",
        "14th ",
        "31 June ",
        "é ",
        "don’t ",
        "(",
        ")",
        "<b>x</b> ",
        "PS. the ",
        "Founded in 1987, for over 40 years. ",
        "three cities were Rome and Bonn. ",
        "\t",
        "…",
    ]
)


@settings(max_examples=150, deadline=None)
@given(st.lists(st.one_of(FRAGMENTS, st.text(max_size=12)), max_size=25).map("".join))
def test_every_issue_quotes_its_passage(text):
    found = analyse(text, lenses=ALL, known_names=("Sarah Marsh",))
    assert all(text[issue.start : issue.end] == issue.quote and issue.quote for issue in found.issues)
    assert all(issue.suggestion is not None for issue in found.issues if issue.safe)
    assert found == analyse(text, lenses=ALL, known_names=("Sarah Marsh",))
    assert len(Prose.of(text).view) == len(text)


def test_lenses_share_the_issues_without_overlap(read):
    text = (HERE / "faulty_note.md").read_text()
    whole = read(text).issues
    parts = [analyse(text, lenses=frozenset({lens})).issues for lens in lenses.LENSES]
    assert sorted(map(repr, whole)) == sorted(repr(issue) for part in parts for issue in part)
    assert {lenses.of_category(issue.category) for issue in parts[0]} == {"accuracy"}


@pytest.mark.parametrize(
    ("criterion", "lens"),
    [
        ("Factual correctness", "accuracy"),
        ("Nuance", "depth"),
        ("Voice", "tone"),
        ("Readability", "flow"),
        ("Flow", "flow"),
        ("Zest", None),
    ],
)
def test_custom_criteria_have_a_closest_lens(criterion, lens):
    assert lenses.closest(criterion) == lens


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("Der Hund ist nicht auf dem Sofa, aber die Katze liegt noch unter der Bank und schläft.", "de"),
        ("Le chat est dans la maison et le chien ne veut pas sortir avec nous ce soir.", "fr"),
        ("El perro no está en la casa, pero el gato duerme en la silla con los niños.", "es"),
        ("Собака спит на диване, а кошка сидит под столом.", "ru"),
        ("犬はソファの上で寝ています。", "ja"),
        ("The dog is not on the sofa, but the cat lies under the bench and sleeps.", "en"),
        ("Hello there", "en"),
        ("", "en"),
    ],
)
def test_language_is_told(text, code):
    assert language.detect(text) == code


def test_another_language_has_no_issues(read):
    found = read("Die die Katze ist nicht auf dem dem Sofa, aber der Hund ist noch im im Garten und schläft.")
    assert (found.language, found.issues) == ("de", ())
    assert {score.value for score in found.scores.values()} == {5.0}
    assert "German" in found.scores["clarity"].reason


def test_a_foreign_sentence_in_an_english_text_is_left_alone(read):
    text = (
        "She smiled at the guests and poured the tea for them. Il ne faut pas pas que je le le dise. "
        "Then she left."
    )
    assert read(text).issues == ()


STORY = (
    "He opened the door and she looked past him. “Its a long way,” she said, “and you should of called.” "
    "He thought of his brother, who was never late, and of her father, who was never early. She took her "
    "coat. "
    "“Go on,” he whispered, and she went down the stairs, into the rain, and he heard her steps until the "
    "door fell shut. "
) * 2


def test_registers():
    plain = "The pump needs a new valve. Order it before Friday and send the bill to the office. " * 5
    period = (
        "It ought to be remembered that he was scarcely acquainted with her; nor had he, whilst "
        "there, upon the whole, "
    )
    period = (period + "shall we say, betrayed a countenance of felicity; she was vexed thereby. ") * 4
    assert [register.tell(Prose.of(text)) for text in (plain, STORY, period)] == [
        "plain",
        "narrative",
        "period",
    ]


def test_a_story_told_by_its_hero_is_a_narrative():
    told = (
        "I had my hat and I was late. My aunt was at the gate, and I could not pass. “Wait,” I "
        "thought, and did. "
    )
    note = (
        "I have my hat and I am late. My aunt is at the gate, and I can not pass. “Wait,” I think, and do. "
    )
    assert register.tell(Prose.of(told * 15)) == "narrative"
    assert register.tell(Prose.of(note * 15)) == "plain"


def test_dialogue_is_flagged_only_for_slips_and_never_safe(read):
    found = read(STORY).issues
    assert {issue.category for issue in found} <= {"apostrophe", "word choice"}
    assert found
    assert not any(issue.safe for issue in found)


MARKDOWN = """---
title: the the
---

# In order to to start

Install it with `pip install the the` or see [the the manual](https://example.org/the/the).

```sh
make make
echo "its a its a"
```

    the the indented code

| the the | its a |
|---------|-------|
| in order to | alot |

> He said the the words.

<!-- the the comment -->

The end, see https://example.org/a/a and ./src/the/the.py or foo_bar_baz.
"""


def test_markup_is_not_read_as_prose(read):
    found = [issue.quote for issue in read(MARKDOWN).issues]
    assert found == ["to to", "the the", "the the"]


def test_markup_is_never_safe_to_change(read):
    safe = [issue for issue in read(MARKDOWN).issues if issue.safe]
    assert [(issue.quote, MARKDOWN[issue.end : issue.end + 7]) for issue in safe] == [("the the", " manual")]


def test_verse_is_left_alone(read):
    verse = (
        "The wings of of Time are black and white\nPied with morning and with night\nMountain tall "
        "and ocean deep\n"
    )
    assert read(verse).issues == ()


def test_scores_cover_every_criterion_and_give_figures(read):
    scores = read((HERE / "faulty_announcement.md").read_text()).scores
    assert set(scores) == CRITERIA
    assert all(0 <= score.value <= 10 and score.reason.endswith(".") for score in scores.values())
    assert all(any(letter.isdigit() for letter in score.reason) for score in scores.values())


def test_a_mended_text_scores_higher(read):
    faulty = read("We we think its a good plan in order to win. Things that was said was said.")
    mended = read("We think it's a good plan to win. Things that were said were said.")
    assert mended.scores["flow"].value > faulty.scores["flow"].value
    assert mended.scores["clarity"].value > faulty.scores["clarity"].value


def test_remarks_of_taste_are_capped_and_errors_are_not(read):
    tasteful = "In order to win, train. Prior to noon, rest. Due to the fact that it rains, sleep. "
    mistakes = "We saw the the sea. "
    found = read("\n\n".join(f"{tasteful * 12}{mistakes}" for _ in range(12))).issues
    assert sum(issue.category == "doubled word" for issue in found) == 12 or len(found) < 60
    assert sum(issue.severity == "minor" for issue in found) <= 60


def test_the_same_remark_is_made_once_with_its_count(read):
    found = read("\n\n".join(f"The fund has 2.500 EUR in box {number}." for number in range(5))).issues
    assert [issue.quote for issue in found if issue.category == "number"] == ["2.500 EUR"]
    assert "The same 5 times" in next(issue.message for issue in found if issue.category == "number")


def test_repeated_wordiness_is_one_issue(read):
    found = read("In order to win, train hard and sleep. " * 6).issues
    wordy = [issue for issue in found if issue.category == "wordiness"]
    assert len(wordy) == 1
    assert "6 times" in wordy[0].message


def test_ten_thousand_words_take_less_than_two_seconds():
    note = (HERE / "faulty_note.md").read_text() + "\n\n" + STORY
    analyse(note, lenses=ALL)
    text = "\n\n".join(f"{note} {number}" for number in range(28))
    assert len(text.split()) > 10_000
    began = time.process_time()
    analyse(text, lenses=ALL)
    assert time.process_time() - began < 2


@pytest.mark.parametrize(
    ("name", "must"),
    [
        (
            "faulty_note.md",
            {
                "Saturdays",
                "its going",
                "the the",
                "it was agreed that",
                "the 21st",
                "isnt",
                "until such time as",
                "stalls that was",
                "four stalls",
                "to to",
                "A number of you has",
                "Their is",
                "dont",
                "year!!",
                "should of received",
                "Catherine",
                "The reason is because",
                "will possibly perhaps",
                "2.500 EUR",
                "recieved",
                "alot",
                "less then",
                "To be honest",
                "very very",
                "may be able to possibly",
                "a little bit",
                "prior to",
                "at your earliest convenience",
                "still on the 20th",
                "PS. bring",
                "there is several",
            },
        ),
        (
            "faulty_announcement.md",
            {
                "World-Class, Next-Generation",
                "9 June",
                "proud to announce",
                "seamless, innovative and truly unique",
                "leverages",
                "in order to",
                "three zones: Quiet, Play, Talk and Listen",
                "A total of 14,000",
                "3,5 million",
                "Studies show",
                "six-month trial",
                "increased by 22%",
                "It is expected that",
                "independent survey funded by Harbour",
                "Johnathan",
                "Managing Director",
                "over 70 years",
                "31 June",
            },
        ),
    ],
)
def test_faulty_texts_are_found_out(read, name, must):
    assert must - {issue.quote for issue in read((HERE / name).read_text()).issues} == set()
