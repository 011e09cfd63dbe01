"""What a plan allows, typed: its limits, features and models, and the words for them."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from enum import StrEnum
from typing import Any, Self

MODERATION = ("standard", "relaxed", "custom")
MEBIBYTE = 2**20
GIBIBYTE = 2**30
MOST = 10**15
"""No limit is larger; what needs more is unlimited."""


class Kind(StrEnum):
    """How the use of a limit is counted."""

    HELD = "held"  # things kept at one time
    MONTHLY = "monthly"  # acts within the account's month
    EACH = "each"  # the size of one thing
    DAYS = "days"  # how long something is kept
    CONCURRENT = "concurrent"  # work running at this moment
    HOURLY = "hourly"  # acts within an hour


@dataclass(frozen=True, slots=True)
class LimitWords:
    """How people and pages name one limit. `within` completes "2 agents in a session"."""

    label: str
    kind: Kind
    one: str
    many: str
    within: str = ""
    in_bytes: bool = False


LIMITS: Mapping[str, LimitWords] = {
    "sessions_per_month": LimitWords("Sessions a month", Kind.MONTHLY, "session", "sessions"),
    "projects": LimitWords("Projects", Kind.HELD, "project", "projects"),
    "agents_per_session": LimitWords("Agents in a session", Kind.EACH, "agent", "agents", "in a session"),
    "rounds_per_session": LimitWords("Rounds in a session", Kind.EACH, "round", "rounds", "in a session"),
    "words_per_document": LimitWords("Words in a document", Kind.EACH, "word", "words", "in a document"),
    "version_retention_days": LimitWords("Versions are kept", Kind.DAYS, "day", "days"),
    "transformations_per_month": LimitWords(
        "Transformations a month", Kind.MONTHLY, "transformation", "transformations"
    ),
    "tokens_per_month": LimitWords("Tokens a month", Kind.MONTHLY, "token", "tokens"),
    "embeddings_per_month": LimitWords("Embeddings a month", Kind.MONTHLY, "embedding", "embeddings"),
    "conversations_per_month": LimitWords(
        "Conversations a month", Kind.MONTHLY, "conversation", "conversations"
    ),
    "storage_bytes": LimitWords("Storage", Kind.HELD, "byte", "bytes", "of storage", in_bytes=True),
    "objects": LimitWords("Documents and notes", Kind.HELD, "document or note", "documents and notes"),
    "shared_objects": LimitWords("Shared documents", Kind.HELD, "shared document", "shared documents"),
    "tokens_per_request": LimitWords("Tokens in a request", Kind.EACH, "token", "tokens", "in a request"),
    "file_bytes": LimitWords("Size of a file", Kind.EACH, "byte", "bytes", "in a file", in_bytes=True),
    "concurrent_jobs": LimitWords("Jobs at once", Kind.CONCURRENT, "job", "jobs", "at once"),
    "ai_requests_per_hour": LimitWords("AI requests an hour", Kind.HOURLY, "AI request", "AI requests"),
    "avatar_creations": LimitWords("Avatars", Kind.HELD, "avatar", "avatars"),
    "video_creations": LimitWords("Videos", Kind.HELD, "video", "videos"),
    "music_creations": LimitWords("Music tracks", Kind.HELD, "track", "tracks"),
    "voice_slots": LimitWords("Voice slots", Kind.HELD, "voice slot", "voice slots"),
}

FEATURES: Mapping[str, str] = {
    "version_history": "Version history",
    "export": "Export to DOCX, EPUB, PDF and HTML",
    "multiple_avatars": "Several avatars",
    "encryption": "Encryption in the browser",
    "priority_support": "Priority support",
    "api_access": "API keys",
    "multi_agent": "Agents that work together",
    "single_sign_on": "Single sign-on",
    "dedicated_hosting": "Dedicated hosting",
    "custom_agents": "Agents made for you",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """Every limit and feature of one plan.

    A count of None is unlimited; `models` None means every listed model. What a catalogue does not speak of
    is neither counted nor withheld, so the defaults are None and True.
    """

    sessions_per_month: int | None = None
    projects: int | None = None
    agents_per_session: int | None = None
    rounds_per_session: int | None = None
    words_per_document: int | None = None
    version_retention_days: int | None = None
    transformations_per_month: int | None = None
    tokens_per_month: int | None = None
    embeddings_per_month: int | None = None
    conversations_per_month: int | None = None
    storage_bytes: int | None = None
    objects: int | None = None
    shared_objects: int | None = None
    tokens_per_request: int | None = None
    file_bytes: int | None = None
    concurrent_jobs: int | None = None
    ai_requests_per_hour: int | None = None
    avatar_creations: int | None = None
    video_creations: int | None = None
    music_creations: int | None = None
    voice_slots: int | None = None
    version_history: bool = True
    export: bool = True
    multiple_avatars: bool = True
    encryption: bool = True
    priority_support: bool = True
    api_access: bool = True
    multi_agent: bool = True
    single_sign_on: bool = True
    dedicated_hosting: bool = True
    custom_agents: bool = True
    models: tuple[str, ...] | None = None
    moderation: str = "standard"

    def of(self, limit: str) -> int | None:
        """Return how much of `limit` is allowed, None without end. KeyError for a limit there is not."""
        if limit not in LIMITS:
            raise KeyError(limit)
        return getattr(self, limit)

    def has(self, feature: str) -> bool:
        """Tell whether `feature` is included. KeyError for a feature there is not."""
        if feature not in FEATURES:
            raise KeyError(feature)
        return getattr(self, feature)

    def includes_model(self, name: str) -> bool:
        """Tell whether the model of that listed name may be used."""
        return self.models is None or name in self.models

    def as_json(self) -> dict[str, Any]:
        """Return the form in which terms are stored; `from_json` reads it back equal."""
        stored = asdict(self)
        stored["models"] = None if self.models is None else list(self.models)
        return stored

    @classmethod
    def from_json(cls, stored: Any) -> Self:
        """Read what `as_json` wrote. ValueError, naming the key, for anything else."""
        if not isinstance(stored, dict):
            raise ValueError("limits: not a table")  # noqa: TRY004  one kind of error for every malformed value
        known = {field.name for field in fields(cls)}
        for key in sorted(known ^ stored.keys()):
            raise ValueError(f"{key}: {'missing' if key in known else 'unknown'}")
        for key, value in stored.items():
            if not _is_valid(key, value):
                raise ValueError(f"{key}: {value!r} is not allowed here")
        models = stored["models"]
        return cls(**{**stored, "models": None if models is None else tuple(models)})


def _is_valid(key: str, value: Any) -> bool:
    if key in LIMITS:
        return value is None or (type(value) is int and 0 <= value <= MOST)
    if key in FEATURES:
        return type(value) is bool
    if key == "models":
        return value is None or (isinstance(value, list) and all(type(name) is str for name in value))
    return value in MODERATION
