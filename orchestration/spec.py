"""What somebody wants a session to be, read and checked: the same from pages, API and defaults."""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from functools import cached_property
from typing import Any

from accounts.models import User
from billing.entitlements import limits_for
from billing.pricing_table import resolve_model
from config.common.errors import DomainError, Invalid, Missing
from objects.models import Document, Project
from orchestration.models import Session
from orchestration.models.session import MOST_ROLES, MOST_ROUNDS
from orchestration.offers import default_model, offered_models
from orchestration.providers.registry import HOUSE, provider_name
from orchestration.workflow.criteria import CriterionDict, defaults_for, validated
from orchestration.workflow.terms import EDITORS, Role

_TEAMS = {
    2: (Role.WRITER, Role.STYLE_EDITOR),
    3: (Role.WRITER, Role.CONTENT_EXPERT, Role.STYLE_EDITOR),
    4: (Role.WRITER, Role.CONTENT_EXPERT, Role.STYLE_EDITOR, Role.SYNTHESIZER),
}
_MOST_REFERENCES = 5
_LONGEST = {"title": 200, "instructions": 4000, "label": 60}


@dataclass(frozen=True, slots=True, kw_only=True)
class RoleSpec:
    """One seat as it is wanted."""

    role: str
    label: str
    model: str
    temperature: Decimal
    instructions: str
    criteria: list[CriterionDict]

    @property
    def provider(self) -> str:
        """Who serves the model."""
        return provider_name(self.model)


@dataclass(frozen=True, slots=True, kw_only=True)
class ReferenceSpec:
    """A document to be read, and what for."""

    document: Document
    instructions: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionSpec:
    """A session as it is wanted. Without a `document`, one is made of `text`."""

    title: str
    document: Document | None
    text: str
    project: Project | None
    instructions: str
    roles: tuple[RoleSpec, ...]
    max_rounds: int
    score_threshold: Decimal | None
    cap_credits: int | None
    approve_rounds: bool
    references: tuple[ReferenceSpec, ...]

    @property
    def body(self) -> str:
        """The text that the session begins with."""
        return self.document.body if self.document else self.text


def read_spec(*, owner: User, data: Mapping[str, Any]) -> SessionSpec:
    """Return `data` (a session's body of the API) as a spec.

    `document`, `project` and the references' `document` may be ids or rows. What is left out takes the
    project's team, the owner's preferences, or the default. Raises Invalid with `details.fields`, Missing for
    what is not the owner's.
    """
    return _Reader(owner, data).read()


def spec_of(session: Session) -> SessionSpec:
    """Return the spec of a session that exists."""
    return SessionSpec(
        title=session.title,
        document=session.document,
        text="",
        project=session.project,
        instructions=session.instructions,
        roles=tuple(
            RoleSpec(
                role=role.role,
                label=role.label,
                model=role.model,
                temperature=role.temperature,
                instructions=role.instructions,
                criteria=role.criteria,
            )
            for role in session.roles.all()
        ),
        max_rounds=session.max_rounds,
        score_threshold=session.score_threshold,
        cap_credits=session.cap_credits,
        approve_rounds=session.approve_rounds,
        references=tuple(
            ReferenceSpec(document=reference.document, instructions=reference.instructions)
            for reference in session.references.select_related("document")
        ),
    )


def default_roles(*, owner: User, project: Project | None = None) -> list[dict[str, Any]]:
    """Return the team a new session starts from: the project's, else as much as the plan carries."""
    if project is not None and project.default_agents:
        return list(project.default_agents)
    most = limits_for(owner).agents_per_session
    size = 4 if most is None else max(2, min(4, most))
    return [{"role": role.value} for role in _TEAMS[size]]


class _Reader:
    """Reads one body; collects what is wrong by field."""

    def __init__(self, owner: User, data: Mapping[str, Any]) -> None:
        self.owner, self.data = owner, data
        self.preferences = owner.preferences
        self.wrong: dict[str, list[str]] = {}

    @cached_property
    def usual_model(self) -> str:
        """What a seat without a model is given."""
        return default_model(self.owner, offered_models(self.owner))

    def read(self) -> SessionSpec:
        project = self._project()
        document = self._document("document", self.data.get("document"))
        text = self._text("text", longest=None)
        if document is None and not text.strip() and not self._text("instructions", longest=None).strip():
            self._fault(
                "document", "Choose, paste or upload a text, or say in the instructions what to write."
            )
        roles = self._roles(project or (document.project if document else None))
        spec = SessionSpec(
            title=self._text("title").strip() or (document.title if document else ""),
            document=document,
            text=text,
            project=project or (document.project if document else None),
            instructions=self._text("instructions").strip(),
            roles=roles,
            max_rounds=self._whole("max_rounds", 1, MOST_ROUNDS, self._usual_rounds()) or 1,
            score_threshold=self._score("score_threshold"),
            cap_credits=self._whole("cap_credits", 1, 10**9, None),
            approve_rounds=self._flag("approve_rounds"),
            references=self._references(),
        )
        if self.wrong:
            raise Invalid("Some of the session's settings need another look.", details={"fields": self.wrong})
        return spec

    def _usual_rounds(self) -> int:
        most = limits_for(self.owner).rounds_per_session
        wanted = self.preferences.default_max_rounds
        return wanted if most is None else min(wanted, most)

    def _project(self) -> Project | None:
        given = self.data.get("project")
        if given in (None, "") or isinstance(given, Project):
            return given or None
        found = Project.objects.editable_by(self.owner).filter(pk=_uuid(given)).first()
        if found is None:
            raise Missing("There is no such project.")
        return found

    def _document(self, field: str, given: Any) -> Document | None:
        if given in (None, ""):
            return None
        key = given.pk if isinstance(given, Document) else _uuid(given)
        found = Document.objects.editable_by(self.owner).filter(pk=key).first()
        if found is None:
            raise Missing("There is no such document.")
        return found

    def _roles(self, project: Project | None) -> tuple[RoleSpec, ...]:
        given = self.data.get("roles") or default_roles(owner=self.owner, project=project)
        if not isinstance(given, Sequence) or isinstance(given, str):
            self._fault("roles", "A team is a list of roles.")
            return ()
        if len(given) > MOST_ROLES:
            self._fault("roles", f"A team has at most {MOST_ROLES} seats.")
            return ()
        labels: set[str] = set()
        roles = [role for role in (self._role(item, labels) for item in given) if role is not None]
        if "roles" not in self.wrong:
            self._check_team(roles)
        return tuple(roles)

    def _role(self, item: Any, labels: set[str]) -> RoleSpec | None:
        if not isinstance(item, Mapping) or item.get("role") not in Role.values:
            known = ", ".join(Role.values)
            self._fault("roles", f"Each seat needs a role: one of {known}.")
            return None
        role = Role(item["role"])
        label = " ".join(str(item.get("label") or role.label).split())[: _LONGEST["label"]]
        while label in labels:
            label = _numbered(label)
        labels.add(label)
        instructions = item.get("instructions") or ""
        if not isinstance(instructions, str) or len(instructions) > _LONGEST["instructions"]:
            self._fault("roles", f"{label}: instructions are text of at most 4 000 characters.")
            instructions = ""
        return RoleSpec(
            role=role.value,
            label=label,
            model=self._model(label, item.get("model") or self.usual_model),
            temperature=self._temperature(label, item.get("temperature")),
            instructions=instructions.strip(),
            criteria=self._criteria(label, role, item.get("criteria")),
        )

    def _check_team(self, roles: list[RoleSpec]) -> None:
        names = [role.role for role in roles]
        if names.count(Role.WRITER) != 1:
            self._fault("roles", "A team has exactly one Writer.")
        if names.count(Role.SYNTHESIZER) > 1:
            self._fault("roles", "A team has at most one Synthesizer.")
        if Role.SYNTHESIZER in names and not EDITORS.intersection(names):
            self._fault("roles", "A Synthesizer needs at least one editor whose findings it decides about.")

    def _model(self, label: str, given: Any) -> str:
        try:
            return resolve_model(str(given)).name
        except DomainError as error:
            self._fault("roles", f"{label}: {error.message}")
            return HOUSE

    def _temperature(self, label: str, given: Any) -> Decimal:
        if given in (None, ""):
            return Decimal("0.7")
        number = _decimal(given)
        if number is None or not 0 <= number <= 2:
            self._fault("roles", f"{label}: a temperature is a number from 0 to 2.")
            return Decimal("0.7")
        return number.quantize(Decimal("0.01"))

    def _criteria(self, label: str, role: Role, given: Any) -> list[CriterionDict]:
        if not given:
            return defaults_for(role)
        try:
            return [criterion.as_dict() for criterion in validated(given)]
        except ValueError as error:
            self._fault("roles", f"{label}: {error}")
            return defaults_for(role)

    def _references(self) -> tuple[ReferenceSpec, ...]:
        given = self.data.get("references") or []
        if not isinstance(given, Sequence) or isinstance(given, str) or len(given) > _MOST_REFERENCES:
            self._fault("references", f"References are a list of at most {_MOST_REFERENCES} documents.")
            return ()
        found: dict[uuid.UUID, ReferenceSpec] = {}
        for item in given:
            named = (item.get("document") or item.get("object")) if isinstance(item, Mapping) else None
            document = self._document("references", named)
            if document is None:
                self._fault("references", "Each reference names a document.")
                continue
            found[document.pk] = ReferenceSpec(
                document=document, instructions=str(item.get("instructions") or "")[:500].strip()
            )
        return tuple(found.values())

    def _text(self, field: str, longest: int | None = 0) -> str:
        given = self.data.get(field) or ""
        if longest == 0:
            longest = _LONGEST[field]
        if not isinstance(given, str):
            self._fault(field, "This is text.")
            return ""
        if longest is not None and len(given) > longest:
            self._fault(field, f"At most {longest} characters.")
        return given

    def _whole(self, field: str, least: int, most: int, default: int | None) -> int | None:
        given = self.data.get(field)
        if given in (None, ""):
            return default
        number = _decimal(given)
        if number is None or number != int(number) or not least <= number <= most:
            self._fault(field, f"A whole number from {least} to {most}.")
            return default
        return int(number)

    def _score(self, field: str) -> Decimal | None:
        given = self.data.get(field)
        if given in (None, ""):
            return None
        number = _decimal(given)
        if number is None or not 0 <= number <= 10:
            self._fault(field, "A score from 0 to 10.")
            return None
        return number.quantize(Decimal("0.01"))

    def _flag(self, field: str) -> bool:
        given = self.data.get(field, False)
        if not isinstance(given, bool):
            self._fault(field, "Yes or no.")
        return bool(given)

    def _fault(self, field: str, message: str) -> None:
        self.wrong.setdefault(field, []).append(message)


def _uuid(given: Any) -> uuid.UUID:
    """Return `given` as an id; the id of nothing where it is none."""
    try:
        return given if isinstance(given, uuid.UUID) else uuid.UUID(str(given))
    except ValueError:
        return uuid.UUID(int=0)


def _decimal(given: Any) -> Decimal | None:
    if isinstance(given, bool) or not isinstance(given, int | float | str | Decimal):
        return None
    try:
        number = Decimal(str(given))
    except InvalidOperation:
        return None
    return number if number.is_finite() else None


def _numbered(label: str) -> str:
    """Return "Editor 2" for "Editor", "Editor 3" for "Editor 2"."""
    name, _, number = label.rpartition(" ")
    if name and number.isdecimal():
        return f"{name} {int(number) + 1}"
    return f"{label} 2"
