"""Words that come back too soon."""

from collections import Counter
from collections.abc import Iterator

from orchestration.providers.house import dictionary
from orchestration.providers.house.lexicon import BE, FUNCTION_WORDS
from orchestration.providers.house.prose import Sentence, Word
from orchestration.providers.house.reading import MODERN, PLAIN, STORY, Reading, Rule, times
from orchestration.providers.house.results import Issue
from orchestration.providers.house.wordsets import word_set

_COMMON = FUNCTION_WORDS | word_set(
    "one two three four five all any some each every other more most many much such same own very "
    "only just even first last next like time times day days year years way thing things people said "
    "say says make made get got without within between after before either neither both never always "
    "himself herself itself themselves nothing something anything"
)
_CLOSE = 12  # words within which three uses jar
_TERM = 5  # uses from which a word is a term of the text
_NEAR = 16  # words between two uses that a reader still hears together
_UNCOMMON = 4000  # uses in the corpus behind the word list up to which a return is heard
_ECHOES = 2
_USUAL_OPENERS = word_set("i he she it we they you the a there")
_ADJECTIVE_ENDINGS = ("al", "ive", "ous", "ful", "ble", "ic", "ant", "ent")


def in_sentence(reading: Reading) -> Iterator[Issue]:
    """Find a word three times within a dozen words, unless it is a term that the text lives on."""
    terms = Counter(_stem(word.lower) for word in reading.prose.words)
    for sentence in reading.running:
        if sentence.block.kind == "item" or len(sentence.words) > 60:
            continue
        uses: dict[str, list[Word]] = {}
        for word in sentence.words:
            if len(word.lower) >= 4 and word.lower not in _COMMON and word.text[0].islower():
                uses.setdefault(_stem(word.lower), []).append(word)
        for words in uses.values():
            close = len(words) >= 3 and _distance(sentence, words[0], words[2]) <= _CLOSE
            if close and terms[_stem(words[0].lower)] <= _TERM:
                message = f"“{words[0].lower}” {times(len(words))} in one sentence."
                start, end = words[0].start, _following_end(sentence, words)
                yield reading.issue(start, end, "repetition", "minor", message)


def _distance(sentence: Sentence, first: Word, last: Word) -> int:
    return sum(first.start < word.start <= last.start for word in sentence.words)


def _following_end(sentence: Sentence, words: list[Word]) -> int:
    near = [word for word in words if word.end - words[0].start <= 70]
    return near[-1].end if len(near) > 1 else words[0].end


def adjectives(reading: Reading) -> Iterator[Issue]:
    """Find one adjective twice within five words ("optimal decisions about optimal routes")."""
    for sentence in reading.running:
        words = sentence.words
        for index, word in enumerate(words):
            if not word.lower.endswith(_ADJECTIVE_ENDINGS) or len(word.lower) < 6 or word.text[0].isupper():
                continue
            for again in words[index + 2 : index + 5]:
                between = reading.prose.view[word.end : again.start]
                if again.lower == word.lower and not set(between) & set(",;:—–(") and " or " not in between:
                    end = words[min(words.index(again) + 1, len(words) - 1)].end
                    message = f"“{word.lower}” twice within a few words."
                    yield reading.issue(word.start, end, "repetition", "minor", message)


def participles(reading: Reading) -> Iterator[Issue]:
    """Find the same passive twice in a sentence ("were reduced … was reduced")."""
    for sentence in reading.running:
        seen: dict[str, Word] = {}
        for be, verb in zip(sentence.words, sentence.words[1:], strict=False):
            if be.lower not in BE or not verb.lower.endswith("ed"):
                continue
            if verb.lower in seen:
                message = f"“{verb.lower}” twice in one sentence, in the same construction."
                yield reading.issue(be.start, verb.end, "repetition", "minor", message)
                break
            seen[verb.lower] = be


def echoes(reading: Reading) -> Iterator[Issue]:
    """Find a verb whose noun follows at once ("was adopted …. Adoption was")."""
    words = reading.prose.words
    for index, word in enumerate(words):
        if not word.lower.endswith("ion") or len(word.lower) < 7 or reading.in_heading(word.start):
            continue
        sentence = reading.prose.sentence_at(word.start)
        if sentence is None or sentence.words[0] is not word:
            continue
        for before in words[max(0, index - 14) : index]:
            if before.lower == word.lower[:-3] + "ed":
                message = f"“{word.text}” repeats “{before.text}” of the sentence before."
                yield reading.issue(word.start, word.end, "repetition", "minor", message)
                break


def near_echoes(reading: Reading) -> Iterator[Issue]:
    """Find the two nearest returns of an uncommon word, unless the sentence is built on the return."""
    found: list[tuple[int, Word, Word]] = []
    words = [word for sentence in reading.running for word in sentence.words]
    last: dict[str, int] = {}
    for index, word in enumerate(words):
        if word.quoted or len(word.lower) < 7 or not word.text.islower() or "-" in word.lower:
            continue
        before = last.get(word.lower)
        last[word.lower] = index
        if before is None or not 3 <= index - before <= _NEAR or dictionary.frequency(word.lower) > _UNCOMMON:
            continue
        if words[index - 1].lower != words[before - 1].lower and not _balanced(reading, words, before, index):
            found.append((index - before, words[before], word))
    found.sort(key=lambda echo: (echo[0], echo[1].start))
    for distance, first, again in found[:_ECHOES]:
        message = f"“{again.lower}” comes back after {distance} words (“{first.text} … {again.text}”)."
        yield reading.issue(again.start, again.end, "repetition", "minor", message)


def _balanced(reading: Reading, words: list[Word], before: int, index: int) -> bool:
    """Parallel halves, contrasts and lists return to a word on purpose."""
    between = reading.prose.view[words[before].end : words[index].start]
    lowers = {word.lower for word in words[before + 1 : index]}
    return bool(set(between) & set(";:—–*.!?")) or bool(
        lowers
        & {
            "not",
            "nor",
            "or",
            "than",
            "no",
            "neither",
            "either",
            "another",
            "other",
            "without",
            "more",
            "less",
            "every",
        }
    )


def openers(reading: Reading) -> Iterator[Issue]:
    """Find four sentences in a row that begin alike; six for a pronoun or an article."""
    run: list[Sentence] = []
    for sentence in reading.running:
        if sentence.block.kind in ("item", "quote"):
            run = []
            continue
        if run and (sentence.block is not run[-1].block or sentence.words[0].lower != run[-1].words[0].lower):
            run = []
        run.append(sentence)
        first = run[0].words[0]
        if len(run) == (6 if first.lower in _USUAL_OPENERS else 4):
            second = run[0].words[min(1, len(run[0].words) - 1)]
            message = f"{'Six' if len(run) == 6 else 'Four'} sentences in a row begin with “{first.text}”."
            yield reading.issue(first.start, second.end, "rhythm", "minor", message)


def _stem(word: str) -> str:
    return word[:-1] if word.endswith("s") and not word.endswith("ss") else word


RULES = (
    Rule(in_sentence, PLAIN),
    Rule(adjectives, PLAIN),
    Rule(participles, PLAIN),
    Rule(echoes, PLAIN),
    Rule(near_echoes, STORY),
    Rule(openers, MODERN),
)
