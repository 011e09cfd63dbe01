"""The ledger in the operators' admin."""

from uuid import uuid4

import pytest
from django.contrib import admin

from config.common.paginator import CappedPaginator
from credits import ledger, metering
from credits.models import Entry, Hold, Lot, Metric, UsageRecord, Wallet
from tests.credits.books import fund, hold, ownerless_wallet
from tests.support.people import open_account

pytestmark = pytest.mark.django_db

ALL = (Wallet, Entry, Lot, Hold, UsageRecord)


@pytest.fixture
def history(alice):
    """Something in every list."""
    wallet = alice.wallet
    fund(wallet.pk, 40)
    held = hold(wallet.pk, 8, turn=1)
    moved = ledger.settle(hold_id=held.hold_id, amount=3, key="s")
    hold(wallet.pk, 5)
    metering.record(
        user_id=alice.pk,
        metric=Metric.LLM_CALL,
        quantity=1,
        credits=3,
        entry_id=moved.entry_id,
        reference=ledger.Reference("turn", uuid4()),
    )
    return wallet


def url(model, page="", *arguments):
    """An address in the admin."""
    path = f"/admin/credits/{model._meta.model_name}/"
    return path + "".join(f"{argument}/" for argument in arguments) + (f"{page}/" if page else "")


@pytest.mark.parametrize("model", ALL, ids=lambda model: model.__name__)
def test_every_list_page_and_search_opens(operators, history, model):
    assert operators.get(url(model)).status_code == 200
    assert operators.get(url(model, "change", model.objects.first().pk)).status_code == 200
    assert operators.get(url(model), {"q": "12345"}).status_code == 200
    assert operators.get(url(model), {"q": "not a number"}).status_code == 200


@pytest.mark.parametrize("model", ALL, ids=lambda model: model.__name__)
def test_the_ledger_is_only_read(operators, history, model):
    first = model.objects.first()
    assert operators.get(url(model, "add")).status_code == 403
    assert operators.post(url(model, "change", first.pk), {}).status_code == 403
    assert operators.post(url(model, "delete", first.pk), {"post": "yes"}).status_code == 403
    chosen = {"action": "delete_selected", "_selected_action": first.pk, "post": "yes"}
    operators.post(url(model), chosen)
    assert model.objects.filter(pk=first.pk).exists()


def test_a_wallet_is_found_by_its_owner_and_shows_what_it_holds(operators, history, alice):
    page = operators.get(url(Wallet), {"q": alice.email}).content.decode()
    assert f"/admin/accounts/user/{alice.pk}/change/" in page
    page = operators.get(url(Wallet, "change", history.pk)).content.decode()
    assert bytes(Wallet.objects.get(pk=history.pk).head).hex(" ", 4) in page
    assert "Open holds" in page


def test_parked_wallets_are_a_list(operators, history, bob):
    history.park(reason="I01: drifted")
    parked = operators.get(url(Wallet), {"parked": "yes"}).content.decode()
    sound = operators.get(url(Wallet), {"parked": "no"}).content.decode()
    assert f"/admin/credits/wallet/{history.pk}/" in parked
    assert f"/admin/credits/wallet/{history.pk}/" not in sound
    assert f"/admin/credits/wallet/{bob.wallet.pk}/" in sound


@pytest.mark.parametrize("model", ALL, ids=lambda model: model.__name__)
def test_search_finds_an_owner_and_nobody_else(operators, history, bob, model):
    metering.record(user_id=bob.pk, metric=Metric.LLM_CALL, quantity=1)
    fund(bob.wallet.pk, 9)
    hold(bob.wallet.pk, 3)
    text = operators.get(url(model), {"q": "ALICE@example"}).content.decode()
    assert "alice@example.com" in text
    assert "bob@example.com" not in text
    assert "@example.com</a>" not in operators.get(url(model), {"q": "nobody"}).content.decode()


def test_a_wallet_leads_to_its_records_alone(operators, history, bob):
    page = operators.get(url(Wallet, "change", history.pk)).content.decode()
    for model in (Entry, Lot, Hold):
        address = f"{url(model)}?wallet__id__exact={history.pk}"
        assert f'href="{address}"' in page
        text = operators.get(address).content.decode()
        assert "alice@example.com" in text
        assert "bob@example.com" not in text


def test_an_entry_names_its_cause_and_its_place_in_the_chain(operators, history):
    entry = Entry.objects.get(wallet=history, kind="settle")
    page = operators.get(url(Entry, "change", entry.pk)).content.decode()
    assert f"turn {entry.reference_id}" in page
    assert bytes(entry.hash).hex() in page
    assert f'href="{url(Hold, "change", entry.hold_id)}"' in page


def test_an_erased_accounts_records_are_still_shown(operators):
    fund(ownerless_wallet(), 5)
    for model in (Entry, Lot):
        assert "an erased account" in operators.get(url(model)).content.decode()
    assert operators.get(url(Wallet)).status_code == 200


@pytest.mark.parametrize("model", ALL, ids=lambda model: model.__name__)
@pytest.mark.parametrize("rows", [1, 3])
def test_lists_ask_the_same_whatever_their_length(operators, model, rows, django_assert_num_queries):
    for number in range(rows):
        user = open_account(f"user{number}")
        hold(user.wallet.pk, 3)
        metering.record(user_id=user.pk, metric=Metric.LLM_CALL, quantity=1)
    operators.get(url(model))
    with django_assert_num_queries(4):  # session, operator, the capped count, the rows
        operators.get(url(model))


@pytest.mark.parametrize("model", ALL, ids=lambda model: model.__name__)
def test_a_long_list_is_never_counted_whole(model):
    registered = admin.site._registry[model]
    assert not registered.show_full_result_count
    assert registered.paginator is CappedPaginator
