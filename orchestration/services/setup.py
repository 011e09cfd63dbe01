"""Makes a session, not yet started."""

from django.db import transaction

from accounts.models import User
from config.common.errors import Invalid
from objects import services as documents
from objects.models import DocumentVersion
from orchestration import admission
from orchestration.models import Session, SessionReference, SessionRole
from orchestration.spec import SessionSpec


@transaction.atomic
def create_session(*, owner: User, spec: SessionSpec, service: str = "") -> Session:
    """Create a draft of what `spec` wants; a pasted text becomes a document first.

    `service` names what it was bought as: the plan's limits do not bound it then.

    Nothing is held or charged. Raises what creating a document raises, Invalid for a text that is missing,
    ReadOnly in a project beyond the plan.
    """
    document = spec.document
    if not service:
        admission.require_places(user=owner, spec=spec)
    if document is None:
        if not spec.text.strip() and not spec.instructions:
            raise Invalid("Choose, paste or upload a text, or say in the instructions what to write.")
        document = documents.create_document(
            owner=owner,
            project=spec.project,
            title=spec.title,
            body=spec.text,
            cause=DocumentVersion.Cause.CREATED,
        )
    session = Session.objects.create(
        owner=owner,
        project=spec.project,
        document=document,
        title=spec.title or document.title,
        service=service,
        instructions=spec.instructions,
        max_rounds=spec.max_rounds,
        score_threshold=spec.score_threshold,
        cap_credits=spec.cap_credits,
        approve_rounds=spec.approve_rounds,
    )
    for position, role in enumerate(spec.roles):
        SessionRole.objects.create(
            session=session,
            position=position,
            role=role.role,
            label=role.label,
            model=role.model,
            provider=role.provider,
            temperature=role.temperature,
            instructions=role.instructions,
            criteria=role.criteria,
        )
    for position, reference in enumerate(spec.references):
        SessionReference.objects.create(
            session=session,
            document=reference.document,
            instructions=reference.instructions,
            position=position,
        )
    return session
