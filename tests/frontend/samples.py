"""What the gallery shows: the contexts that the components document."""

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from django import forms

from config.common.errors import Refused
from tests.frontend import selling


@dataclass
class Wallet:
    """The header's wallet."""

    available: int = 142
    held: int = 6
    whole: int = 500
    tone: str = ""


@dataclass
class Person:
    """Who is signed in."""

    name: str = "Mara Holt"
    initials: str = "MH"
    email: str = "mara@example.org"
    is_authenticated: bool = True
    active_avatar_id: UUID | None = None


@dataclass
class Project:
    """A project in the navigation."""

    title: str
    pk: UUID = field(default=UUID(int=7))


TURNS: list[dict[str, Any]] = [
    {
        "id": "1",
        "state": "done",
        "name": "Writer",
        "cost": "4 credits",
        "text": "118 words added, 31 changed",
        "chips": [{"text": "Clarity 8", "tone": "good"}],
    },
    {
        "id": "2",
        "state": "running",
        "name": "Content expert",
        "cost": "1 so far",
        "text": "Reading paragraph 9 of 14, 2 findings",
    },
    {
        "id": "3",
        "state": "running",
        "name": "Style editor",
        "cost": "1 so far",
        "text": "3 findings",
        "chips": [{"text": "1 wordy passage", "tone": "warn"}],
    },
    {"id": "4", "state": "waiting", "name": "Synthesizer", "cost": "", "text": "Waits for both editors"},
]

FINDINGS: list[dict[str, Any]] = [
    {
        "number": 3,
        "state": "open",
        "author": "Style editor",
        "kind": "wordy",
        "quote": "in order to know",
        "suggestion": "to know",
        "reason": "Three words do the work of one.",
    },
    {
        "number": 4,
        "state": "accepted",
        "author": "Content expert",
        "kind": "depth",
        "quote": "out here it was bookkeeping",
        "suggestion": "",
        "reason": "The strongest line of the page. The Writer keeps it.",
    },
    {
        "number": 5,
        "state": "rejected",
        "author": "Style editor",
        "kind": "rhythm",
        "quote": "wet to the collar",
        "suggestion": "",
        "reason": "The Synthesizer: the detail places the boy; keep it.",
    },
]

SESSION: dict[str, Any] = {
    "turns": TURNS,
    "findings": FINDINGS,
    "round": 2,
    "max_rounds": 3,
    "rounds": [{"state": "done"}, {"state": "now", "phase": 2}, {"state": ""}],
    "spent": 11,
    "cap": 20,
    "forecast": "Likely 14 to 17 in all.",
    "headline": "Round 2, editors at work",
    "title": "The Lighthouse Keeper’s Ledger",
}

SHELL: dict[str, Any] = {
    "user": Person(),
    "wallet": Wallet(),
    "theme": "system",
    "unread": 3,
    "nav_projects": [
        Project("Harbour stories"),
        Project("The winter book"),
        Project("Letters to a stranger"),
    ],
}

HOUR = datetime(2026, 3, 4, 18, 0, tzinfo=UTC)

HOME: dict[str, Any] = {
    "free_credits": 20,
    "plans": [
        {"code": "free", "name": "Free", "price_usd_cents": 0, "credits": 20},
        {"code": "starter", "name": "Starter", "price_usd_cents": 2900, "credits": 150},
        {"code": "pro", "name": "Pro", "price_usd_cents": 7900, "credits": 500},
        {"code": "enterprise", "name": "Enterprise", "price_usd_cents": 19900, "credits": 2000},
    ],
    "example": {
        **SESSION,
        "project": "Harbour stories",
        "meta": ["Version 7", "1\u202f642 words (+118)", "Round 2 of 3"],
        "elapsed": "3 min 12 s",
        "findings": FINDINGS[:2],
        "paragraphs": [
            [
                {
                    "text": "Every evening at six the keeper wrote down the weather, though nobody had asked "
                    "him to for eleven years. The ledger lay open on the sill, its spine cracked at the "
                    "page where the war ended."
                }
            ],
            [
                {"text": "He had learned to read the sea "},
                {"text": "in order to know", "finding": 3, "state": "open"},
                {"text": " what the wind would do next. On the mainland they called it superstition; "},
                {"text": "out here it was bookkeeping.", "finding": 4, "state": "accepted"},
            ],
            [
                {
                    "text": "When the boy came ashore that autumn, wet to the collar and holding a tin box "
                    "against his chest, the keeper entered him too: one passenger, unannounced, wind "
                    "from the north",
                    "fresh": True,
                }
            ],
        ],
        "statement": [
            {"at": HOUR, "text": "Monthly allowance, Pro", "amount": 500, "balance": 500},
            {"at": HOUR, "text": "Round 1, Writer", "amount": -4, "balance": 496},
            {"at": HOUR, "text": "Round 1, both editors", "amount": -3, "balance": 493},
            {"at": HOUR, "text": "Round 2, Writer: failed, free", "amount": 0, "balance": 493},
            {"at": HOUR, "text": "Round 2, Writer", "amount": -4, "balance": 489},
        ],
    },
}


class Manuscript(forms.Form):
    """A form with every kind of field."""

    title = forms.CharField(help_text="As it stands on the title page.")
    text = forms.CharField(widget=forms.Textarea, required=False)
    password = forms.CharField(widget=forms.PasswordInput)
    model = forms.ChoiceField(choices=[("house", "House, built in"), ("sonnet", "claude-sonnet-4-5")])
    approve = forms.BooleanField(
        required=False, label="Ask me after each round", help_text="You accept or reject change by change."
    )
    tone = forms.ChoiceField(
        widget=forms.RadioSelect, choices=[("plain", "Plain"), ("warm", "Warm"), ("formal", "Formal")]
    )


@dataclass
class Document:
    """A document in the editor."""

    title: str = "The Lighthouse Keeper’s Ledger"
    body: str = (
        "Every evening at six the keeper wrote down the weather, though nobody had asked him to for eleven "
        "years.\n\nHe had learned to read the sea in order to know what the wind would do next.\n"
    )
    revision: int = 7
    word_count: int = 36
    pk: UUID = field(default=UUID(int=9))


PAGES: dict[str, dict[str, Any]] = {
    "live": SESSION,
    "desk": {"turns": TURNS},
    "forms": {"form": Manuscript({"title": "", "text": "It was a dark and stormy night.", "tone": "warm"})},
    "editor": {"document": Document(), "max_words": 3000},
    "diff": {},
    "refusal": {
        "error": Refused(
            "This text has more words than your plan allows.",
            details={
                "used": 3412,
                "allowed": 3000,
                "plan": {"code": "starter", "name": "Starter", "price_usd_cents": 2900},
            },
        )
    },
}

PAGES["home"] = HOME
PAGES.update(selling.PAGES)
PUBLIC = {"home", "404", "billing/pricing"}
