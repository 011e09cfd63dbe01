"""The services that the studio carries out, by the names that the catalogue's products give them."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from orchestration.prompts import panel_instructions
from orchestration.spec import RoleSpec
from orchestration.workflow.criteria import CriterionDict
from orchestration.workflow.terms import Role

_TEMPERATURE = Decimal("0.40")


@dataclass(frozen=True, slots=True, kw_only=True)
class Chair:
    """One reader of a panel: what they read for, in the buyer's words; `prompt` names the agent's."""

    label: str
    role: Role
    about: str
    prompt: str
    criteria: tuple[str, ...]

    def seat(self, model: str) -> RoleSpec:
        """Return the seat of a session, on a language model."""
        scored: list[CriterionDict] = [{"name": name, "weight": 1.0} for name in self.criteria]
        return RoleSpec(
            role=self.role.value,
            label=self.label,
            model=model,
            temperature=_TEMPERATURE,
            instructions=panel_instructions(self.prompt),
            criteria=scored,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Commission:
    """A service: what it is called, what happens, and who reads. Nobody on the panel changes the text.

    A manuscript that is uploaded for it may have `most_words`, also where the buyer's plan carries fewer.
    """

    title: str
    promise: str
    most_words: int
    panel: tuple[Chair, ...]

    @property
    def brief(self) -> str:
        """What the whole panel is told."""
        return panel_instructions("brief")


_REVIEW = Commission(
    title="Manuscript review",
    promise="Three editors read the whole manuscript, each for something else; a fourth sums up what matters "
    "most. You get their report, and your text stays as it is.",
    most_words=100_000,
    panel=(
        Chair(
            label="Structure",
            role=Role.EDITOR,
            about="Reads for the build: openings, turns, pace, what is missing and what could go.",
            prompt="structure",
            criteria=("Structure", "Pace"),
        ),
        Chair(
            label="Style",
            role=Role.STYLE_EDITOR,
            about="Reads for the sentence: voice, rhythm, wordiness, what is said twice.",
            prompt="style",
            criteria=("Voice", "Flow"),
        ),
        Chair(
            label="Continuity",
            role=Role.CONTENT_EXPERT,
            about="Reads for what must agree: names, times, places, facts, who knows what when.",
            prompt="continuity",
            criteria=("Consistency", "Accuracy"),
        ),
        Chair(
            label="Report",
            role=Role.SYNTHESIZER,
            about="Weighs what the others found, and says where to begin.",
            prompt="report",
            criteria=("Clarity", "Usefulness"),
        ),
    ),
)

COMMISSIONS: Mapping[str, Commission] = {"manuscript-review": _REVIEW}
