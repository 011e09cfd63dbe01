"""Slips of the pen: doubled words, apostrophes, agreement, confused words, spelling, punctuation, commas."""

import pytest

from orchestration.providers.house.rules import (
    agreement,
    apostrophes,
    commas,
    confusables,
    doubled,
    punctuation,
    spelling,
)


def pairs(found):
    return [(issue.quote, issue.suggestion) for issue in found]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("We went to to the lake.", [("to to", "to")]),
        ("The the boat sank.", [("The the", "The")]),
        ("It was the end of the of the road.", [("of the of the", "of the")]),
        ("It is very very cold.", [("very very", "very")]),
        ("A plan plan was made.", [("plan plan", "plan")]),
        ("He had had enough, and that that was said is clear.", []),
        ("No, no. It was there, there.", []),
        ("She sailed on and on, again and again and again.", []),
        ("Sirhan Sirhan and Duran Duran met.", []),
        ("It is what it is. Is it?", []),
        ("Run `the the` twice.", []),
        ("He bought a a boat and an an oar.", [("a a", "a"), ("an an", "an")]),
        ("A a boat sank. Take vitamin A a day.", [("A a", "A")]),
        ("“I saw the the boat,” he said.", [("the the", "the")]),
        ("“The the boat is gone,” he said. “Take a a lamp.”", [("The the", "The"), ("a a", "a")]),
        ("“I saw the … the boat,” he said. “The — the keeper!”", []),
        ("“We went to to the lake, it it was far,” he said.", []),
        ("“It is very very cold at the end of the of the road,” he said.", []),
        ("He went to to the lake. “Go to to the lake,” he said.", [("to to", "to")]),
    ],
)
def test_doubled_words(issues, text, expected):
    assert pairs(issues(doubled, text)) == expected


@pytest.mark.parametrize("register", ["plain", "narrative", "period"])
def test_a_doubled_article_in_dialogue_is_safe_to_mend_in_every_register(issues, register):
    (found,) = issues(doubled, "“I saw the the boat,” he said.", register)
    assert (found.quote, found.suggestion, found.safe) == ("the the", "the", True)


def test_a_doubled_word_in_a_heading_is_left_to_its_author(issues):
    (found,) = issues(doubled, "# The the boat\n\nIt sank.")
    assert not found.safe


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("I havent seen it and thats all.", [("havent", "haven't"), ("thats", "that's")]),
        ("It's fine — they dont know… “isnt” it’s.", [("dont", "don’t"), ("isnt", "isn’t")]),
        ("I know its a long way.", [("its a", "it's a")]),
        ("Eat it while its still warm.", [("its still", "it's still")]),
        ("Did you read todays paper?", [("todays", "today's")]),
        ("Bring it to Saturdays game.", [("Saturdays", "Saturday's")]),
        ("The dog has it's own bed.", [("it's", "its")]),
        ("The cat licked its very long tail and its first kitten.", []),
        ("Its still waters run deep.", []),
        ("They let the cant of the age go; well, we were ill.", []),
        ("Open on Saturdays and Sundays. Its wings beat.", []),
        ("“I saw ’im and ’is dog,” he said.", []),
        ("IT HAS ITS A-LEVEL.", []),
    ],
)
def test_apostrophes(issues, text, expected):
    assert pairs(issues(apostrophes, text)) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Things that was said.", [("Things that was", "Things that were")]),
        ("There was several boats.", [("there was several".capitalize(), "There were several")]),
        ("The vendor havent called.", [("vendor havent", "vendor hasn't")]),
        ("They was late.", [("They was", "They were")]),
        ("He don't know.", [("He don't", "He doesn't")]),
        ("A number of you has asked.", [("A number of you has", "A number of you have")]),
        ("She ate a apple.", [("a apple", "an apple")]),
        ("It is an useful thing.", [("an useful", "a useful")]),
        ("One of the things that was said.", []),
        ("There was many a slip. There are several.", []),
        ("The team haven't played. The news that was read.", []),
        ("A one-off at an hour, a union, an honest man, a European, an umbrella.", []),
        ("“They was late,” he said.", []),
    ],
)
def test_agreement(issues, text, expected):
    assert pairs(issues(agreement, text)) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("You should of read it.", [("should of read", "should have read")]),
        ("Wait atleast a day.", [("atleast", "at least")]),
        ("They took there own car.", [("there own", "their own")]),
        ("It is more then the rest.", [("more then", "more than")]),
        ("Do it like it says here.", [("like it says", "as it says")]),
        ("He could, of course, stay; you must of necessity go.", []),
        ("If your plan holds, send it to many people.", []),
        ("There is more. Then we left.", []),
        ("There, own it.", []),
    ],
)
def test_confused_words(issues, text, expected):
    assert pairs(issues(confusables, text)) == expected


def test_confused_words_in_dialogue_stay_the_speakers(issues):
    found = issues(confusables, "“You should of seen it,” said Tom, like it says.", "narrative")
    assert {issue.quote: issue.safe for issue in found} == {"should of seen": False, "like it says": True}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("We recieved it seperately.", [("recieved", "received"), ("seperately", "separately")]),
        ("It was inherintance again.", [("inherintance", "inheritance")]),
        ("Colour, organise, travelled, centre, whilst, learnt.", []),
        ("The webhook queue retries; a timestamp is idempotent metadata.", []),
        ("Kubernetes and Zyxware are names. *Weltschmerz* is a foreign word.", []),
        ("The wibblers met. Wibblers sang; the wibblers left; wibblers.", []),
        ("unbiddable, seaward, candlelit, preestablished, thoughtlessly", []),
    ],
)
def test_spelling(issues, text, expected):
    assert pairs(issues(spelling, text)) == expected


def test_spelling_of_an_older_period_stands(issues):
    assert issues(spelling, "A developement that he could not controul nor chuse.", "period") == []


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Stop it!! Really?", [("it!!", "it!")]),
        ("One , two.", [("e ,", "e,")]),
        ("The first day ended. the second began.", [("ended. the", "ended. The")]),
        ("PS. bring a coat.", [("PS. bring", "PS. Bring")]),
        ("I think that will do?", [("do?", "do.")]),
        ("Do you think so? I think not... Go!", []),
        ("Use e.g. the saw, etc. and wait. iPhones too.", []),
        ("“Stop!!” she cried.", []),
    ],
)
def test_punctuation(issues, text, expected):
    assert pairs(issues(punctuation, text)) == expected


def test_plus_sign_in_a_letter_and_in_a_formula(issues):
    assert pairs(issues(punctuation, "Dear all,\n\nBring cakes + a chair.")) == [
        ("cakes + a chair", "cakes and a chair")
    ]
    assert issues(punctuation, "The sum is first + second.") == []


def test_list_ends_are_mixed(issues):
    text = "- one two three four five six\n- one two three four five six\n- one two three four five six.\n"
    assert [issue.category for issue in issues(punctuation, text)] == ["consistency"]
    assert issues(punctuation, text.replace("six.", "six")) == []


def test_serial_commas_are_mixed(issues):
    text = "We sell bread, milk, and eggs. They sell fish, meat and wine."
    assert [issue.category for issue in issues(punctuation, text)] == ["consistency"]
    assert issues(punctuation, "We sell bread, milk and eggs. They sell fish, meat and wine.") == []


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("The page needs work, it is slow.", ["work, it is"]),
        ("We need 2,500 tins in May, we may need more.", ["May, we may"]),
        ("Thanks for coming today, I know you are busy.", ["today, I know"]),
        ("The office is closed on Monday, the launch is on Tuesday.", ["Monday, the launch is"]),
        ("When it rains, we are wet. If so, it is late.", []),
        ("In the tests of last year, it was faster.", []),
        ("It ran at me and, seeing this, we had to go.", []),
        ("He is, I think, right. The car, it seems, is old.", []),
        ("The boat was old, and it was slow. It leaked, but we were dry.", []),
        ("If the tool is large and does not call, you can stop it.", []),
        ("We saw the sea, the sand, the sky and the rest.", []),
    ],
)
def test_comma_splices(issues, text, expected):
    assert [issue.quote for issue in issues(commas, text)] == expected


def test_comma_splices_are_left_to_novelists(issues):
    assert issues(commas, "The night was old, it was late.", "narrative") == []
