"""Which words exist, loaded when the first word is looked up."""

from collections.abc import Iterator, Mapping
from functools import lru_cache

from orchestration.providers.house.wordsets import in_order, pairs, word_set

_LETTERS = "abcdefghijklmnopqrstuvwxyz"
_COMMON = 300  # uses in the corpus behind the word list from which a word can be what somebody meant
_PREFIXES = in_order(
    "un re non pre over under mis dis out co de sub inter anti multi micro meta auto hyper super bi in "
    "im fore up self counter semi trans geo bio web data cyber tele photo mono poly neuro"
)
# Endings of derived words, each with what stands in its place in the word derived from.
_SUFFIXES = pairs(
    "s: es: ies:y ed: ed:e d: ing: ing:e ly: ily:y ness: iness:y less: ful: er: er:e ers: ers:e able: "
    "able:e ability:able ibility:ible ist: ists: ism: like: wise: ward: wards: ship: hood: let: est: "
    "est:e iest:y ier:y ish: y: y:e ity: ity:e ation:e ization:ize ize: izes: ized: izing: al: ally:al "
    "ically:ic ment: ments: ally: ic: ly:le ably:able ibly:ible lessly: fully: ingly: edly: ingly:e"
)
# British spellings, each with the American one of the word list.
_BRITISH = pairs(
    "our:or ise:ize isa:iza isi:izi yse:yze ysi:yzi tre:ter bre:ber ogue:og ence:ense lled:led "
    "lling:ling ller:ler ae:e oe:e mme:m lment:llment ul:ull xion:ction ey:ay que:ck gement:gment "
    "yre:ire ough:ow sceptic:skeptic mould:mold pyjama:pajama cosy:cozy storey:story chequ:check "
    "draught:draft plough:plow aluminium:aluminum"
)
_OF_THE_TRADE = word_set(
    "accessor accessors autoscaling backend backends changelog changelogs codebase config configs "
    "dataclass datatype dataset datasets deserialise deserialize docstring docstrings entrypoint "
    "frontend hashable hostname iterable linter linters lockfile middleware middlewares mixin "
    "monorepo namespace namespaces nullable payload payloads plaintext pluggable polyfill "
    "preprocessor queryset quickstart refactor refactoring regexes runtime runtimes scheduler "
    "serializer serializers stacktrace subcommand subcommands subprocess tokenizer toolchain tooltip "
    "traceback tracebacks typecheck unhashable uncommented validator validators virtualenv webhooks "
    "wireframe"
)


@lru_cache(maxsize=1)
def _frequencies() -> Mapping[str, int]:
    from spellchecker import SpellChecker

    dictionary: Mapping[str, int] = SpellChecker(distance=1).word_frequency.dictionary
    return dictionary


def frequency(word: str) -> int:
    """How often a lower-case word occurs in the corpus behind the word list; 0 when it is not listed."""
    return _frequencies().get(word, 0)


@lru_cache(maxsize=20_000)
def knows(word: str) -> bool:
    """Whether a lower-case word is English of any variety, derivations and compounds included."""
    return word in _OF_THE_TRADE or _listed(word) or _derived(word, depth=2) or _compound(word)


def _listed(word: str) -> bool:
    frequencies = _frequencies()
    if word in frequencies:
        return True
    return any(
        word.replace(british, american) in frequencies for british, american in _BRITISH if british in word
    )


def _derived(word: str, *, depth: int) -> bool:
    for stem in _stems(word):
        if len(stem) >= 3 and (_listed(stem) or (depth > 1 and _derived(stem, depth=depth - 1))):
            return True
    return False


def _stems(word: str) -> Iterator[str]:
    for suffix, replacement in _SUFFIXES:
        if word.endswith(suffix) and len(word) - len(suffix) >= 3:
            stem = word[: -len(suffix)] + replacement
            yield stem
            if not replacement and len(stem) > 3 and stem[-1] == stem[-2]:
                yield stem[:-1]
    for prefix in _PREFIXES:
        if word.startswith(prefix) and len(word) - len(prefix) >= 3:
            yield word[len(prefix) :]


def _compound(word: str) -> bool:
    """ "timestamp", "webhook": two common words written as one."""
    frequencies = _frequencies()
    return any(
        frequencies.get(word[:cut], 0) >= _COMMON and (frequencies.get(word[cut:], 0) >= _COMMON)
        for cut in range(3, len(word) - 2)
    )


@lru_cache(maxsize=4_000)
def nearest(word: str) -> str | None:
    """The one common word that a single slip turns into `word`; None when there is none or no clear first."""
    frequencies = _frequencies()
    found = sorted(
        ((frequencies[other], other) for other in _slips(word) if frequencies.get(other, 0) >= _COMMON),
        reverse=True,
    )
    if not found or len(found[0][1]) < 4:
        return None
    if len(found) > 1 and found[0][0] < 3 * found[1][0]:
        return None
    return found[0][1]


def _slips(word: str) -> set[str]:
    """Every string one slip away, the first letter kept: people seldom miss that one."""
    halves = [(word[:cut], word[cut:]) for cut in range(1, len(word) + 1)]
    dropped = {left + right[1:] for left, right in halves if right}
    exchanged = {left + right[1] + right[0] + right[2:] for left, right in halves if len(right) > 1}
    replaced = {left + letter + right[1:] for left, right in halves if right for letter in _LETTERS}
    added = {left + letter + right for left, right in halves for letter in _LETTERS}
    return (dropped | exchanged | replaced | added) - {word}
