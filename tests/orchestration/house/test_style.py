"""Matters of style, from wordiness to tone."""

import pytest

from orchestration.providers.house.rules import (
    buzzwords,
    cliches,
    conventions,
    fillers,
    passive,
    redundancy,
    repetition,
    rhythm,
    tone,
    wordiness,
)


def pairs(found):
    return [(issue.quote, issue.suggestion) for issue in found]


def quotes(found):
    return [issue.quote for issue in found]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("In order to win, train.", [("In order to", "To")]),
        ("We left due to the fact that it rained.", [("due to the fact that", "because")]),
        ("Check it prior to it being sent.", [("prior to it being sent", "before it is sent")]),
        ("Tests which were carried out in Rome failed.", [("Tests which were carried out in", "Tests in")]),
        ("It took over a period of two years.", [("over a period of", "over")]),
        ("In it a total of 40 boats sank.", [("a total of 40", "40")]),
        ("The shop utilises two vans.", [("utilises", "uses")]),
        ("Order is good; in order, to the left. Prior art counts.", []),
        ("Whether or not it rains, we are able to go.", []),
        ("## In order to win", []),
        ("`in order to` is masked.", []),
    ],
)
def test_wordiness(issues, text, expected):
    found = pairs(issues(wordiness, text))
    assert [(quote.lower(), fixed.lower()) for quote, fixed in found] == [
        (quote.lower(), fixed.lower()) for quote, fixed in expected
    ]


def test_no_sentence_is_made_to_open_with_a_figure(issues):
    assert [issue.safe for issue in issues(wordiness, "A total of 40 boats sank.")] == [False]
    assert [issue.safe for issue in issues(wordiness, "In it a total of 40 boats sank.")] == [True]


def test_wordiness_in_a_period_text_is_its_voice(issues):
    assert issues(wordiness, "In order to see her he walked, prior to dinner.", "period") == []


def test_wordiness_in_a_story_is_only_what_no_narrator_says(issues):
    text = "In order to see her he walked, prior to dinner. “Due to the fact that I love you,” he said."
    assert [issue.quote for issue in issues(wordiness, text, "narrative")] == ["In order to"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("The end result was an added bonus.", [("end result", "result"), ("added bonus", "bonus")]),
        ("It may be able to possibly help.", [("may be able to possibly", "may be able to")]),
        ("It is expected that loans rise, according to a survey.", [("according to", None)]),
        ("It may help. According to Ann, it will.", []),
        ("In the end, results matter.", []),
    ],
)
def test_redundancy(issues, text, expected):
    assert pairs(issues(redundancy, text)) == expected


def test_cliches_belong_to_speakers(issues):
    assert quotes(issues(cliches, "At the end of the day we are thrilled to announce it.")) == [
        "At the end of the day",
        "thrilled to announce",
    ]
    assert issues(cliches, "“At the end of the day,” he said, “touch base.”") == []
    assert issues(cliches, "A sigh of relief.", "narrative") != []
    assert issues(cliches, "He read The Calm Before the Storm.", "narrative") == []
    assert issues(cliches, "At the end of the day they touch base.", "period") == []


def test_promotion_is_one_issue_a_sentence(issues):
    found = issues(buzzwords, "Our seamless, innovative and world-class pump is state-of-the-art.")
    assert [(issue.quote, issue.severity) for issue in found] == [
        ("seamless, innovative and world-class", "moderate")
    ]
    assert "“state-of-the-art”" in found[0].message


def test_promotion_repeated_and_replaceable(issues):
    found = issues(buzzwords, "It leverages a seamless pipe. The seamless pipe is revolutionary.")
    assert ("leverages", "uses") in pairs(found)
    assert [issue.quote for issue in found if issue.category == "repetition"] == ["seamless"]


@pytest.mark.parametrize(
    "text",
    [
        "The tyre is robust.",
        "A robust, innovative pump.",
        "Unlock the door with the financial leverage you have.",
    ],
)
def test_promotion_once_is_allowed(issues, text):
    assert issues(buzzwords, text) == []


def test_fillers_and_intensifiers(issues):
    assert quotes(issues(fillers, "Basically, it works, to be honest.")) == ["Basically", "to be honest"]
    assert quotes(issues(fillers, "It is very hot, very dry and very far.")) == ["very hot"]
    assert issues(fillers, "It is a kind of fish, and very good.") == []
    assert issues(fillers, "“It is very very, very, very hot,” she said. “Basically.”") == []


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("A decision will be made by Tom.", [("A decision will be made by Tom", "Tom will decide")]),
        ("The room was painted by our neighbour.", [("was painted by our neighbour", None)]),
        ("It was decided that we go.", [("It was decided that", None)]),
        ("Sales were cut by 10%. It was moved by the end of May.", []),
        ("She was interested, tired and married.", []),
        ("The key is on the table. One door was locked.", []),
    ],
)
def test_passives(issues, text, expected):
    assert pairs(issues(passive, text)) == expected


def test_passives_as_a_habit_are_one_issue(issues):
    found = issues(passive, "The van was sold. The shop was painted. The till was emptied. We left.")
    assert len(found) == 1
    assert found[0].message.startswith("3 of 4 sentences")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("We use traffic data, weather data and old data.", ["data, weather data and old data"]),
        ("It makes optimal choices about optimal roads.", ["optimal choices about optimal roads"]),
        ("Costs were reduced and time was reduced.", ["was reduced"]),
        ("It was adopted quickly. Adoption was high.", ["Adoption"]),
        ("The cat sat. The cat ran.", []),
        ("Local people and regional people met.", []),
    ],
)
def test_repetition(issues, text, expected):
    assert quotes(issues(repetition, text)) == expected


def test_sentences_that_begin_alike(issues):
    text = "Then we ran. Then we fell. Then we rose. Then we left."
    assert quotes(issues(repetition, text)) == ["Then we"]
    assert quotes(issues(repetition, text, "period")) == []
    assert quotes(issues(repetition, text.replace("Then we", "She"))) == []
    assert quotes(issues(repetition, "She ran. " * 6)) == ["She ran"]


def test_long_sentences_by_register(issues):
    sentence = "We walked along the river " + "and past another mill " * 8 + "until night."
    assert [issue.category for issue in issues(rhythm, sentence)] == ["long sentence"]
    assert issues(rhythm, sentence, "narrative") == []


def test_tone(issues):
    assert quotes(issues(tone, "Please be on time, unlike last time.")) == ["unlike last time"]
    assert issues(tone, "The last time we met, it rained.") == []


def test_mixed_spelling_only_when_clear(issues):
    assert pairs(issues(conventions, "The colour, the harbour and the color.")) == [("color", "colour")]
    assert issues(conventions, "The colour and the harbour of the Labor Party.") == []
    assert issues(conventions, "We organize the colour of the room.") == []
