"""On the running product: a notice that is committed reaches the mailbox by itself."""

from accounts.models import Delivery
from accounts.services.notifications import notify
from tests.support.people import open_account
from tests.support.sessions import wait_until


def test_the_worker_mails_what_is_committed(live_stack):
    alice = open_account("alice")
    notify(user=alice, kind="quota_80", cause="c:1", title="80 % are used", body="See what they went to.")
    wait_until(lambda: Delivery.objects.filter(state="sent").count() == 2, seconds=45)
    assert set(Delivery.objects.values_list("notification__kind", flat=True)) == {"welcome", "quota_80"}
