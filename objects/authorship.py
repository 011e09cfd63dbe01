"""Who wrote a version of a document, passage by passage."""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.core.cache import cache

from config.common import outages
from objects import provenance
from objects.models import Document, DocumentVersion
from objects.provenance import Passage, Provenance, Text

_KEPT_SECONDS = 7 * 24 * 3600


@dataclass(frozen=True, slots=True)
class Authorship:
    """The passages of a version, the versions that they came from by number, and what each of these wrote."""

    version: DocumentVersion
    passages: list[Passage]
    chain: dict[int, DocumentVersion]
    written: dict[int, int]

    def source(self, passage: Passage) -> DocumentVersion | None:
        """The latest version that brought `passage`; None for what was there before all that are kept."""
        return self.chain.get(passage.versions[-1])


def authorship_of(document: Document, version: DocumentVersion) -> Authorship:
    """Return who wrote which words of `version`.

    Traced once: a version never changes after another was made from it, so the answer is kept, by the text.
    """
    rows = document.versions.filter(number__lte=version.number).select_related("author").defer("body")
    known = {row.number: row for row in rows}
    path = _path(version, known)
    traced = _kept(version) or _traced(document, version, path)
    chain = {number: known[number] for number in path}

    def who(number: int) -> Any:
        """An agent's turn, else a person; nobody where that is not known any more."""
        source = chain.get(number)
        return None if source is None else source.turn_id or (source.author_id or "former")

    passages = provenance.passages(version.body, traced.runs, who)
    return Authorship(version, passages, chain, traced.written)


def _path(version: DocumentVersion, known: dict[int, DocumentVersion]) -> list[int]:
    """Return the numbers from the oldest version kept to `version`, each made from the one before."""
    path = [version.number]
    while (base := known[path[-1]].base_number) in known:
        path.append(base)
    return path[::-1]


def _traced(document: Document, version: DocumentVersion, path: list[int]) -> Provenance:
    traced = provenance.trace(_texts(document, path))
    _keep(version, traced)
    return traced


def _texts(document: Document, path: list[int]) -> Iterator[Text]:
    """Yield the texts of the path; a few at a time are in memory."""
    rows = document.versions.filter(number__in=path).order_by("number")
    for number, base, body in rows.values_list("number", "base_number", "body").iterator(chunk_size=10):
        yield Text(number, base, body)


def _name(version: DocumentVersion) -> str:
    digest = hashlib.blake2b(version.body.encode(), digest_size=16).hexdigest()
    return f"authorship:1:{version.document_id}:{version.number}:{digest}"


def _kept(version: DocumentVersion) -> Provenance | None:
    """Return what was traced before; the work is done again where nothing remembers it."""
    try:
        found = cache.get(_name(version))
    except outages.ERRORS:
        return None
    return found and Provenance(tuple(map(tuple, found["runs"])), dict(found["written"]))


def _keep(version: DocumentVersion, traced: Provenance) -> None:
    kept = {"runs": list(traced.runs), "written": list(traced.written.items())}
    try:
        cache.set(_name(version), kept, _KEPT_SECONDS)
    except outages.ERRORS:
        return
