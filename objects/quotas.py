"""What a writer's plan leaves room for, counted here and judged by the entitlements."""

from django.db.models import Sum

from accounts.models import User
from billing import entitlements
from config.common.errors import DomainError
from objects.models import NarrativeObject, Project


def hold_still(user: User) -> None:
    """Make this user's counted acts wait for each other until the transaction ends."""
    User.objects.select_for_update(no_key=True).only("pk").get(pk=user.pk)


def projects_used(user: User) -> int:
    """Projects that take room in the plan; archived ones take none."""
    return Project.objects.filter(owner=user).current().count()


def objects_used(user: User) -> int:
    """Objects that take room in the plan; the trash takes none."""
    return NarrativeObject.objects.filter(owner=user).live().count()


def storage_used(user: User) -> int:
    """Bytes that everything of the user takes, the trash included."""
    return NarrativeObject.objects.filter(owner=user).aggregate(total=Sum("storage_bytes"))["total"] or 0


def require_project(user: User) -> None:
    """Raise Refused unless the plan has room for one more project."""
    hold_still(user)
    entitlements.require(user=user, limit="projects", used=projects_used(user))


def require_object(user: User) -> None:
    """Raise Refused unless the plan has room for one more object."""
    hold_still(user)
    entitlements.require(user=user, limit="objects", used=objects_used(user))


def require_words(user: User, words: int, *, before: int = 0, bought: int = 0) -> None:
    """Raise Refused when a text of `words` is too long for the plan and longer than `before` and `bought`.

    A text that is too long already (the plan was left, an agent wrote more) may be changed, and not grow.
    What was bought for one text beside the plan, such as its review, lets that one be so long.
    """
    if words <= max(before, bought):
        return
    entitlements.require(user=user, limit="words_per_document", used=words, adding=0)


def too_long(user: User, words: int) -> DomainError | None:
    """Return why a document of so many words cannot grow where the plan allows fewer; else None."""
    decision = entitlements.check(user=user, limit="words_per_document", used=words, adding=0)
    return entitlements.refusal(user=user, decision=decision) if decision.is_over else None


def require_storage(user: User, adding: int) -> None:
    """Raise Refused unless `adding` more bytes fit; freeing is always allowed."""
    if adding <= 0:
        return
    entitlements.require(user=user, limit="storage_bytes", used=storage_used(user), adding=adding)
