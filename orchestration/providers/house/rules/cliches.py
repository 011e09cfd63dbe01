"""Stock phrases that have lost their meaning."""

from collections.abc import Iterator

from orchestration.providers.house.phrases import Hit, PhraseTable
from orchestration.providers.house.reading import MODERN, PLAIN, Reading, Rule
from orchestration.providers.house.results import Issue

_EVERYWHERE = (
    "avoid like the plague;better late than never;beyond a shadow of a doubt;"
    "burning the midnight oil;crystal clear;dead as a doornail;easier said than done;every cloud has a "
    "silver lining;"
    "fit as a fiddle;in the blink of an eye;in the nick of time;it goes without saying;last but not least;"
    "leave no stone unturned;like a kid in a candy store;needle in a haystack;no stone unturned;only time "
    "will tell;"
    "quiet as a mouse;raining cats and dogs;sick and tired;sigh of relief;the calm before the storm;"
    "the tip of the iceberg;think outside the box;time will tell;tried and true;white as a sheet;"
    "a blessing in disguise;a dime a dozen;all walks of life;back to the drawing board;blood ran cold;"
    "cold as ice;heart skipped a beat;hit the nail on the head;nipped in the bud;sent shivers down"
)
_BUSINESS = (
    "at the end of the day;on the same page;touch base;circle back;low hanging fruit;low-hanging fruit;"
    "move the needle;"
    "hit the ground running;the bottom line is;going forward;moving forward;deep dive;bandwidth to;boil "
    "the ocean;"
    "take it offline;get the ball rolling;win-win;feel free to reach out;please feel free to;do not "
    "hesitate to;"
    "don't hesitate to;at your earliest convenience;"
    "i hope this email finds you well;hope this finds you well;thrilled to announce;excited to announce;"
    "proud to announce;delighted to announce;pleased to announce;in today's fast-paced;today's fast-paced;"
    "in today's world;in this day and age;committed to sustainability;committed to excellence;"
    "commitment to excellence;in due course;second to none;tip of the spear;par for the course;"
    "a step in the right direction;the rest is history;when all is said and done;for all intents and purposes"
)
_WHY = {
    "in due course": "“in due course” gives no date; say when, or say that it is not decided.",
    "committed to sustainability": (
        "“committed to sustainability” is said by everyone; name one thing that is done."
    ),
    "committed to excellence": "“committed to excellence” is said by everyone; name one thing that is done.",
}
_EVERY = PhraseTable({phrase: phrase for phrase in _EVERYWHERE.split(";")})
_OFFICE = PhraseTable({phrase: phrase for phrase in _BUSINESS.split(";")})


def everywhere(reading: Reading) -> Iterator[Issue]:
    """Find worn phrases of any prose; characters may speak in them."""
    yield from _found(reading, _EVERY)


def office(reading: Reading) -> Iterator[Issue]:
    """Find the stock phrases of business prose."""
    yield from _found(reading, _OFFICE)


def _found(reading: Reading, table: PhraseTable[str]) -> Iterator[Issue]:
    for hit in table.find(reading.prose):
        if hit.words[0].quoted or _is_title(hit):
            continue
        quote = reading.prose.source[hit.start : hit.end]
        message = _WHY.get(
            hit.value, f"“{quote}” is a stock phrase; say what it stands for, or leave it out."
        )
        yield reading.issue(hit.start, hit.end, "cliché", "minor", message)


def _is_title(hit: Hit[str]) -> bool:
    """ "The Calm Before the Storm": the name of something."""
    return sum(word.text[0].isupper() for word in hit.words) * 2 > len(hit.words)


RULES = (Rule(everywhere, MODERN), Rule(office, PLAIN))
