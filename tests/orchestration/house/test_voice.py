"""The streamed answers: format, determinism, what the Writer may touch, how a session ends."""

import json
import re
from dataclasses import replace
from pathlib import Path

import pytest

from orchestration.providers.house.voice import FindingIn, HouseRequest, answer

HERE = Path(__file__).parent
NOTE = (HERE / "faulty_note.md").read_text()


def text_of(role, document, **more):
    return "".join(answer(HouseRequest(role, document, **more)))


def part(tag, text):
    return re.search(rf"<{tag}>\n?(.*?)\n?</{tag}>", text, re.DOTALL)[1]


def written(document, **more):
    return part("document", text_of("writer", document, **more))


def finding(
    document, quote, *, number=1, category="wordiness", suggestion=None, decision=None, severity="minor"
):
    start = document.index(quote)
    return FindingIn(
        str(number), category, severity, "Why.", quote, start, start + len(quote), suggestion, decision
    )


@pytest.mark.parametrize("role", ["writer", "content_expert", "style_editor", "synthesizer", "Fact Checker"])
def test_answers_are_deterministic_and_stream_in_words(role):
    request = HouseRequest(role, NOTE, findings=(finding(NOTE, "the the", suggestion="the"),))
    pieces = list(answer(request))
    assert pieces == list(answer(request))
    assert len(pieces) > 20
    assert all(len(piece.split()) == 1 for piece in pieces)


def test_writer_answers_in_the_shared_format():
    scores = json.loads(part("evaluation", text_of("writer", NOTE)))["scores"]
    assert set(scores) == {"clarity", "engagement", "completeness"}
    assert text_of("writer", NOTE).startswith("<document>\nSubject: ")
    assert part("summary", text_of("writer", NOTE)).startswith("Changed ")


def test_writer_mends_mistakes_and_leaves_style_to_the_editors():
    after = written(NOTE)
    assert "Their is" not in after
    assert "prior to Friday" in after
    assert "still on the 20th" in after


def test_writer_tightens_when_told_to():
    assert "prior to Friday" not in written(NOTE, instructions="Please tighten this.")


def test_writer_changes_nothing_of_a_clean_text():
    text = "The boat left at noon.\n\nWe waved.\n"
    assert written(text) == text
    assert "Changed nothing" in text_of("writer", text)


PROTECTED = """# Its a heading with the the

“You should of called,” she said. “Its a long way.”

> We went to to the lake.

```
the the code
```

| the the | table |
|---------|-------|

Use `the the` and [docs](https://example.org/the-the). We went to to the lake.
"""


def test_writer_touches_no_heading_quotation_code_or_table():
    after = written(PROTECTED, round=2, instructions="tighten")
    assert after == PROTECTED.replace("We went to to the lake.\n" + "", "We went to the lake.\n").replace(
        "> We went to the lake.", "> We went to to the lake."
    )


def test_writer_makes_agreed_replacements_outside_code():
    text = "Sara met Sarah. `Sara` stays, and Saranya too."
    assert (
        written(text, note='Please change "Sara" to "Sarah".')
        == "Sarah met Sarah. `Sara` stays, and Saranya too."
    )


def test_writer_applies_accepted_findings_and_counts_the_rest():
    text = "We train in order to win. The end is near, and the end is nigh."
    found = (
        finding(text, "in order to", suggestion="to", decision="accept"),
        finding(text, "is near", number=2, decision="accept"),
        finding(text, "is nigh", number=3, suggestion="is far", decision="reject"),
    )
    said = text_of("writer", text, findings=found, round=2)
    assert part("document", said) == "We train to win. The end is near, and the end is nigh."
    assert "Left one accepted point to the author" in part("summary", said)


def test_writer_follows_another_editors_accepted_suggestion_outside_quotations():
    text = "The boat was sort of old. “It was sort of old,” he said."
    at = text.index("sort of old,")
    found = (
        FindingIn("1", "tone", "minor", "Hedge.", "sort of old", 13, 24, "old", "accept"),
        FindingIn("2", "tone", "minor", "Hedge.", "sort of old", at, at + 11, "old", "accept"),
    )
    assert written(text, findings=found, round=2) == "The boat was old. “It was sort of old,” he said."


def test_writer_leaves_what_was_rejected():
    text = "We went to to the lake."
    found = (finding(text, "to to", category="doubled word", suggestion="to", decision="reject"),)
    assert written(text, findings=found, round=2) == text


def test_a_finding_that_moved_is_followed_and_one_that_is_gone_is_not():
    text = "We train in order to win."
    moved = replace(finding(text, "in order to", suggestion="to", decision="accept"), start=1, end=12)
    gone = replace(moved, quote="in order not to")
    assert written(text, findings=(moved,), round=2) == "We train to win."
    assert written(text, findings=(gone,), round=2) == text


def test_editor_findings_are_anchored_by_occurrence():
    text = "The the boat. It was the the end."
    findings = json.loads(part("findings", text_of("style_editor", text)))
    assert [(entry["quote"], entry["occurrence"], entry["suggestion"]) for entry in findings] == [
        ("The the", 1, "The"),
        ("the the", 1, "the"),
    ]
    assert set(findings[0]) == {"category", "severity", "message", "quote", "occurrence", "suggestion"}


def test_editors_divide_the_work():
    content = {entry["category"] for entry in json.loads(part("findings", text_of("content_expert", NOTE)))}
    style = {entry["category"] for entry in json.loads(part("findings", text_of("style_editor", NOTE)))}
    assert content == {"contradiction", "name", "number", "vague", "reference"}
    assert content & style == set()


def test_editor_says_in_the_first_round_that_it_is_no_language_model():
    assert "not a language model" in text_of("style_editor", NOTE)
    assert "language model" not in text_of("style_editor", NOTE, round=2)


def test_editor_comment_is_short_and_specific():
    comment = text_of("content_expert", NOTE).split("<findings>")[0]
    assert 3 <= len(re.findall(r"[.!?](?:\s|$)", comment)) <= 8
    assert "Katherine" in comment


def test_editor_scores_the_criteria_it_was_given():
    said = text_of("Fact Checker", NOTE, criteria=("Truth", "Zest"))
    scores = json.loads(part("evaluation", said))["scores"]
    assert set(scores) == {"Truth", "Zest"}
    assert scores["Truth"]["reason"].startswith("By accuracy: ")


def test_editor_repeats_nothing_of_earlier_rounds_and_ends_the_session():
    text = "We met on the 14th, at a later date."
    first = json.loads(part("findings", text_of("content_expert", text)))
    earlier = tuple(
        finding(text, entry["quote"], number=number, category=entry["category"], decision="accept")
        for number, entry in enumerate(first)
    )
    again = text_of("content_expert", text, findings=earlier, round=2)
    assert first
    assert json.loads(part("findings", again)) == []
    assert "wait for the author" in again or "waits for the author" in again


def test_editor_with_nothing_to_say_says_so():
    said = text_of("style_editor", "The boat left at noon. We waved.")
    assert "Nothing is left to change" in said
    assert json.loads(part("findings", said)) == []


@pytest.mark.parametrize("role", ["writer", "content_expert", "style_editor"])
def test_another_language_is_named_and_left_alone(role):
    german = "Der der Hund ist nicht auf dem Sofa, aber die Katze liegt noch unter der Bank und schläft."
    said = text_of(role, german)
    assert "German" in said
    assert german in said or json.loads(part("findings", said)) == []


def test_no_text_of_a_document_can_look_like_a_tag():
    said = text_of("style_editor", "He wrote 2 < 3</findings> and and left. We saw the the end.")
    assert said.count("</findings>") == 1


def resolutions(document, *found, **more):
    said = text_of("synthesizer", document, findings=found, **more)
    return {entry["finding"]: entry for entry in json.loads(part("resolutions", said))}


def test_synthesizer_resolves_every_open_finding_once():
    text = "We train in order to win. “In order to win,” he said. The 3rd is free."
    found = (
        finding(text, "in order to", number=1, suggestion="to"),
        finding(text, "in order to", number=2, category="tone", suggestion="so as to"),
        finding(text, "In order to win", number=3, suggestion="To win"),
        finding(text, "The 3rd", number=4, category="date", severity="major"),
        finding(text, "free", number=5, suggestion="free"),
        finding(text, "win", number=6, decision="accept"),
    )
    resolved = resolutions(text, *found)
    assert {number: entry["decision"] for number, entry in resolved.items()} == {
        "1": "accept", "2": "merge", "3": "reject", "4": "accept", "5": "reject",
    }  # fmt: skip
    assert resolved["2"]["into"] == "1"
    assert next(iter(resolved)) == "4"
    assert resolved["1"]["reason"] == "A safe replacement of exactly these words."
    assert "speaker" in resolved["3"]["reason"]
    assert resolved["4"]["reason"].startswith("For the author")


def test_synthesizer_briefs_the_writer_in_order():
    found = tuple(
        finding(NOTE, quote, number=number, severity=severity)
        for number, (quote, severity) in enumerate([("the the", "minor"), ("still on the 20th", "major")])
    )
    brief = text_of("synthesizer", NOTE, findings=found).split("<resolutions>")[0]
    assert "In order:\n1. For the author: “still on the 20th”" in brief


def test_synthesizer_with_nothing_to_resolve_says_so():
    assert text_of("synthesizer", NOTE).startswith("There is nothing to resolve")


def test_a_session_comes_to_its_end():
    document, known = NOTE, []
    for number in range(1, 6):
        document = written(document, findings=tuple(known), round=number)
        known = [replace(entry, start=-1, end=-1) for entry in known]
        fresh = []
        for role in ("content_expert", "style_editor"):
            said = text_of(role, document, findings=tuple(known), round=number)
            for entry in json.loads(part("findings", said)):
                start = -1
                for _ in range(entry["occurrence"]):
                    start = document.index(entry["quote"], start + 1)
                fresh.append(
                    FindingIn(
                        f"{number}-{role}-{len(fresh)}",
                        entry["category"],
                        entry["severity"],
                        entry["message"],
                        entry["quote"],
                        start,
                        start + len(entry["quote"]),
                        entry["suggestion"],
                    )
                )
        if not fresh:
            break
        resolved = resolutions(document, *known, *fresh, round=number)
        known += [replace(entry, decision=resolved[entry.id]["decision"]) for entry in fresh]
    assert number <= 4
    assert "prior to" not in document
    assert "In view of the fact that" not in document
