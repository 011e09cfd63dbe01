"""What programs send and get about editorial sessions."""

from typing import Any

from rest_framework import serializers

from orchestration.models.session import MOST_ROUNDS
from orchestration.workflow.terms import FindingStatus, Role, Severity, Status, Tier, TurnStatus, Wish


class CriterionBody(serializers.Serializer[Any]):
    """A criterion of an agent and its weight."""

    name = serializers.CharField(max_length=40)
    weight = serializers.FloatField(min_value=0.01, max_value=100, default=1.0)


class SeatBody(serializers.Serializer[Any]):
    """One seat of the team."""

    role = serializers.ChoiceField(choices=Role.choices)
    label = serializers.CharField(max_length=60, required=False)  # type: ignore[assignment]
    provider = serializers.CharField(max_length=40, required=False)
    model = serializers.CharField(max_length=80, required=False)
    temperature = serializers.FloatField(min_value=0, max_value=2, required=False)
    instructions = serializers.CharField(max_length=4000, required=False, allow_blank=True)
    criteria = CriterionBody(many=True, required=False)


class ReferenceBody(serializers.Serializer[Any]):
    """Another document that the team may read, and what for."""

    document = serializers.UUIDField()
    instructions = serializers.CharField(max_length=500, required=False, allow_blank=True)


class NewSession(serializers.Serializer[Any]):
    """A session to create, or to estimate: on a document of yours, or on a text that becomes one.

    Describes the body; `orchestration.spec.read_spec` reads it, for pages and programs alike.
    """

    title = serializers.CharField(max_length=200, required=False, allow_blank=True)
    project = serializers.UUIDField(required=False, allow_null=True)
    document = serializers.UUIDField(required=False, allow_null=True)
    text = serializers.CharField(required=False, help_text="In place of a document")
    instructions = serializers.CharField(max_length=4000, required=False, allow_blank=True)
    roles = SeatBody(many=True, required=False, help_text="Left out: the usual team")
    max_rounds = serializers.IntegerField(min_value=1, max_value=MOST_ROUNDS, required=False)
    score_threshold = serializers.FloatField(min_value=0, max_value=10, required=False, allow_null=True)
    cap_credits = serializers.IntegerField(min_value=1, required=False, allow_null=True)
    approve_rounds = serializers.BooleanField(required=False)
    references = ReferenceBody(many=True, required=False)


class NewSessionFromFile(NewSession):
    """The same as a form, with a file that becomes the document; the rest as JSON in `settings`."""

    file = serializers.FileField(help_text="TXT, MD, DOCX or PDF")
    settings = serializers.JSONField(required=False, help_text="The fields of a session's body, as JSON")

    document = None  # type: ignore[assignment]
    text = None  # type: ignore[assignment]
    roles = None  # type: ignore[assignment]
    references = None  # type: ignore[assignment]


class CreditsBody(serializers.Serializer[Any]):
    """What a session has spent, holds now, and may spend at most."""

    held = serializers.IntegerField()
    spent = serializers.IntegerField()
    cap = serializers.IntegerField(allow_null=True)
    needed = serializers.IntegerField(
        allow_null=True, help_text="What the next step holds, while the session waits for credits"
    )


class SessionDocument(serializers.Serializer[Any]):
    """The document of a session."""

    id = serializers.UUIDField()
    title = serializers.CharField()
    version = serializers.IntegerField()
    revision = serializers.IntegerField()
    words = serializers.IntegerField()


class SessionBody(serializers.Serializer[Any]):
    """Where a session stands."""

    id = serializers.UUIDField()
    title = serializers.CharField()
    project = serializers.UUIDField(allow_null=True)
    status = serializers.ChoiceField(choices=Status.choices)
    wish = serializers.ChoiceField(choices=Wish.choices, help_text="What it was asked to do next")
    round = serializers.IntegerField()
    phase = serializers.IntegerField()
    phase_label = serializers.CharField()
    max_rounds = serializers.IntegerField()
    score_threshold = serializers.FloatField(allow_null=True)
    approve_rounds = serializers.BooleanField()
    reason_code = serializers.CharField()
    reason = serializers.CharField()
    credits = CreditsBody()
    document = SessionDocument()
    base_version = serializers.IntegerField(allow_null=True)
    created_at = serializers.DateTimeField()
    started_at = serializers.DateTimeField(allow_null=True)
    ended_at = serializers.DateTimeField(allow_null=True)


class ScoreBody(serializers.Serializer[Any]):
    """A score of 0 to 10 with its reason."""

    score = serializers.FloatField()
    reason = serializers.CharField()


class EvaluationBody(serializers.Serializer[Any]):
    """How a turn scored the text, and how well that could be read."""

    tier = serializers.ChoiceField(choices=Tier.choices, allow_blank=True)
    mean = serializers.FloatField(allow_null=True)
    scores = serializers.DictField(child=ScoreBody())


class TurnBody(serializers.Serializer[Any]):
    """One agent's work in one round."""

    id = serializers.UUIDField()
    role = serializers.ChoiceField(choices=Role.choices)
    label = serializers.CharField()  # type: ignore[assignment]
    position = serializers.IntegerField()
    provider = serializers.CharField()
    model = serializers.CharField()
    round = serializers.IntegerField()
    phase = serializers.IntegerField()
    status = serializers.ChoiceField(choices=TurnStatus.choices)
    attempt = serializers.IntegerField()
    outcome = serializers.CharField()
    reason = serializers.CharField()
    summary = serializers.CharField()
    evaluation = EvaluationBody()
    tokens_in = serializers.IntegerField()
    tokens_out = serializers.IntegerField()
    credits = serializers.IntegerField()
    version = serializers.IntegerField(allow_null=True)
    superseded = serializers.BooleanField()
    started_at = serializers.DateTimeField(allow_null=True)
    finished_at = serializers.DateTimeField(allow_null=True)
    text = serializers.CharField(help_text="What it wrote for people to read")


class FindingBody(serializers.Serializer[Any]):
    """An editor's remark on a passage, and what became of it."""

    id = serializers.UUIDField()
    turn = serializers.UUIDField()
    number = serializers.IntegerField()
    category = serializers.CharField()
    severity = serializers.ChoiceField(choices=Severity.choices)
    message = serializers.CharField()
    suggestion = serializers.CharField()
    quote = serializers.CharField()
    occurrence = serializers.IntegerField()
    version = serializers.IntegerField()
    start = serializers.IntegerField(allow_null=True)
    end = serializers.IntegerField(allow_null=True)
    status = serializers.ChoiceField(choices=FindingStatus.choices)
    resolution = serializers.CharField()
    merged_into = serializers.IntegerField(allow_null=True)


class SeatEstimateBody(serializers.Serializer[Any]):
    """What one agent is expected to take, and takes at most, in parts of credits: a run rounds up once."""

    role = serializers.ChoiceField(choices=Role.choices)
    label = serializers.CharField()  # type: ignore[assignment]
    model = serializers.CharField()
    multiplier = serializers.FloatField(help_text="What the model's tokens weigh")
    turns = serializers.IntegerField()
    expected = serializers.FloatField()
    worst_case = serializers.FloatField()


class EstimateBody(serializers.Serializer[Any]):
    """What a session would cost in credits, and whether it can start."""

    expected = serializers.IntegerField(help_text="In the mean")
    low = serializers.IntegerField(help_text="The low end of the range that four in five sessions keep to")
    high = serializers.IntegerField(help_text="The high end of it")
    worst_case = serializers.IntegerField(help_text="What the team can take at most")
    cap = serializers.IntegerField(allow_null=True, help_text="Where it pauses, whatever it may take")
    first_step = serializers.IntegerField(help_text="What Start holds")
    available = serializers.IntegerField()
    can_start = serializers.BooleanField()
    reason = serializers.CharField(allow_blank=True)
    code = serializers.CharField(allow_blank=True, help_text="The code Start would refuse with")
    details = serializers.DictField()
    tokens = serializers.IntegerField(help_text="Tokens of its largest request")
    measured_runs = serializers.IntegerField(
        help_text="Your earlier runs of this shape that the range was measured on; 0: reckoned, fewer than 10"
    )
    agents = SeatEstimateBody(many=True)


class NoteBody(serializers.Serializer[Any]):
    """A note to the team."""

    text = serializers.CharField(max_length=2000)


class CapBody(serializers.Serializer[Any]):
    """Another cap."""

    cap_credits = serializers.IntegerField(
        min_value=1, allow_null=True, help_text="The most it may spend in all; null: no cap"
    )


class ReviewBody(serializers.Serializer[Any]):
    """Which changes of a round are taken over; the others are undone."""

    number = serializers.IntegerField(
        min_value=1, max_value=2**31 - 1, help_text="The version that was reviewed: `number` of the review"
    )
    accepted = serializers.ListField(
        child=serializers.IntegerField(min_value=1, max_value=2**31 - 1),
        max_length=100_000,
        help_text="Numbers of changes, as `GET sessions/{id}/review` lists them",
    )


class RerunBody(serializers.Serializer[Any]):
    """The model that takes the turn again."""

    model = serializers.CharField(max_length=80)
