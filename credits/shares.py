"""What credits were spent on, divided: by agent, by model, by text, always adding up to the whole."""

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace

from django.db.models import CharField, F, Subquery, Sum
from django.db.models.expressions import Combinable
from django.db.models.functions import Coalesce

from accounts.models import User
from credits.causes import Cause
from credits.models import UsageRecord
from credits.models.entry import EntryQuerySet

OTHER = "Other work"
"""What nobody divides further, such as work on a text that is deleted since."""


@dataclass(frozen=True, slots=True)
class Piece:
    """Credits that one kind of agent spent on one text; `text` is None where the text is gone."""

    agent: str
    text: Cause | None
    credits: int


@dataclass(frozen=True, slots=True)
class Share:
    """A part of what was spent."""

    label: str
    credits: int
    percent: int
    url: str = ""
    tokens: int = 0

    @property
    def percent_in_words(self) -> str:
        """The percentage, honest about small ones."""
        return "under 1 %" if self.credits and not self.percent else f"{self.percent} %"


Divide = Callable[[User, EntryQuerySet], Iterable[Piece]]
"""Divides the settlements of one kind of reference, in one query; names only what the user may see."""

_dividers: dict[str, Divide] = {}
_model_name: list[Combinable] = [F("model")]


def register(kind: str, divide: Divide) -> None:
    """Let `divide` speak for settlements whose reference is of `kind`. Called from an AppConfig.ready()."""
    _dividers[kind] = divide


def register_model_names(name: Subquery) -> None:
    """Let `name`, an expression over a usage row's `model`, give what people call it, or null."""
    _model_name[:] = [Coalesce(name, F("model"), output_field=CharField())]


def by_agent_and_text(
    user: User, spent: EntryQuerySet, *, total: int, most: int
) -> tuple[list[Share], list[Share]]:
    """Divide the settlements `spent`, `total` credits, by agent and by text: a query for each kind of work.

    Each list adds up to `total`. Beyond the `most` dearest texts the others are one share.
    """
    agents: Counter[Cause] = Counter()
    texts: Counter[Cause] = Counter()
    for kind, divide in _dividers.items():
        for piece in divide(user, spent.filter(reference_kind=kind)):
            agents[Cause(piece.agent, "")] += piece.credits
            if piece.text is not None:
                texts[piece.text] += piece.credits
    return shares(agents, total=total), shares(texts, total=total, most=most)


def by_model(spent: EntryQuerySet, *, total: int) -> list[Share]:
    """Divide the settlements `spent` by the model that answered, with its tokens; adds up to `total`."""
    rows = (
        UsageRecord.objects.filter(entry__in=spent)
        .exclude(model="")
        .values(name=_model_name[0])
        .annotate(paid=Sum("credits"), read=Sum("tokens_in"), written=Sum("tokens_out"))
        .order_by()
    )
    found = {Cause(row["name"], ""): (row["paid"], row["read"] + row["written"]) for row in rows}
    tokens = {cause.label: tokens for cause, (_, tokens) in found.items()}
    divided = shares(Counter({cause: paid for cause, (paid, _) in found.items()}), total=total)
    return [replace(share, tokens=tokens.get(share.label, 0)) for share in divided]


def shares(parts: Counter[Cause], *, total: int, most: int | None = None) -> list[Share]:
    """Return `parts` as shares of `total`, the dearest first; a last one is what they leave of it."""
    ordered = sorted(parts.items(), key=lambda part: (-part[1], part[0].label, part[0].url))
    named, more = ordered[:most], ordered[len(ordered[:most]) :]
    lines = [(cause.label, credits, cause.url) for cause, credits in named if credits]
    if more:
        words = "1 more document" if len(more) == 1 else f"{len(more)} more documents"
        lines.append((words, sum(credits for _, credits in more), ""))
    if rest := total - sum(parts.values()):
        lines.append((OTHER, rest, ""))
    return [
        Share(label=label, credits=credits, percent=round(100 * credits / total), url=url)
        for label, credits, url in lines
    ]
