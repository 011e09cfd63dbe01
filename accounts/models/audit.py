"""The audit log: what operators did, to whom and why, for ever."""

from django.contrib.postgres.indexes import BrinIndex
from django.db import models
from django.db.models import Q

from accounts.models.user import User


class AuditQuerySet(models.QuerySet["AuditEntry"]):
    """The log, with the people in it by name."""

    def with_names(self) -> "AuditQuerySet":
        """Add `actor_email` and `user_email`; None for whoever has no account any more."""

        def address(column: str) -> models.Subquery:
            return models.Subquery(User.objects.filter(pk=models.OuterRef(column)).values("email")[:1])

        return self.annotate(actor_email=address("actor_id"), user_email=address("user_id"))


class AuditEntry(models.Model):
    """One act of an operator, or of the studio itself. The database refuses to change or delete it.

    People are named by their ids alone, without foreign keys: an erased account leaves its acts and no name.
    """

    id = models.BigAutoField(primary_key=True)
    at = models.DateTimeField()
    actor_id = models.UUIDField(null=True)
    """Who acted; none where the clock or the command line did."""
    act = models.CharField(max_length=40)
    subject_kind = models.CharField(max_length=40)
    subject_id = models.CharField(max_length=40)
    user_id = models.UUIDField(null=True)
    """Whose account it concerns, where it concerns one."""
    before = models.JSONField(default=dict)
    after = models.JSONField(default=dict)
    reason = models.CharField(max_length=500)
    address = models.GenericIPAddressField(null=True)

    objects = AuditQuerySet.as_manager()

    class Meta:
        verbose_name = "audit entry"
        verbose_name_plural = "audit log"
        constraints = [
            models.CheckConstraint(condition=~Q(reason=""), name="accounts_auditentry_reason_given"),
            models.CheckConstraint(condition=~Q(act=""), name="accounts_auditentry_act_named"),
        ]
        indexes = [
            models.Index(fields=["subject_kind", "subject_id"], name="accounts_audit_subject"),
            models.Index(fields=["user_id", "-id"], name="accounts_audit_user"),
            models.Index(fields=["actor_id", "-id"], name="accounts_audit_actor"),
            BrinIndex(fields=["at"], name="accounts_audit_at"),
        ]

    def __str__(self) -> str:
        return f"{self.act}, {self.at:%Y-%m-%d %H:%M}"
