"""Verifies a statement offline, from its bytes and the studio's public keys. Plain Python, for any client."""

import base64
import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from credits.statements import form
from credits.statements.form import BEGINNING, Stand

_HASH = re.compile("[0-9a-f]{64}")
_SIGNATURE = re.compile("[0-9a-f]{128}")


class Refused(Exception):
    """The statement does not hold; `entry` is the number of the entry at which it breaks, where it is one."""

    def __init__(self, message: str, *, entry: int | None = None) -> None:
        super().__init__(message if entry is None else f"Entry {entry}: {message}")
        self.entry = entry


@dataclass(frozen=True, slots=True)
class Proof:
    """What a verified statement proves. `signed_by` is empty where no keys were given to check it with."""

    wallet: int
    month: str
    entries: int
    opening: Stand
    closing: Stand
    signed_by: str


def verify(data: bytes, *, keys: Mapping[str, bytes] | None) -> Proof:
    """Prove a statement, or raise Refused.

    `keys` are the studio's public keys by their ids (see `read_keys`). Without them only the chain is
    proved: that nothing was changed by somebody who did not compute all hashes anew.
    """
    try:
        return _proved(data, keys)
    except UnicodeError as error:
        raise Refused("It has half characters, which no text of ours has.") from error


def _proved(data: bytes, keys: Mapping[str, bytes] | None) -> Proof:
    statement = _parsed(data)
    wallet, month = statement["account"]["wallet"], statement["period"]["month"]
    opening, closing = Stand(**statement["opening"]), Stand(**statement["closing"])
    within = _bounds(statement["period"])
    if not _is_stand(opening):
        raise Refused("Its opening is not where a wallet can stand.")
    stand, totals = opening, dict.fromkeys(statement["totals"], 0)
    for entry in statement["entries"]:
        stand = _followed(stand, wallet, entry, within)
        if entry["kind"] in totals:
            totals[entry["kind"]] += entry["amount"]
    if stand != closing:
        raise Refused(f"The closing does not follow from the entries: they end at {stand.balance} credits.")
    if totals != statement["totals"]:
        raise Refused("The totals are not those of the entries.")
    unsigned = _unsigned(statement)
    if (unsigned + form.end(statement["signature"])).encode() != data:
        raise Refused("It is not written as the studio writes statements.")
    signed_by = "" if keys is None else _signer(statement["signature"], unsigned, keys)
    return Proof(wallet, month, len(statement["entries"]), opening, closing, signed_by)


def require_following(earlier: Proof, later: Proof) -> None:
    """Raise Refused unless `later` begins exactly where `earlier` ends."""
    if earlier.wallet != later.wallet:
        raise Refused(f"{earlier.month} and {later.month} are of different wallets.")
    if earlier.closing != later.opening:
        raise Refused(f"{later.month} does not begin where {earlier.month} ends.")


def read_keys(data: bytes) -> dict[str, bytes]:
    """Read the public keys that the studio publishes: `{"keys": [{"id", "public_key", …}]}`."""
    try:
        return {
            key["id"]: base64.b64decode(key["public_key"], validate=True) for key in json.loads(data)["keys"]
        }
    except (ValueError, KeyError, TypeError) as error:
        raise Refused("These are not the keys of a studio.") from error


def _parsed(data: bytes) -> dict[str, Any]:
    """Return the statement, its members of the types that they must have."""
    try:
        statement = json.loads(data.decode())
    except (ValueError, RecursionError) as error:
        raise Refused(f"This is not JSON: {error}.") from error
    if not isinstance(statement, dict) or statement.get("format") != form.FORMAT:
        raise Refused(f"This is not a statement of the format {form.FORMAT}.")
    if tuple(statement) != form.MEMBERS or not isinstance(statement["entries"], list):
        raise Refused(f"A statement has {', '.join(form.MEMBERS)}, and nothing else.")
    for name, fields in (
        ("account", form.ACCOUNT), ("period", form.PERIOD), ("opening", form.STAND),
        ("closing", form.STAND), ("signature", form.SIGNATURE),
    ):  # fmt: skip
        _require(statement[name], fields, f"Its {name}")
    for place, entry in enumerate(statement["entries"], start=statement["opening"]["seq"] + 1):
        _require(entry, form.ENTRY, "it", entry=place)
    kinds = {entry["kind"] for entry in statement["entries"]}
    _require(statement["totals"], form.totals_of(kinds), "Its totals")
    return statement


def _require(value: Any, fields: Mapping[str, Any], what: str, *, entry: int | None = None) -> None:
    if not isinstance(value, dict) or tuple(value) != tuple(fields):
        raise Refused(f"{what} does not have the fields {', '.join(fields)}.", entry=entry)
    for name, kind in fields.items():
        # True is an int to Python, and not to us.
        if not isinstance(value[name], kind) or (isinstance(value[name], bool) and kind is not bool):
            raise Refused(f"{what} has a {name} of another type.", entry=entry)


def _bounds(period: dict[str, Any]) -> tuple[datetime, datetime]:
    try:
        start, end = form.read_moment(period["from"]), form.read_moment(period["to"])
    except ValueError as error:
        raise Refused(f"Its period has no such moment: {error}.") from error
    if not f"{start:%Y-%m}" == period["month"] or not start < end:
        raise Refused("Its period is not the month it names.")
    return start, end


def _followed(stand: Stand, wallet: int, entry: dict[str, Any], within: tuple[datetime, datetime]) -> Stand:
    """Return where `entry` leads from `stand`, or raise Refused naming it."""
    number = entry["seq"]
    if number != stand.seq + 1:
        raise Refused(f"It does not follow entry {stand.seq}.", entry=number)
    try:
        at = form.read_moment(entry["created_at"])
        text = form.hashed_text(wallet, entry)
    except (ValueError, OverflowError) as error:
        raise Refused("Its time is none.", entry=number) from error
    if hashlib.sha256(bytes.fromhex(stand.head) + text).hexdigest() != entry["hash"]:
        raise Refused("Its hash does not follow from what it says and the entry before it.", entry=number)
    if entry["balance_after"] != stand.balance + entry["amount"]:
        raise Refused("Its balance does not continue the one before it.", entry=number)
    if entry["held_after"] != stand.held + entry["held_change"]:
        raise Refused("What it leaves held does not continue the entry before it.", entry=number)
    if not 0 <= entry["held_after"] <= entry["balance_after"]:
        raise Refused("It holds more than there is.", entry=number)
    if not within[0] <= at < within[1]:
        raise Refused("It happened in another month.", entry=number)
    return Stand(number, entry["balance_after"], entry["held_after"], entry["hash"])


def _is_stand(stand: Stand) -> bool:
    if stand.seq == 0:
        return stand == BEGINNING
    return stand.seq > 0 and 0 <= stand.held <= stand.balance and bool(_HASH.fullmatch(stand.head))


def _unsigned(statement: dict[str, Any]) -> str:
    entries = statement["entries"]
    return form.start(statement) + "".join(form.lines(entries)) + form.middle(statement, is_empty=not entries)


def _signer(signature: dict[str, Any], unsigned: str, keys: Mapping[str, bytes]) -> str:
    """Return the id of the key that signed it, or raise Refused."""
    key = keys.get(signature["key"])
    if key is None or signature["algorithm"] != "Ed25519" or not _SIGNATURE.fullmatch(signature["value"]):
        raise Refused("It is not signed by a key that this studio is known to use.")
    message = form.signed_message(hashlib.sha256(unsigned.encode()).digest())
    try:
        Ed25519PublicKey.from_public_bytes(key).verify(bytes.fromhex(signature["value"]), message)
    except (InvalidSignature, ValueError) as error:
        raise Refused("Its signature is not the studio's.") from error
    return signature["key"]
