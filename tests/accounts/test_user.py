"""A user, and what opens with an account."""

import pytest
from allauth.account.models import EmailAddress
from django.db import IntegrityError, transaction

from accounts.models import Avatar, User
from accounts.signals import account_opened, email_verified

pytestmark = pytest.mark.django_db


@pytest.fixture
def heard():
    """The signals that were sent, with their users."""
    seen: list[tuple[str, User]] = []

    def opened(user, **kwargs):
        seen.append(("opened", user))

    def verified(user, **kwargs):
        seen.append(("verified", user))

    account_opened.connect(opened)
    email_verified.connect(verified)
    yield seen
    account_opened.disconnect(opened)
    email_verified.disconnect(verified)


def test_an_account_opens_with_one_primary_avatar(heard):
    user = User.objects.create_user("Ann@Example.com", display_name="Ann Lee")
    assert user.email == "ann@example.com"
    assert list(user.avatars.values_list("display_name", "is_primary")) == [("Ann Lee", True)]
    assert heard == [("opened", user)]


def test_an_avatar_is_named_after_the_address_where_there_is_no_name():
    assert User.objects.create_user("ann@example.com").avatars.get().display_name == "ann"


def test_saving_again_opens_nothing(heard):
    user = User.objects.create_user("ann@example.com")
    user.display_name = "Ann"
    user.save()
    assert user.avatars.count() == 1
    assert heard == [("opened", user)]


def test_an_operator_made_by_command_has_a_proven_address(heard):
    user = User.objects.create_superuser("root@example.com", "a very long passphrase")
    address = EmailAddress.objects.get(user=user)
    assert (address.email, address.verified, address.primary) == ("root@example.com", True, True)
    assert (user.is_staff, user.is_superuser) == (True, True)
    assert heard == [("opened", user), ("verified", user)]


def test_a_failing_receiver_leaves_no_account():
    def refuse(user, **kwargs):
        raise RuntimeError("no wallet")

    account_opened.connect(refuse)
    try:
        with pytest.raises(RuntimeError, match="no wallet"), transaction.atomic():
            User.objects.create_user("ann@example.com")
    finally:
        account_opened.disconnect(refuse)
    assert not User.objects.filter(email="ann@example.com").exists()
    assert Avatar.objects.count() == 0


def test_addresses_are_unique_whatever_their_case(alice):
    with pytest.raises(IntegrityError, match="accounts_user_email_key"), transaction.atomic():
        User.objects.create_user("ALICE@example.com")
    with pytest.raises(IntegrityError, match="accounts_user_email_lower_case"), transaction.atomic():
        User.objects.filter(pk=alice.pk).update(email="Alice@example.com")


def test_an_address_is_needed():
    with pytest.raises(ValueError, match="address"):
        User.objects.create_user("")
    with pytest.raises(IntegrityError, match="accounts_user_email_given"), transaction.atomic():
        User(email="").save()


def test_a_second_primary_avatar_is_refused_by_the_database(alice):
    with pytest.raises(IntegrityError, match="accounts_avatar_one_primary"), transaction.atomic():
        Avatar.objects.create(user=alice, display_name="Other", is_primary=True)
    Avatar.objects.create(user=alice, display_name="Other")


def test_an_avatar_has_a_name(alice):
    with pytest.raises(IntegrityError, match="accounts_avatar_named"), transaction.atomic():
        Avatar.objects.create(user=alice, display_name="")


@pytest.mark.parametrize(
    ("display_name", "email", "initials"),
    [("Ann Lee", "x@example.com", "AL"), ("", "jo.doe@example.com", "JD"), ("Zoë", "x@example.com", "Z")],
)
def test_initials(display_name, email, initials):
    assert User(email=email, display_name=display_name).initials == initials


def test_an_unknown_zone_reads_as_utc():
    assert User(time_zone="Europe/Vienna").zone.key == "Europe/Vienna"
    assert User(time_zone="Mars/Olympus").zone.key == "UTC"
