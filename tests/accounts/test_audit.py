"""The audit log: every act of an operator once, with its reason; never changed; only read."""

import pytest
from django.contrib.auth.models import Permission
from django.db import IntegrityError, connection

from accounts import audit
from accounts.models import AuditEntry, User
from accounts.services.suspension import suspend
from billing.models import Plan
from billing.provisioning import comp_plan, end_comp
from config.common.clock import now
from tests.billing.people import comp
from tests.support.people import client_for, open_account, open_operator, operator_client

pytestmark = pytest.mark.django_db

LOG = "/admin/accounts/auditentry/"


def write(actor, subject, reason="Because of a test"):
    """One entry."""
    return audit.write(act="user.looked_at", subject=subject, user_id=subject.pk, actor=actor, reason=reason)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE accounts_auditentry SET reason = 'another'",
        "DELETE FROM accounts_auditentry",
        "TRUNCATE accounts_auditentry",
    ],
)
def test_what_was_written_stays(alice, olga, statement):
    write(olga, alice)
    with connection.cursor() as cursor, pytest.raises(IntegrityError, match="the audit log is append-only"):
        cursor.execute(statement)


def test_an_act_needs_its_reason(alice, olga):
    with pytest.raises(IntegrityError, match="accounts_auditentry_reason_given"):
        write(olga, alice, reason="")


def test_an_act_outside_a_request_has_no_address(alice, olga):
    assert write(olga, alice).address is None


def test_an_act_in_the_admin_has_the_operators_address(operators, olga, alice):
    chosen = {"action": "suspend_users", "_selected_action": str(alice.pk), "reason": "Sends spam"}
    operators.post("/admin/accounts/user/", chosen, REMOTE_ADDR="203.0.113.9")
    entry = AuditEntry.objects.get(act="user.suspended")
    assert (entry.actor_id, entry.user_id, entry.reason) == (olga.pk, alice.pk, "Sends spam")
    assert (entry.before, entry.after) == ({"active": True}, {"active": False})
    assert entry.address == "203.0.113.9"
    operators.post("/admin/accounts/user/", {**chosen, "action": "unsuspend_users"})
    assert AuditEntry.objects.filter(user_id=alice.pk).order_by("id").last().act == "user.let_in"


def test_a_plan_that_is_given_and_taken_back_is_two_acts(alice, olga):
    given = comp(alice, "pro", actor=olga)
    end_comp(user=alice, actor=olga, reason="It was a mistake")
    acts = AuditEntry.objects.filter(user_id=alice.pk).order_by("id")
    assert [(act.act, act.actor_id, act.subject_id) for act in acts] == [
        ("plan.comped", olga.pk, str(given.pk)),
        ("plan.comp_ended", olga.pk, str(given.pk)),
    ]
    assert acts[1].reason == "It was a mistake"
    assert acts[1].after == {"plan": "Free, version 1"}


def test_what_fails_is_not_written(alice, olga):
    plan = Plan.objects.get(code="pro")
    with pytest.raises(Exception, match="The plan was not given"):
        comp_plan(user=alice, plan=plan, until=now(), actor=olga, reason="too late")
    assert not AuditEntry.objects.exists()


def test_an_erased_operators_acts_stay(alice):
    otto = open_operator("otto")
    entry, otto_id = write(otto, alice), otto.pk
    otto.delete()
    entry.refresh_from_db()
    assert entry.actor_id == otto_id
    assert AuditEntry.objects.with_names().get(pk=entry.pk).actor_email is None


class TestThePage:
    """The log in the admin."""

    def test_it_shows_who_did_what_to_whom_and_why(self, operators, olga, alice):
        entry = write(olga, alice, reason="<img src=x>")
        for url in (LOG, f"{LOG}{entry.pk}/change/"):
            page = operators.get(url).content.decode()
            for words in ("olga@example.com", "alice@example.com", "user.looked_at", "&lt;img src=x&gt;"):
                assert words in page

    def test_nobody_adds_changes_or_deletes(self, operators, olga, alice):
        entry = write(olga, alice)
        assert operators.get(f"{LOG}add/").status_code == 403
        assert operators.post(f"{LOG}{entry.pk}/change/", {"reason": "x"}).status_code == 403
        assert operators.post(f"{LOG}{entry.pk}/delete/", {"post": "yes"}).status_code == 403
        assert AuditEntry.objects.get().reason == entry.reason

    def test_it_is_searched_by_either_person(self, operators, olga, alice, bob):
        write(olga, alice)
        write(open_operator("otto"), bob)
        page = operators.get(LOG, {"q": "OTTO"}).content.decode()
        assert "bob@example.com" in page
        assert "alice@example.com" not in page
        assert "alice@example.com" in operators.get(LOG, {"q": "alice@"}).content.decode()

    def test_only_who_may_read_it_does(self, db):
        clerk = open_operator("clerk")
        User.objects.filter(pk=clerk.pk).update(is_superuser=False)
        clerk = User.objects.get(pk=clerk.pk)
        assert operator_client(clerk).get(LOG).status_code == 403
        clerk.user_permissions.set(Permission.objects.filter(codename="view_auditentry"))
        assert operator_client(User.objects.get(pk=clerk.pk)).get(LOG).status_code == 200
        assert client_for(open_account("dora")).get(LOG, follow=True).status_code == 403

    @pytest.mark.parametrize("rows", [1, 3])
    def test_it_asks_the_same_whatever_its_length(self, operators, olga, rows, django_assert_num_queries):
        for number in range(rows):
            write(olga, open_account(f"user{number}"))
        operators.get(LOG)
        with django_assert_num_queries(5):  # session, operator, acts to filter by, the capped count, the rows
            operators.get(LOG)


def test_suspending_by_a_program_is_no_operators_act(alice):
    suspend(user=alice)
    assert not AuditEntry.objects.exists()
