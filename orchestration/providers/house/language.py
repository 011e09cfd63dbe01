"""Tells which language a text is in, by its script and its smallest words."""

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Mapping

NAMES: Mapping[str, str] = {
    "en": "English", "de": "German", "fr": "French", "es": "Spanish", "it": "Italian", "nl": "Dutch",
    "pt": "Portuguese", "pl": "Polish", "sv": "Swedish", "da": "Danish", "la": "Latin", "ru": "Russian",
    "el": "Greek", "he": "Hebrew", "ar": "Arabic", "zh": "Chinese", "ja": "Japanese", "ko": "Korean",
    "hi": "Hindi", "th": "Thai", "und": "a language that House cannot name",
}  # fmt: skip

_SMALL: Mapping[str, frozenset[str]] = {
    language: frozenset(words.split())
    for language, words in {
        "en": "the of and to a in is that it was he for as with his her be on at by had not but from this "
        "have "
        "are which or an they you were their she we has been would will i my me your our all one do if so no "
        "can could should there what when who more than then some any its these them him out up into",
        "de": "der die das und ist nicht ein eine einen einem zu den dem des mit auf für von sich auch es "
        "ich "
        "sie er wir ihr im am aber oder wie dass wird werden war bei nach aus über noch nur wenn sind haben",
        "fr": "le la les de des du et est un une dans que qui pour pas ne se sur au aux avec ce cette il "
        "elle "
        "nous vous je mais ou par plus sont été être avoir son sa ses leur d l qu",
        "es": "el la los las de del y es un una en que por para con no se su sus al lo como más pero fue son "
        "está este esta ha muy ya o yo tú ella nosotros porque cuando",
        "it": "il lo la gli le di del della e è un una in che per con non si su al come più ma sono era ha "
        "questo questa anche o io noi loro perché quando nel nella",
        "nl": "de het een en van is niet dat die in op te voor met zijn aan er maar ook als bij of uit "
        "naar om "
        "dan nog wel wordt heeft hebben ik jij wij zij hun deze dit",
        "pt": "o a os as de do da dos das e é um uma em que por para com não se seu sua ao como mais mas "
        "foi são "
        "está este esta muito já ou eu ela nós porque quando no na",
        "pl": (
            "i w na z nie że się do jest to jak o ale po co tak za od czy już tylko jego jej są przez dla był"
        ),
        "sv": "och att det som en på är av för med den till inte om ett han var jag men så hon sig från "
        "har vi "
        "kan de ska också eller",
        "da": "og at det som en på er af for med den til ikke om et han var jeg men så hun sig fra har vi "
        "kan de "
        "skal også eller",
        "la": "et in est non ad cum ut sed qui quae quod ex ab per si aut te ne nec atque sunt esse enim",
    }.items()
}

_SCRIPTS = (
    ("CYRILLIC", "ru"), ("GREEK", "el"), ("HEBREW", "he"), ("ARABIC", "ar"), ("HIRAGANA", "ja"),
    ("KATAKANA", "ja"), ("HANGUL", "ko"), ("CJK", "zh"), ("DEVANAGARI", "hi"), ("THAI", "th"),
)  # fmt: skip
_TOKEN = re.compile(r"[^\W\d_]+")
_SAMPLE = 4000


def detect(view: str) -> str:
    """Return the ISO 639-1 code of the main language, "und" when it is none that House knows.

    A text too short to tell counts as English.
    """
    tokens = [token.lower() for token in _TOKEN.findall(view)]
    if len(tokens) > 3 * _SAMPLE:
        tokens = tokens[:_SAMPLE] + tokens[len(tokens) // 2 :][:_SAMPLE] + tokens[-_SAMPLE:]
    script = _foreign_script(tokens)
    if script:
        return script
    if len(tokens) < 6:
        return "en"
    best, share, english = _best(tokens)
    if best == "en" or english >= 0.2:
        return "en"
    if share >= 0.14 and share > english * 1.3:
        return best
    return "en" if english >= 0.1 or len(tokens) < 40 else "und"


def is_foreign(tokens: Iterable[str]) -> bool:
    """Whether a stretch inside an English text (lower-case words) is in another language."""
    words = list(tokens)
    if len(words) < 4:
        return False
    if _foreign_script(words):
        return True
    best, share, english = _best(words)
    return best != "en" and english <= 0.1 and share >= 0.25 and share * len(words) >= 2


def _best(tokens: list[str]) -> tuple[str, float, float]:
    counts = Counter(tokens)
    shares = {
        language: sum(counts[word] for word in small) / len(tokens) for language, small in _SMALL.items()
    }
    best = max(shares, key=lambda language: (shares[language], language == "en"))
    return best, shares[best], shares["en"]


def _foreign_script(tokens: list[str]) -> str | None:
    letters = "".join(tokens[:2000])[:6000]
    if not letters:
        return None
    seen: Counter[str] = Counter()
    for letter in letters:
        if not letter.isascii():
            name = unicodedata.name(letter, "")
            for prefix, language in _SCRIPTS:
                if name.startswith(prefix):
                    seen[language] += 1
                    break
    if not seen or seen.total() < len(letters) * 0.3:
        return None
    if seen["ja"] and seen["zh"]:
        return "ja"
    return seen.most_common(1)[0][0]
