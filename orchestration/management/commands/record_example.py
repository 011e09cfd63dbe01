"""Records a finished session for the landing page: what its team really wrote, found and cost."""

import json
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from credits.history import line_of
from credits.models import Entry
from orchestration.models import Finding, Session
from orchestration.presenting import finding_cards, headline, round_segments, seats, tally
from orchestration.recorded import FILE

_PARAGRAPHS = 5
_FINDINGS = 3
_ENTRIES = 6
_LINE = ("at", "text", "amount", "balance", "held", "word", "set_aside", "back")


class Command(BaseCommand):
    """Writes the recording that the landing page shows."""

    help = "Record a finished session as the landing page's example."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take the session's id."""
        parser.add_argument("session")

    def handle(self, *args: Any, **options: Any) -> None:
        """Write the recording beside the code that reads it."""
        session = Session.objects.select_related("document", "project").get(pk=options["session"])
        FILE.write_text(json.dumps(recording(session), ensure_ascii=False, indent=2, default=str) + "\n")
        self.stdout.write(f"Recorded {session.title}.")


def recording(session: Session) -> dict[str, Any]:
    """Return `session` as `templates/home/_example.html` shows it: its first round, before the findings
    were applied.
    """
    first = session.findings.order_by("number").first()
    number = first.version_number if first else session.document.current_number
    version = session.document.versions.get(number=number)
    found = list(
        session.findings.filter(version_number=version.number, start__isnull=False).order_by("start")
    )
    base = session.document.versions.get(number=session.base_number or 1)
    paragraphs, shown = _paragraphs(version.body, base.body, found)
    roles, turns = list(session.roles.all()), list(session.turns.standing().select_related("role"))
    team = seats(roles, turns, 1, counts=tally(session.findings.all()), details=True)
    cards = finding_cards(f for f in found if f.number in shown)
    return {
        "title": session.document.title,
        "project": session.project.title if session.project else "",
        "meta": [f"Version {version.number}", f"{version.word_count} words", "Round 1 of 3"],
        "paragraphs": paragraphs,
        "headline": headline(session),
        "elapsed": "",
        "round": session.round,
        "max_rounds": session.max_rounds,
        "rounds": [vars(segment) for segment in round_segments(session)],
        "turns": [
            {"id": number, "state": seat.state, "name": seat.name, "cost": seat.cost, "text": seat.text,
             "chips": [vars(chip) for chip in seat.chips]}
            for number, seat in enumerate(team, start=1)
        ],
        "findings": [vars(card) for card in cards[:_FINDINGS]],
        "spent": session.spent,
        "cap": session.cap_credits,
        "forecast": "",
        "statement": _statement(session),
    }  # fmt: skip


def _paragraphs(body: str, before: str, found: list[Finding]) -> tuple[list[list[dict[str, Any]]], set[int]]:
    """Return the paragraphs that were remarked on or rewritten, cut at their findings, and those findings.

    The last one that was rewritten is told as just written.
    """
    chosen: list[tuple[list[dict[str, Any]], bool]] = []
    shown: set[int] = set()
    at = 0
    for block in body.split("\n\n"):
        start, end = at, at + len(block)
        at = end + 2
        here = [f for f in found if f.start is not None and start <= f.start and (f.end or 0) <= end]
        is_new = block not in before
        if block.startswith("#") or not (here or is_new):
            continue
        chosen.append((_segments(body, start, end, here), is_new and not here))
        shown |= {f.number for f in here}
    chosen = chosen[:_PARAGRAPHS]
    fresh = max((place for place, (_, is_new) in enumerate(chosen) if is_new), default=None)
    for place, (segments, _) in enumerate(chosen):
        if place == fresh:
            segments[-1]["fresh"] = True
    return [segments for segments, _ in chosen], shown


def _segments(body: str, start: int, end: int, found: list[Finding]) -> list[dict[str, Any]]:
    segments: list[dict[str, Any]] = []
    for card, finding in zip(finding_cards(found), found, strict=True):
        first, last = finding.start or 0, finding.end or 0
        if first < start:
            continue
        segments.append({"text": body[start:first]})
        segments.append({"text": body[first:last], "finding": finding.number, "state": card.state})
        start = last
    return [*segments, {"text": body[start:end]}]


def _statement(session: Session) -> list[dict[str, Any]]:
    """Return the wallet's latest entries in the shape of `components/entry.html`."""
    entries = Entry.objects.of(session.owner).filter(created_at__gte=session.started_at).order_by("seq")
    lines = [line_of(entry) for entry in entries[:_ENTRIES]]
    return [{name: getattr(line, name) for name in _LINE} for line in lines]
