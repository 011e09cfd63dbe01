"""Celery: the broker is a doorbell, PostgreSQL owns what must still run."""

from celery.schedules import crontab

from config.settings.env import env
from orchestration.runtime.timing import RING_SECONDS

_redis = env.str("REDIS_URL", default="redis://localhost:6379/0")


def _broker_url(url: str) -> str:
    """Celery's spelling of `url`: kombu knows a unix socket as redis+socket:// with a virtual host."""
    if url.startswith("unix://"):
        path, _, _query = url.removeprefix("unix://").partition("?")
        return f"redis+socket://{path}?virtual_host=1"
    return url


CELERY_BROKER_URL = env.str("CELERY_BROKER_URL", default=_broker_url(_redis))
CELERY_TASK_SERIALIZER = "json"
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_CANCEL_LONG_RUNNING_TASKS_ON_CONNECTION_LOSS = True
CELERY_WORKER_SOFT_SHUTDOWN_TIMEOUT = 30.0
CELERY_TASK_TIME_LIMIT = 30 * 60
CELERY_TASK_SOFT_TIME_LIMIT = 28 * 60
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_TRANSPORT_OPTIONS = {
    "visibility_timeout": 3600,  # above every task's time limit: a redelivered long task would run twice
    "unacked_restore_interval": 5,
    "unacked_restore_throttle": 1,
    # Who rings while the broker is down answers all the same, at once: the turn is rung for again.
    "socket_timeout": 1.2,
    "socket_connect_timeout": 1,
    "max_retries": 1,
    "interval_start": 0,
    "interval_step": 0,
    "interval_max": 0,
}
CELERY_TASK_PUBLISH_RETRY_POLICY = {
    "max_retries": 1,
    "interval_start": 0,
    "interval_step": 0.1,
    "interval_max": 0.2,
}
CELERY_TASK_DEFAULT_QUEUE = "batch"
CELERY_TIMEZONE = "UTC"
CELERY_WORKER_HIJACK_ROOT_LOGGER = False

CELERY_TASK_ROUTES = {
    "orchestration.tasks.run_turn": {"queue": "interactive"},
    "orchestration.tasks.ring_runnable": {"queue": "interactive"},
    "orchestration.tasks.wake_paid": {"queue": "interactive"},
    # What asks Stripe: no more than a few at a time, however many workers listen (billing/errands.py).
    "billing.tasks.apply_events": {"queue": "billing"},
    "billing.tasks.compare_events": {"queue": "billing"},
    "billing.tasks.compare_objects": {"queue": "billing"},
    "billing.tasks.keep_payments": {"queue": "billing"},
    "billing.tasks.learn_fee": {"queue": "billing"},
    "billing.tasks.tell_stripe": {"queue": "billing"},
    "billing.tasks.undo_surplus": {"queue": "billing"},
}
CELERY_BEAT_SCHEDULE = {
    # A ring that nobody heard in time is not worth hearing: the next one comes.
    "ring-runnable-turns": {
        "task": "orchestration.tasks.ring_runnable",
        "schedule": RING_SECONDS,
        "options": {"expires": RING_SECONDS},
    },
    "release-dead-holds": {"task": "orchestration.tasks.release_dead_holds", "schedule": 60.0},
    "credits-keep-ledger": {"task": "credits.tasks.keep_ledger", "schedule": 60.0},
    "credits-reset-months": {
        "task": "credits.tasks.reset_months",
        "schedule": 60.0,
        "options": {"expires": 60.0},
    },
    "credits-verify-ledger": {"task": "credits.tasks.verify_ledger", "schedule": crontab(hour=2, minute=40)},
    "billing-keep-plans": {"task": "billing.tasks.keep_plans", "schedule": 600.0},
    "billing-keep-payments": {"task": "billing.tasks.keep_payments", "schedule": 600.0},
    "billing-settle-debts": {"task": "billing.tasks.settle_debts", "schedule": 60.0},
    "billing-flush-bandwidth": {"task": "billing.tasks.flush_bandwidth", "schedule": 300.0},
    "billing-apply-events": {
        "task": "billing.tasks.apply_events",
        "schedule": 60.0,
        "options": {"expires": 60.0},
    },
    "billing-compare-events": {"task": "billing.tasks.compare_events", "schedule": crontab(minute=25)},
    "billing-compare-objects": {
        "task": "billing.tasks.compare_objects",
        "schedule": crontab(hour=4, minute=5),
    },
    "billing-prune-events": {"task": "billing.tasks.prune_events", "schedule": crontab(hour=3, minute=40)},
    "objects-meter-storage": {"task": "objects.tasks.meter_storage", "schedule": crontab(minute=50)},
    "accounts-send-mails": {
        "task": "accounts.tasks.send_mails",
        "schedule": 30.0,
        "options": {"expires": 30.0},
    },
    "accounts-prune": {"task": "accounts.tasks.prune", "schedule": crontab(minute=10)},
    "objects-prune": {"task": "objects.tasks.prune", "schedule": crontab(hour=3, minute=20)},
}
