"""Word lists and small tests of word class that several rules share."""

from orchestration.providers.house.wordsets import in_order, word_set

BE = word_set("am is are was were be been being isn't aren't wasn't weren't")
FINITE = word_set(
    "am is are was were has have had do does did will would shall should can could may might must "
    "isn't aren't wasn't weren't hasn't haven't hadn't don't doesn't didn't won't wouldn't can't "
    "couldn't shouldn't needs need wants want knows know thinks think says said seems seem looks look "
    "makes make takes take gives gave goes went comes came gets got stays stayed keeps kept feels "
    "felt works hope hopes wonder guess"
)
SUBJECTS = word_set("i you he she it we they there this that these those")
CONTRACTED_SUBJECTS = word_set(
    "i'm i've i'll i'd you're you've you'll you'd he's he'll he'd she's she'll she'd it's it'll we're "
    "we've we'll we'd they're they've they'll they'd there's that's"
)
SUBORDINATORS = word_set(
    "if when while because although though since as after before unless until till once whenever "
    "wherever where whether that which who whose what how why than so lest provided given whereas "
    "even"
)
PREPOSITIONS = word_set(
    "in on at by for with from to of under over between during about into through without within "
    "against among across behind beyond despite per via upon like near off onto toward towards "
    "besides unlike"
)
FUNCTION_WORDS = word_set(
    "a an the and or but if of to in on at by for with from as is are was were be been being am it "
    "its this these those he she they we you i my your our their his who which what when where while "
    "will would can could should shall may might must do does did has have than then there so not no "
    "into about over under up out also because until"
)
PLURAL_IRREGULAR = word_set(
    "people men women children feet teeth mice geese criteria phenomena police cattle staff"
)
PLURAL_QUANTIFIERS = word_set(
    "several many few two three four five six seven eight nine ten eleven twelve twenty various numerous"
)
SINGULAR_IN_S = word_set(
    "is was has this his its us yes as news series species means physics mathematics economics "
    "politics ethics athletics gymnastics mechanics electronics logistics headquarters campus status "
    "bus virus bonus focus census process access success business address progress congress press "
    "class glass mass loss boss cross dress stress less unless always perhaps thus plus analysis "
    "basis crisis thesis bias atlas gas lens chaos canvas christmas previous various serious obvious "
    "famous does goes says across towards sometimes besides hers ours yours theirs james jones paris "
    "texas"
)
IRREGULAR_PARTICIPLES = word_set(
    "beaten begun bent bitten blown bought bound broken brought built burnt cast caught chosen cut "
    "dealt done drawn driven eaten fed felt fought found forgiven forgotten frozen given grown held "
    "hidden hit hurt kept known laid led left lent let lost made meant met mistaken overcome overseen "
    "paid proven put read redone rebuilt rewritten run said seen sent set sewn shaken shown shut sold "
    "sought spent split spoken spread stolen struck sung sworn swept taken taught thought thrown told "
    "torn understood undertaken upheld won worn withdrawn written"
)
ADJECTIVAL = word_set(
    "interested excited pleased tired married committed dedicated based located related supposed "
    "concerned delighted worried surprised disappointed convinced prepared used experienced limited "
    "advanced complicated detailed qualified satisfied embarrassed bored confused annoyed relaxed "
    "scared thrilled amazed determined ashamed aged talented gifted crowded closed opened retired "
    "naked sacred wicked beloved indeed need needed speed feed seed deed bleed breed exceed proceed "
    "succeed red bed unrelated unwilled inspired left set read hundred outdated worn run let met cut "
    "shut put felt meant welcomed devoted"
)
ADVERBS_BETWEEN = word_set(
    "not also always never often still already just now then soon only even ever being been recently"
)
MONTHS = (
    "january", "february", "march", "april", "may", "june", "july", "august", "september", "october",
    "november", "december",
)  # fmt: skip
WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
SMALL_NUMBERS = in_order(
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen "
    "sixteen seventeen eighteen nineteen twenty"
)
TENS = dict(
    zip(
        in_order("twenty thirty forty fifty sixty seventy eighty ninety"),
        range(20, 100, 10),
        strict=True,
    )
)


def number(word: str) -> int | None:
    """Read a whole number in figures or English words ("1,200", "twenty-four"); None for anything else."""
    lowered = word.lower().replace(",", "")
    if lowered.isdigit():
        return int(lowered)
    if lowered in SMALL_NUMBERS:
        return SMALL_NUMBERS.index(lowered)
    tens, _, unit = lowered.partition("-")
    if tens in TENS and (not unit or unit in SMALL_NUMBERS[1:10]):
        return TENS[tens] + (SMALL_NUMBERS.index(unit) if unit else 0)
    return None


def is_plural(word: str) -> bool:
    """Whether a lower-case noun looks plural."""
    if word in PLURAL_IRREGULAR:
        return True
    ends = word.endswith("s") and not word.endswith(("ss", "us", "is", "'s", "ous"))
    return ends and len(word) > 3 and word not in SINGULAR_IN_S


def is_participle(word: str) -> bool:
    """Whether a lower-case word can be the second half of a passive verb."""
    if word in ADJECTIVAL:
        return False
    return word in IRREGULAR_PARTICIPLES or (len(word) > 4 and word.endswith("ed"))
