"""The invariants of the ledger: each a query that must return no row."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from django.db import connection

FOLDER = Path(__file__).parent / "sql" / "invariants"


@dataclass(frozen=True, slots=True)
class Invariant:
    """A rule with its query, which returns `(wallet id or NULL, what is wrong)` wherever it is broken."""

    code: str
    rule: str
    query: str


@dataclass(frozen=True, slots=True)
class Break:
    """One place where an invariant does not hold; without a wallet where it is not about one."""

    wallet_id: int | None
    detail: str

    def __str__(self) -> str:
        return self.detail if self.wallet_id is None else f"wallet {self.wallet_id}: {self.detail}"


def _read(path: Path) -> Invariant:
    rule, _, query = path.read_text().partition("\n")
    return Invariant(path.stem, rule.removeprefix("-- "), query)


_registered = {path.stem: _read(path) for path in FOLDER.glob("*.sql")}


def register(invariant: Invariant) -> None:
    """Let `verify_ledger` prove a rule of an app above, too. Called from its AppConfig.ready()."""
    if _registered.setdefault(invariant.code, invariant) != invariant:
        raise ValueError(f"There is an invariant {invariant.code} already.")


def invariants() -> list[Invariant]:
    """Return all known invariants by code."""
    return [_registered[code] for code in sorted(_registered)]


def breaks(invariant: Invariant) -> list[Break]:
    """Return where `invariant` does not hold; nothing when all is well. One statement sees one moment."""
    with connection.cursor() as cursor:
        cursor.execute(invariant.query)
        return [Break(wallet_id, detail) for wallet_id, detail in cursor.fetchall()]


def verify() -> Iterator[tuple[Invariant, list[Break]]]:
    """Check one invariant after the other, as they are asked for."""
    for invariant in invariants():
        yield invariant, breaks(invariant)
