"""Long ways of saying short things."""

import re
from collections.abc import Iterator

from orchestration.providers.house.phrases import Hit, PhraseTable
from orchestration.providers.house.reading import PLAIN, STORY, Reading, Rule, recase, times
from orchestration.providers.house.results import Issue

# phrase: the shorter one. All of these can be exchanged without touching the rest of the sentence.
_SHORTER: dict[str, str] = {
    "in order to": "to",
    "so as to": "to",
    "due to the fact that": "because",
    "owing to the fact that": "because",
    "in view of the fact that": "because",
    "in light of the fact that": "because",
    "despite the fact that": "although",
    "in spite of the fact that": "although",
    "until such time as": "until",
    "at such time as": "when",
    "with regards to": "about",
    "with regard to": "about",
    "in regards to": "about",
    "with respect to": "about",
    "with reference to": "about",
    "in relation to": "about",
    "prior to": "before",
    "subsequent to": "after",
    "in the event that": "if",
    "only in the event that": "only if",
    "in the event of": "if there is",
    "at this point in time": "now",
    "at the present time": "now",
    "at that point in time": "then",
    "at a later point in time": "later",
    "at a later date": "later",
    "at an earlier point in time": "earlier",
    "in the near future": "soon",
    "during the course of": "during",
    "in the course of": "during",
    "for the purpose of": "for",
    "for the purposes of": "for",
    "in the vicinity of": "near",
    "in close proximity to": "near",
    "the way that": "how",
    "the way in which": "how",
    "the manner in which": "how",
    "whilst at the same time": "while",
    "while at the same time": "while",
    "a large number of": "many",
    "a great number of": "many",
    "a significant number of": "many",
    "the majority of": "most",
    "the vast majority of": "most",
    "a small number of": "a few",
    "a sufficient number of": "enough",
    "a little bit": "a little",
    "is able to": "can",
    "are able to": "can",
    "has the ability to": "can",
    "have the ability to": "can",
    "has the capability to": "can",
    "on a daily basis": "daily",
    "on a weekly basis": "weekly",
    "on a monthly basis": "monthly",
    "on a regular basis": "regularly",
    "on an annual basis": "yearly",
    "in spite of": "despite",
    "by means of": "by",
    "as a means of": "for",
    "in addition to this": "also",
    "make a decision": "decide",
    "makes a decision": "decides",
    "made a decision": "decided",
    "come to a conclusion": "conclude",
    "conduct an investigation of": "investigate",
    "give consideration to": "consider",
    "make use of": "use",
    "makes use of": "uses",
    "made use of": "used",
    "provide assistance to": "help",
    "have a tendency to": "tend to",
    "utilise": "use",
    "utilises": "uses",
    "utilised": "used",
    "utilising": "using",
    "utilize": "use",
    "utilizes": "uses",
    "utilized": "used",
    "utilizing": "using",
    "will be made available": "will be available",
    "are made available": "are available",
    "is made available": "is available",
    "it is possible that": "perhaps",
    "there is no doubt that": "no doubt",
    "as to whether": "whether",
    "the question as to whether": "whether",
    "for the reason that": "because",
    "has been shown to be": "is",
    "in terms of": "in",
    "in excess of": "more than",
    "in the absence of": "without",
    "in the process of": "now",
    "take into consideration": "consider",
    "with the exception of": "except",
    "whether or not": "whether",
    "in a timely manner": "in time",
    "first and foremost": "first",
    "each and every": "every",
    "everything that we do": "everything we do",
}
# These often need more than a swap, so a person decides although the shorter word is shown.
_NOT_SAFE = frozenset(
    [
        "in the event of",
        "in terms of",
        "is able to",
        "are able to",
        "in the process of",
        "with respect to",
        "in relation to",
        "it is possible that",
        "there is no doubt that",
        "as a means of",
        "by means of",
        "in the course of",
        "has been shown to be",
        "whether or not",
        "in a timely manner",
        "in spite of",
        "the majority of",
        "at a later date",
        "in addition to this",
        "with reference to",
        "with regard to",
        "the way that",
    ]
)
# Too small to mention unless the text makes a habit of it.
_HABIT_ONLY = {"whether or not": 3, "in terms of": 2, "in spite of": 3, "is able to": 2, "are able to": 2,
               "the majority of": 2, "so as to": 2, "with respect to": 3, "by means of": 3,
               "in relation to": 2, "with regard to": 2}  # fmt: skip
_OFFICE = frozenset(
    {
        "in order to",
        "due to the fact that",
        "owing to the fact that",
        "in view of the fact that",
        "despite the fact that",
        "in spite of the fact that",
        "at this point in time",
        "at that point in time",
        "until such time as",
        "with regards to",
        "in close proximity to",
        "in the event that",
    }
)
_PHRASES = PhraseTable({key: (key, value) for key, value in _SHORTER.items()})

_PRIOR_TO_BEING = re.compile(
    r"\b(prior to|before) (it|this|that|they|them) being (\w+(?:ed|en|nt|t|wn|ne))\b", re.IGNORECASE
)
_WHICH_PARTICIPLE = re.compile(
    r"\b(?P<noun>[A-Za-z]+) (?:which|that) (?:was|were|is|are|has been|have been) "
    r"(?P<verb>carried out|commissioned|conducted|held|made|provided|located|based|written|published|"
    r"produced|"
    r"created|developed|taken|used|given|known as|performed|issued|prepared)\b"
)
_CARRIED_OUT = re.compile(
    r"\b(?P<noun>[A-Za-z]+) (?:which|that) (?:was|were|is|are) carried out (?P<next>in|on|at|by|between)\b"
)
_PERIOD_OF = re.compile(
    r"\b(?P<lead>over|for|during|within) a (?:period|timespan|duration) of (?=[a-z\d-]+ (?:day|week|month|"
    r"year|hour)s?\b)"
)
_TOTAL = re.compile(r"\b(?P<lead>[Aa] total of )(?P<number>\d[\d,.]*|[a-z]+)\b")


def phrases(reading: Reading) -> Iterator[Issue]:
    """Find the phrases of the table; several of the same kind make one issue."""
    found: dict[str, list[Hit[tuple[str, str]]]] = {}
    for hit in _PHRASES.find(reading.prose):
        if not reading.in_heading(hit.start) and not _is_part(reading, hit):
            found.setdefault(hit.value[0], []).append(hit)
    for phrase, hits in found.items():
        if len(hits) < _HABIT_ONLY.get(phrase, 1):
            continue
        for hit in hits if len(hits) <= 3 else hits[:1]:
            yield _shorter(reading, hit, len(hits))


def _is_part(reading: Reading, hit: Hit[tuple[str, str]]) -> bool:
    """Phrases that another rule replaces as a whole, or that mean something else here."""
    after = reading.prose.view[hit.end : hit.end + 10].lower()
    if hit.value[0] == "prior to":
        return bool(_PRIOR_TO_BEING.match(reading.prose.view, hit.start)) or hit.words[0].quoted
    if hit.value[0] in ("in the course of", "the way that"):
        return after.startswith((" time", " human", " events", " i ", " it "))
    return False


def _shorter(reading: Reading, hit: Hit[tuple[str, str]], count: int) -> Issue:
    phrase, shorter = hit.value
    original = reading.prose.source[hit.start : hit.end]
    fixed = recase(original, shorter)
    often = f" ({times(count)} in this text)" if count > 3 else ""
    message = f"“{original}” says no more than “{fixed}”{often}."
    safe = phrase not in _NOT_SAFE and "\n\n" not in original
    return reading.issue(hit.start, hit.end, "wordiness", "minor", message, suggestion=fixed, safe=safe)


def patterns(reading: Reading) -> Iterator[Issue]:
    """Find longer constructions that shrink: "prior to it being sent", "tests which were carried out in"."""
    view, source = reading.prose.view, reading.prose.source
    for found in _PRIOR_TO_BEING.finditer(view):
        verb = "are" if found[2].lower() in ("they", "them") else "is"
        pronoun = "they" if verb == "are" else found[2].lower()
        fixed = recase(found.group(), f"before {pronoun} {verb} {found[3]}")
        yield _pattern(
            reading, found, f"“{found.group()}” reads more plainly as “{fixed}”.", fixed, safe=True
        )
    carried = {found.start(): found for found in _CARRIED_OUT.finditer(view)}
    for found in carried.values():
        fixed = f"{found['noun']} {found['next']}"
        yield _pattern(reading, found, f"“{found.group()}” says no more than “{fixed}”.", fixed, safe=True)
    for found in _WHICH_PARTICIPLE.finditer(view):
        if found.start() not in carried and found["verb"] != "carried out":
            fixed = f"{found['noun']} {found['verb']}"
            yield _pattern(
                reading, found, f"“{found.group()}” needs no clause: “{fixed}”.", fixed, safe=False
            )
    for found in _PERIOD_OF.finditer(view):
        end = found.end() - 1
        fixed = found["lead"]
        message = f"“{source[found.start() : end]}” says no more than “{fixed}”."
        yield reading.issue(found.start(), end, "wordiness", "minor", message, suggestion=fixed, safe=True)
    for found in _TOTAL.finditer(view):
        message = f"“{found['lead'].strip()}” adds nothing to the figure."
        digits = found["number"][0].isdigit()
        fixed = found["number"] if digits else recase(found.group(), found["number"])
        sentence = reading.prose.sentence_at(found.start())
        opens = sentence is not None and sentence.start == found.start()
        yield _pattern(
            reading, found, message, fixed, safe=not (digits and opens)
        )  # no sentence opens with 40


def _pattern(reading: Reading, found: re.Match[str], message: str, fixed: str, *, safe: bool) -> Issue:
    return reading.issue(
        found.start(), found.end(), "wordiness", "minor", message, suggestion=fixed, safe=safe
    )


def in_stories(reading: Reading) -> Iterator[Issue]:
    """Find what is office language in any modern narrator's mouth; what people say stays theirs."""
    for hit in _PHRASES.find(reading.prose):
        if hit.value[0] in _OFFICE and not hit.words[0].quoted and not reading.in_heading(hit.start):
            yield _shorter(reading, hit, 1)


RULES = (Rule(phrases, PLAIN), Rule(patterns, PLAIN), Rule(in_stories, STORY))
