"""What a person prefers: one typed document, validated wherever it comes from."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError

from accounts.notifications.kinds import RULES, Channel, Kind
from config.common.errors import Invalid

Name = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9._:/-]{0,79}$")]
"""A provider or a model, by the name that the catalogue gives it."""


class Theme(StrEnum):
    """How the pages look."""

    LIGHT = "light"
    DARK = "dark"
    SYSTEM = "system"


class Switches(BaseModel):
    """Which ways one kind of notice takes; a way never chosen follows the default of its kind."""

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True)

    in_app: bool | None = Field(None, description="On the page; null follows the default")
    email: bool | None = Field(None, description="By mail; null follows the default")


class Preferences(BaseModel):
    """A person's preferences; whatever they never chose has its default."""

    model_config = ConfigDict(
        strict=True,
        extra="forbid",
        frozen=True,
        json_schema_extra={
            "example": {
                "default_provider": "house",
                "default_model": "house",
                "default_max_rounds": 5,
                "show_evaluation_details": True,
                "theme": "system",
                "notifications": {"run_finished": {"email": False}},
            }
        },
    )

    default_provider: Name | None = Field(None, description="Provider offered first in a new session")
    default_model: Name | None = Field(None, description="Model offered first in a new session")
    default_max_rounds: int = Field(5, ge=1, le=20, description="Rounds offered first in a new session")
    show_evaluation_details: bool = Field(True, description="Show the scores behind each evaluation")
    theme: Annotated[Theme, Field(strict=False)] = Field(Theme.SYSTEM, description="How the pages look")
    notifications: dict[Annotated[Kind, Field(strict=False)], Switches] = Field(
        default_factory=dict, description="How each kind of notice is told, where it was chosen"
    )

    def wants(self, kind: Kind, channel: Channel) -> bool:
        """Whether a notice of `kind` shall take `channel`; what may not be switched off always does."""
        chosen = self.notifications.get(kind)
        return RULES[kind].allows(channel, getattr(chosen, channel.value, None))


def parse(document: Mapping[str, Any]) -> Preferences:
    """Return the preferences that `document` states; raise Invalid naming every key that is wrong."""
    try:
        return Preferences.model_validate(dict(document))
    except ValidationError as error:
        raise Invalid("Some preferences need another look.", details={"fields": _by_field(error)}) from None


def refuse_locked(preferences: Preferences) -> None:
    """Raise Invalid, naming each switch that is off although what it tells is always told."""
    wrong = {
        f"notifications.{kind}.{channel}": ["This is always told; it cannot be switched off."]
        for kind, chosen in preferences.notifications.items()
        for channel in RULES[kind].locked
        if getattr(chosen, channel.value) is False
    }
    if wrong:
        raise Invalid("Some preferences need another look.", details={"fields": wrong})


def stored(preferences: Preferences) -> dict[str, Any]:
    """The document to keep: what was chosen, so that a default that changes later reaches everyone else."""
    return preferences.model_dump(mode="json", exclude_unset=True)


def _by_field(error: ValidationError) -> dict[str, list[str]]:
    fields: dict[str, list[str]] = {}
    for problem in error.errors(include_url=False, include_input=False):
        name = ".".join(str(part) for part in problem["loc"] if part != "[key]")
        unknown = problem["type"] == "extra_forbidden" or problem["loc"][-1] == "[key]"
        fields.setdefault(name, []).append("There is no such preference." if unknown else problem["msg"])
    return fields
