"""The API of editorial sessions: whatever the pages can do."""

import json
from collections.abc import Callable
from dataclasses import asdict
from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiExample, OpenApiParameter, extend_schema
from rest_framework import generics, status
from rest_framework.exceptions import ValidationError
from rest_framework.parsers import JSONParser, MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.idempotency import idempotent
from config.common.api import ErrorResponse
from config.common.limiting import costly
from config.common.pagination import CursorPage
from objects.api.fields import caller
from objects.models import Project
from objects.services import import_document
from orchestration import selectors, services
from orchestration.api.serializers import (
    CapBody,
    EstimateBody,
    FindingBody,
    NewSession,
    NewSessionFromFile,
    NoteBody,
    RerunBody,
    SessionBody,
    TurnBody,
)
from orchestration.estimates import estimate
from orchestration.models import Finding, Session, Turn
from orchestration.spec import read_spec
from orchestration.workflow.terms import Status

_EXAMPLE = OpenApiExample(
    "A team of four for three rounds",
    value={
        "title": "Chapter three",
        "document": "6f1c3f1e-7d5c-4d43-9f0e-0c2b9a1d8c11",
        "roles": [
            {"role": "writer", "model": "house"},
            {"role": "content_expert", "model": "house"},
            {"role": "style_editor", "model": "house"},
            {"role": "synthesizer", "model": "house"},
        ],
        "max_rounds": 3,
        "cap_credits": 20,
    },
    request_only=True,
)
_KEY = OpenApiParameter(
    "Idempotency-Key", str, OpenApiParameter.HEADER, description="Repeat it to repeat the request safely"
)


class _OldestFirst(CursorPage):
    """Pages in the order in which things happened."""

    ordering = ("created_at", "pk")


class _ByNumber(CursorPage):
    """Pages in the order of numbers."""

    ordering = ("number", "pk")


_BODIES = {"application/json": NewSession, "multipart/form-data": NewSessionFromFile}


def _body(request: Request) -> dict[str, Any]:
    """Return the body as `read_spec` takes it; a form sends what is not text as JSON in `settings`."""
    sent = request.data
    if not isinstance(sent, dict):
        raise ValidationError({"body": ["This is not a JSON object."]})
    data: dict[str, Any] = {key: sent[key] for key in sent if key not in {"file", "settings"}}
    settings = sent.get("settings")
    if settings:
        try:
            more = json.loads(settings) if isinstance(settings, str) else settings
        except ValueError:
            more = None
        if not isinstance(more, dict):
            raise ValidationError({"settings": ["This is not a JSON object."]})
        data.update(more)
    return data


def _session(request: Request, pk: UUID) -> Session:
    """Return a session that the caller may see; 404 otherwise."""
    return get_object_or_404(Session.objects.visible_to(caller(request)).select_related("document"), pk=pk)


def _state(session: Session, code: int = status.HTTP_200_OK) -> Response:
    return Response(selectors.session_state(session), status=code)


class _SessionRows(generics.ListAPIView[Session]):
    """Sessions as a list, newest first."""

    serializer_class = SessionBody
    queryset = Session.objects.none()

    def get_queryset(self) -> QuerySet[Session]:
        """The caller's, filtered by status."""
        wanted = self.request.query_params.get("status")
        if wanted and wanted not in Status.values:
            raise ValidationError({"status": ["There is no such status."]})
        found = Session.objects.visible_to(caller(self.request))
        found = found.select_related("document").with_held()
        return found.filter(status=wanted) if wanted else found

    def list(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """One page of sessions."""
        page = self.paginate_queryset(self.get_queryset()) or []
        return self.get_paginated_response([selectors.session_state(session) for session in page])


_STATUS = OpenApiParameter("status", str, enum=Status.values, description="Only those that stand so")


@costly
class SessionList(_SessionRows):
    """The caller's sessions."""

    parser_classes = (JSONParser, MultiPartParser)

    @extend_schema(operation_id="sessions_list", tags=["sessions"], parameters=[_STATUS])
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """List sessions, newest first."""
        return self.list(request)

    @extend_schema(
        operation_id="sessions_create",
        tags=["sessions"],
        parameters=[_KEY],
        request=_BODIES,
        responses={201: SessionBody, 422: ErrorResponse},
        examples=[_EXAMPLE],
    )
    @idempotent
    def post(self, request: Request) -> Response:
        """Create a draft; nothing is held or charged before it is started."""
        data = _body(request)
        if "file" in request.FILES:
            document, _ = import_document(owner=caller(request), file=request.FILES["file"])
            data["document"] = document
        session = services.create_session(
            owner=caller(request), spec=read_spec(owner=caller(request), data=data)
        )
        return _state(session, status.HTTP_201_CREATED)


class ProjectSessionList(_SessionRows):
    """The sessions of one project."""

    def get_queryset(self) -> QuerySet[Session]:
        """Only those of a project that the caller may see."""
        project = get_object_or_404(Project.objects.visible_to(caller(self.request)), pk=self.kwargs["pk"])
        return super().get_queryset().filter(project=project)

    @extend_schema(operation_id="projects_sessions_list", tags=["projects"], parameters=[_STATUS])
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """List the sessions of a project, newest first."""
        return self.list(request)


class SessionDetail(APIView):
    """One session."""

    @extend_schema(operation_id="sessions_retrieve", tags=["sessions"], responses=SessionBody)
    def get(self, request: Request, pk: UUID) -> Response:
        """Where the session stands."""
        return _state(_session(request, pk))


Verb = Callable[..., Session]
_ASKING = {"start", "resume"}
"""Verbs that ask agents to work; stopping them is possible whatever is away."""


def _verb(name: str, verb: Verb, says: str) -> type[APIView]:
    """Return the view of `POST sessions/{id}/<name>`: calls `verb`, answers with where the session stands."""

    class View(APIView):
        __doc__ = says

        @extend_schema(
            operation_id=f"sessions_{name}",
            tags=["sessions"],
            parameters=[_KEY],
            request=None,
            responses={200: SessionBody, 402: ErrorResponse, 403: ErrorResponse, 409: ErrorResponse},
            description=says,
        )
        @idempotent
        def post(self, request: Request, pk: UUID) -> Response:
            verb(session_id=pk, user=caller(request))
            return _state(_session(request, pk))

    View.__name__ = f"Session{name.title()}"
    return costly(View) if name in _ASKING else View


VERBS = {
    "start": _verb("start", services.start_session, "Start a draft: holds the first step's worst case."),
    "pause": _verb("pause", services.pause, "Ask the agents to stop within one token batch."),
    "resume": _verb("resume", services.resume, "Go on from the same place."),
    "stop": _verb("stop", services.stop, "End the session; everything written is kept."),
    "approve": _verb("approve", services.approve_round, "Accept the round that waits for review."),
    "reject": _verb("reject", services.reject_round, "Take back the round that waits for review."),
}
"""Views by the last part of their path."""


class SessionNote(APIView):
    """Notes to the team."""

    @extend_schema(
        operation_id="sessions_note", tags=["sessions"], request=NoteBody, responses={201: NoteBody}
    )
    def post(self, request: Request, pk: UUID) -> Response:
        """Leave a note for the turns that begin from now on."""
        body = NoteBody(data=request.data)
        body.is_valid(raise_exception=True)
        note = services.add_note(session_id=pk, user=caller(request), **body.validated_data)
        return Response({"text": note.text}, status=status.HTTP_201_CREATED)


class SessionCap(APIView):
    """The most a session may spend."""

    @extend_schema(
        operation_id="sessions_cap",
        tags=["sessions"],
        parameters=[_KEY],
        request=CapBody,
        responses={200: SessionBody, 409: ErrorResponse, 422: ErrorResponse, 429: ErrorResponse},
        examples=[OpenApiExample("At most 40 credits", value={"cap_credits": 40}, request_only=True)],
    )
    @idempotent
    def post(self, request: Request, pk: UUID) -> Response:
        """Give the session another cap: one that waits at its cap goes on from where it stopped.

        422 for a cap below what is spent and held, 409 for a session that has ended.
        """
        body = CapBody(data=request.data)
        body.is_valid(raise_exception=True)
        services.raise_cap(session_id=pk, user=caller(request), cap=body.validated_data["cap_credits"])
        return _state(_session(request, pk))


class TurnList(generics.ListAPIView[Turn]):
    """The turns of a session."""

    serializer_class = TurnBody
    pagination_class = _OldestFirst
    queryset = Turn.objects.none()

    @extend_schema(operation_id="sessions_turns_list", tags=["sessions"])
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """List turns in the order in which they were opened, with what they wrote."""
        turns = _session(request, kwargs["pk"]).turns.select_related("role")
        page = self.paginate_queryset(turns) or []
        return self.get_paginated_response([{**selectors.turn_state(t), "text": t.text} for t in page])


@costly
class TurnRerun(APIView):
    """A turn once more."""

    @extend_schema(
        operation_id="sessions_turns_rerun",
        tags=["sessions"],
        parameters=[_KEY],
        request=RerunBody,
        responses={200: SessionBody, 409: ErrorResponse},
    )
    @idempotent
    def post(self, request: Request, pk: UUID, turn: UUID) -> Response:
        """Run the last turn again, with another model."""
        get_object_or_404(_session(request, pk).turns, pk=turn)
        body = RerunBody(data=request.data)
        body.is_valid(raise_exception=True)
        services.rerun_turn(turn_id=turn, user=caller(request), model=body.validated_data["model"])
        return _state(_session(request, pk))


class FindingList(generics.ListAPIView[Finding]):
    """The findings of a session."""

    serializer_class = FindingBody
    pagination_class = _ByNumber
    queryset = Finding.objects.none()

    @extend_schema(operation_id="sessions_findings_list", tags=["sessions"])
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """List findings by number."""
        findings = _session(request, kwargs["pk"]).findings.select_related("merged_into")
        page = self.paginate_queryset(findings) or []
        return self.get_paginated_response([selectors.finding_state(finding) for finding in page])


@costly
class EstimateView(APIView):
    """What a session would cost."""

    parser_classes = (JSONParser,)

    @extend_schema(
        operation_id="credits_estimate",
        tags=["credits"],
        request=NewSession,
        responses=EstimateBody,
        examples=[_EXAMPLE],
    )
    def post(self, request: Request) -> Response:
        """Expected and worst-case credits of a session's body, and whether it can start. Changes nothing."""
        spec = read_spec(owner=caller(request), data=_body(request))
        return Response(asdict(estimate(owner=caller(request), spec=spec)))


class SessionEvents(APIView):
    """The live stream. Described here; the ASGI handler before Django serves it."""

    @extend_schema(
        operation_id="sessions_events",
        tags=["sessions"],
        parameters=[
            OpenApiParameter(
                "Last-Event-ID", int, OpenApiParameter.HEADER, description="Continue after this event"
            )
        ],
        responses={(200, "text/event-stream"): OpenApiTypes.STR},
    )
    def get(self, request: Request, pk: UUID) -> Response:
        """Follow a session as server-sent events: a snapshot, then every change, until `done`."""
        _session(request, pk)
        message = "This server has no live stream; run it under ASGI."
        return Response(
            {"error": {"code": "unavailable", "message": message, "details": {}}},
            status=status.HTTP_503_SERVICE_UNAVAILABLE,
        )
