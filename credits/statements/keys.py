"""The keys that statements are signed with: one that signs, and those that signed before it."""

import base64
import hashlib
from dataclasses import dataclass

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from django.conf import settings

_PURPOSE = b"atelier statements"


@dataclass(frozen=True, slots=True)
class PublicKey:
    """A public key as it is published; `is_current` when it signs what is written now."""

    id: str
    raw: bytes
    is_current: bool

    @property
    def text(self) -> str:
        """The key in base64."""
        return base64.b64encode(self.raw).decode()


def sign(message: bytes) -> dict[str, str]:
    """Return the signature of `message` by the present key, as a statement carries it."""
    key = _signing_key()
    return {
        "algorithm": "Ed25519",
        "key": _id(_public(key)),
        "value": key.sign(message).hex(),
    }


def published() -> list[PublicKey]:
    """Return every public key that the studio stands by, the present one first."""
    current = _public(_signing_key())
    former = [base64.b64decode(text, validate=True) for text in settings.STATEMENT_FORMER_KEYS]
    former += [_public(_derived(secret)) for secret in settings.SECRET_KEY_FALLBACKS]
    earlier = [raw for raw in dict.fromkeys(former) if raw != current]
    return [PublicKey(_id(current), current, True), *(PublicKey(_id(raw), raw, False) for raw in earlier)]


def known() -> dict[str, bytes]:
    """Return the published keys by their ids, as `proof.verify` takes them."""
    return {key.id: key.raw for key in published()}


def _signing_key() -> Ed25519PrivateKey:
    given = settings.STATEMENT_SIGNING_KEY
    if given:
        return Ed25519PrivateKey.from_private_bytes(base64.b64decode(given, validate=True))
    return _derived(settings.SECRET_KEY)


def _derived(secret: str) -> Ed25519PrivateKey:
    """Return the key that belongs to a secret key of the studio: the same one in every process."""
    seed = HKDF(SHA256(), length=32, salt=None, info=_PURPOSE).derive(secret.encode())
    return Ed25519PrivateKey.from_private_bytes(seed)


def _public(key: Ed25519PrivateKey) -> bytes:
    return key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)


def _id(raw: bytes) -> str:
    return hashlib.sha256(raw).hexdigest()[:16]
