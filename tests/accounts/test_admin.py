"""G08 and D09: who gets into the admin, and what operators can do to an account."""

import re
import time

import pytest
from allauth.mfa.totp.internal.auth import TOTP
from django.contrib import admin
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Permission
from django.urls import reverse

from accounts.models import User
from tests.support.people import PASSWORD, client_for, operator_client

USERS = "/admin/accounts/user/"


def admin_pages() -> list[str]:
    return ["/admin/", USERS, *[
        reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist")
        for model in admin.site._registry
    ]]  # fmt: skip


class TestTheDoor:
    """Nobody without a second factor sees a page of the admin."""

    def test_a_visitor_is_sent_to_the_studios_sign_in(self, db, client):
        for path in admin_pages():
            answer = client.get(path, follow=True)
            assert answer.redirect_chain[-1][0] == f"/accounts/login/?next={path}"

    def test_the_admin_has_no_sign_in_of_its_own(self, db, client):
        answer = client.post("/admin/login/", {"username": "x", "password": "y"})
        assert answer.url == "/accounts/login/?next=/admin/"

    def test_a_user_is_refused(self, alice, client_for):
        assert client_for(alice).get("/admin/", follow=True).status_code == 403

    def test_staff_without_a_second_factor_are_led_to_set_one_up(self, db):
        staff = User.objects.create_superuser("sam@example.com", PASSWORD)
        for path in admin_pages():
            answer = client_for(staff).get(path, follow=True)
            assert answer.redirect_chain[-1][0] == "/accounts/2fa/"
            assert "Operators need two-step sign-in" in answer.content.decode()

    def test_staff_with_one_come_in(self, operators):
        for path in admin_pages():
            answer = operators.get(path)
            assert answer.status_code == 200
            assert "frame-ancestors 'none'" in answer.headers["Content-Security-Policy"]
            directives = answer.headers["Content-Security-Policy"].split("; ")
            assert "script-src 'self' 'unsafe-eval'" in [one.rstrip(";") for one in directives]

    def test_an_idle_operator_proves_themselves_again(self, olga):
        client = operator_client(olga)
        session = client.session
        session["operator_seen"] = time.time() - 31 * 60
        session.save()
        answer = client.get(USERS)
        assert answer.url == "/accounts/reauthenticate/?next=%2Fadmin%2Faccounts%2Fuser%2F"
        client.post(f"/accounts/reauthenticate/?next={USERS}", {"password": PASSWORD})
        assert client.get(USERS).status_code == 200

    def test_a_way_out_of_the_site_is_not_followed(self, operators):
        assert operators.get("/admin/login/?next=https://evil.example/").url == "/admin/"


class TestUsers:
    """Found, read, suspended."""

    @pytest.mark.parametrize("rows", [1, 3])
    def test_the_list_costs_the_same_for_any_number(self, operators, rows, django_assert_num_queries):
        for number in range(rows):
            User.objects.create_user(f"n{number}@example.com")
        operators.get(USERS)
        with django_assert_num_queries(4):  # the operator, their second factor, the count, the rows
            operators.get(USERS)

    def test_search(self, operators, alice, charlie):
        page = operators.get(USERS, {"q": "charlie"}).content.decode()
        assert "charlie@example.com" in page
        assert "alice@example.com" not in page

    def test_a_user_is_read_without_secrets(self, operators, olga):
        page = operators.get(f"{USERS}{olga.pk}/change/").content.decode()
        assert "olga@example.com" in page
        assert olga.password not in page
        assert "password" not in inputs(page)
        assert olga.authenticator_set.get().data["secret"] not in page

    def test_only_names_and_roles_can_be_changed(self, operators, alice):
        page = operators.get(f"{USERS}{alice.pk}/change/").content.decode()
        assert inputs(page) == {"display_name", "time_zone", "is_staff", "is_superuser"}

    def test_a_role_is_not_for_mere_staff_to_give(self, db, alice):
        clerk = User.objects.create_user("clerk@example.com", PASSWORD, is_staff=True)
        clerk.user_permissions.set(Permission.objects.filter(codename__in=["view_user", "change_user"]))
        TOTP.activate(clerk, "A" * 32)
        client = operator_client(clerk)
        client.post(
            f"{USERS}{clerk.pk}/change/",
            {"display_name": "Clerk", "time_zone": "UTC", "is_superuser": "on", "is_staff": "on"},
        )
        clerk.refresh_from_db()
        assert clerk.is_superuser is False

    def test_nobody_is_added_or_deleted(self, operators, alice):
        assert operators.get(f"{USERS}add/").status_code == 403
        assert operators.get(f"{USERS}{alice.pk}/delete/").status_code == 403

    def test_suspension_asks_for_a_reason_and_keeps_it(self, operators, olga, alice, client_for):
        theirs = client_for(alice)
        choice = {"action": "suspend_users", "_selected_action": [str(alice.pk), str(olga.pk)]}

        asked = operators.post(USERS, choice)
        assert (asked.status_code, "alice@example.com" in asked.content.decode()) == (200, True)
        assert User.objects.get(pk=alice.pk).is_active
        assert operators.post(USERS, {**choice, "reason": " "}).status_code == 200
        assert User.objects.get(pk=alice.pk).is_active

        operators.post(USERS, {**choice, "reason": "Sells accounts"})
        assert not User.objects.get(pk=alice.pk).is_active
        assert User.objects.get(pk=olga.pk).is_active, "nobody shuts themselves out"
        assert theirs.get("/settings/").status_code == 302
        entry = LogEntry.objects.get(object_id=str(alice.pk))
        assert (entry.user, entry.get_change_message()) == (olga, "suspended: Sells accounts")

        operators.post(
            USERS, {"action": "unsuspend_users", "_selected_action": [str(alice.pk)], "reason": "A mistake"}
        )
        assert User.objects.get(pk=alice.pk).is_active

    def test_markup_in_a_name_is_text(self, operators, alice):
        """G10."""
        payload = "<img src=x onerror=alert(1)>"
        User.objects.filter(pk=alice.pk).update(display_name=payload)
        alice.avatars.update(display_name=payload, bio=payload)
        for path in (USERS, f"{USERS}{alice.pk}/change/"):
            assert payload not in operators.get(path).content.decode()


def inputs(page: str) -> set[str]:
    names = set(re.findall(r'name="([a-z_0-9]+)"', page))
    return {name for name in names if name in {field.name for field in User._meta.get_fields()}}
