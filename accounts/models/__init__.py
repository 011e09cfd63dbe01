"""Models of accounts."""

from accounts.models.alert import Alert
from accounts.models.api_key import ApiKey
from accounts.models.audit import AuditEntry
from accounts.models.avatar import Avatar
from accounts.models.idempotency import IdempotencyRecord
from accounts.models.notification import Delivery, Notification
from accounts.models.user import User

__all__ = ["Alert", "ApiKey", "AuditEntry", "Avatar", "Delivery", "IdempotencyRecord", "Notification", "User"]
