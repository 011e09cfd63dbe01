"""The plain resources, through the official SDK: what is sent comes back, in the SDK's own shapes."""

from tests.billing.sandbox.shapes import assert_shape
from tests.support.stripe import StripeSandbox


def test_customer_has_a_clock_of_their_own_and_the_sdk_shape(stripe_sandbox: StripeSandbox) -> None:
    customers = stripe_sandbox.client.v1.customers
    customer = customers.create({"email": "alice@example.com", "metadata": {"atelier_user": "7"}}).to_dict()

    assert customer["email"] == "alice@example.com"
    assert customer["metadata"] == {"atelier_user": "7"}
    assert customer["test_clock"].startswith("clock_")
    assert customers.retrieve(customer["id"]).to_dict() == customer
    assert_shape(customer)
