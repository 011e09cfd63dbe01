"""Names, numbers, dates, counts, titles, claims: what the text itself contradicts."""

import pytest

from orchestration.providers.house.rules import (
    claims,
    counts,
    dates,
    names,
    numbers,
    person,
    placeholders,
    reference,
    titles,
    vague,
)


def quotes(found):
    return [issue.quote for issue in found]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Jonathan left. Later Johnathan came back to Jonathan.", ["Johnathan"]),
        ("Ask Sarah. Sara, can you come?", ["Sara"]),
        ("The firm Brihgtwater is small. We like Brightwater, and Brightwater pays.", ["Brihgtwater"]),
        ("Then Anselm came, and Anselm sat. Anslem ate.", ["Anslem"]),
        ("We met Jane and June and Joan in May, March and Marsh.", []),
        ("The Bennets met Bennet. Mr Bennet's house is Bennet's.", []),
        ("We asked Ops. Oops, said Ops.", []),
        ("Will you, Bill? Bells rang for Bell.", []),
    ],
)
def test_names_in_two_spellings(issues, text, expected):
    assert quotes(issues(names, text)) == expected


def test_names_in_a_long_text_need_a_usual_spelling(issues):
    filler = "The rain fell on the roof of the mill. " * 260
    assert quotes(issues(names, filler + "We saw Anne and Ann.")) == []
    many = "We saw Anne. " * 9
    assert quotes(issues(names, filler + many + "Then came Ann, as Ann does.")) == ["Ann"]


def test_names_against_the_story_bible(issues):
    text = "We saw Elisabeth and Marlow in the square, and Marlows too."
    found = issues(names, text, known_names=["Elizabeth Marlow"])
    assert [(issue.quote, issue.suggestion, issue.safe) for issue in found] == [
        ("Elisabeth", "Elizabeth", False)
    ]
    assert issues(names, text, known_names=["Elisabeth Marlow", "Elizabeth Finch"]) == []


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("The three cities were Bonn, Graz, Bern and Lyon.", ["three cities were Bonn, Graz, Bern and Lyon"]),
        ("The three cities were Bonn, Graz and Bern.", []),
        ("The two ladies were delighted, tired and gone home early today.", []),
        ("The six-month trial ran from January to April.", ["six-month trial"]),
        ("The six-month trial ran from January to June.", []),
        ("A three-year study from 2015 to 2021.", ["three-year"]),
        ("Both Ann, Ben and Cleo came.", ["Both Ann, Ben and Cleo"]),
        ("A team of 45 engineers built it. The 54 engineers left.", ["The 54 engineers"]),
        ("A team of 45 engineers built it. The 45 engineers and 54 cooks left.", []),
    ],
)
def test_counts(issues, text, expected):
    assert quotes(issues(counts, text)) == expected


def test_announced_list(issues):
    text = "Take these four steps:\n\n1. one\n2. two\n3. three\n"
    assert quotes(issues(counts, text)) == ["four steps"]
    assert issues(counts, text.replace("four", "three")) == []


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("It is moved to the 21st of July. It is still on the 20th for some.", ["still on the 20th"]),
        ("The 3rd of May is a holiday, the party is on the 3rd.", ["party is on the 3rd"]),
        ("We met on Monday, 10 June 2025.", ["Monday, 10 June 2025"]),
        ("We met on Tuesday, 10 June 2025.", []),
        ("It closes on 31 June.", ["31 June"]),
        ("Founded in 1962, it has served us for over 70 years; in 2019 it grew.", ["over 70 years"]),
        ("Founded in 1962, it has served us for over 50 years; in 2019 it grew.", []),
        ("Born in 1950, she was 30 in 1985.", ["30 in 1985"]),
        ("Born in 1950, she was 35 in 1985.", []),
        ("It ran from 2015 to 2012.", ["from 2015 to 2012"]),
        ("Call me by the 14th.", ["the 14th"]),
        ("Call me by the 14th, in June. The 14th century ended.", []),
    ],
)
def test_dates(issues, text, expected):
    assert quotes(issues(dates, text)) == expected


def test_date_line_without_a_year(issues):
    assert quotes(issues(dates, "**Whitby, 9 June.** The room opens.")) == ["9 June"]
    assert issues(dates, "**Whitby, 9 June 2026.** The room opens.") == []


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("It costs 2.500 EUR.", [("2.500 EUR", "2,500 EUR")]),
        ("We sold 1,400 tins and 2,5 million nails.", [("2,5 million", "2.5 million")]),
        ("Version 2.500 of 1.250 m. We sold 1,400 tins and 2.5 million nails.", []),
        ("There are 45 vans, and fourteen cooks.", [("fourteen cooks", "14 cooks")]),
        ("There are 45 vans, and three cooks. Fourteen cooks left.", []),
    ],
)
def test_numbers(issues, text, expected):
    assert [(issue.quote, issue.suggestion) for issue in issues(numbers, text)] == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Ann Marsh, Managing Director, spoke. Ann Marsh, Head of Sales, left.", ["Head of Sales"]),
        ("Elena Marsh is the CEO. Ellena Marsh, Chief Operating Officer, left.", ["Chief Operating Officer"]),
        ("Ann Marsh is the CEO. Ann Marsh, Chief Executive Officer, left.", []),
        ("Ann Marsh is the CEO. Ann Marsh was formerly Head of Sales.", []),
        ("Ann Marsh is the CEO. Bob Marsh is Head of Sales.", []),
    ],
)
def test_titles(issues, text, expected):
    assert quotes(issues(titles, text)) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("An independent survey funded by Acme agrees.", ["independent survey funded by Acme"]),
        ("An independent survey agrees. It was paid for by Acme.", []),
        ("Costs fell by 10%.", ["fell by 10%"]),
        ("Costs fell by 10% compared with May.", []),
        ("Studies show that it works.", ["Studies show"]),
        ("Studies show that it works (Marsh 2019).", []),
    ],
)
def test_claims(issues, text, expected):
    assert quotes(issues(claims, text)) == expected


def test_vague_times(issues):
    assert quotes(issues(vague, "It opens in the first quarter.")) == ["in the first quarter"]
    assert issues(vague, "It opens in the first quarter of 2027.") == []
    assert quotes(issues(vague, "It opens at a later date.")) == ["at a later date"]


def test_references(issues):
    assert quotes(issues(reference, "We met the designer. Tom thinks that he is slow.")) == [
        "Tom thinks that he is"
    ]
    assert quotes(issues(reference, "The mayor told the farmer that he was late.")) == ["the farmer that he"]
    assert quotes(issues(reference, "It has to be sent, which takes a week.")) == ["sent, which takes"]
    assert issues(reference, "We bought a van, which takes a week. Tom thinks that it is slow.") == []


def test_changes_of_person(issues):
    assert quotes(issues(person, "Acme Tools is committed to quality in all that we do.")) == ["we do"]
    assert quotes(issues(person, "Sarah is calling them. Sara, can you report?")) == ["Sara, can"]
    assert issues(person, "Sarah is glad that we came. Tom, can you report?") == []


def test_placeholders(issues):
    assert quotes(issues(placeholders, "The price is TBD. Dear [insert name].")) == ["TBD", "[insert name]"]
    assert issues(placeholders, "## XXX\n\nThe price is [here](x.md).") == []
