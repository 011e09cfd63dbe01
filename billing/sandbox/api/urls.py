"""Which path does what."""

from django.urls import URLPattern, path, re_path

from billing.sandbox.api import (
    account,
    catalogue,
    customers,
    payment_methods,
    portal,
    promotions,
    webhooks,
)
from billing.sandbox.api.operations import operations, unrecognised
from billing.sandbox.api.resources import listing, retrieve

CLOCK = "test_helpers/test_clocks"
CONFIGURATION = "billing_portal/configurations"

urlpatterns: list[URLPattern] = [
    path("account", operations(get=account.retrieve)),
    path("accounts/<str:id>", operations(get=account.retrieve)),
    path("customers", operations(get=customers.listed, post=customers.create)),
    path(
        "customers/<str:id>",
        operations(get=retrieve("customer"), post=customers.change, delete=customers.delete),
    ),
    path("customers/<str:id>/payment_methods", operations(get=payment_methods.of_customer)),
    path("customers/<str:id>/payment_methods/<str:method>", operations(get=payment_methods.one_of_customer)),
    path(CLOCK, operations(get=customers.listed_clocks, post=customers.create_clock)),
    path(f"{CLOCK}/<str:id>", operations(get=customers.retrieve_clock)),
    path(f"{CLOCK}/<str:id>/advance", operations(post=customers.advance_clock)),
    path("products", operations(get=catalogue.list_products, post=catalogue.create_product)),
    path(
        "products/<str:id>",
        operations(get=retrieve("product"), post=catalogue.change_product, delete=catalogue.delete_product),
    ),
    path("products/<str:id>/features", operations(get=catalogue.list_features)),
    path("prices", operations(get=catalogue.list_prices, post=catalogue.create_price)),
    path("prices/<str:id>", operations(get=retrieve("price"), post=catalogue.change_price)),
    path("coupons", operations(get=listing("coupon", "/v1/coupons"), post=promotions.create_coupon)),
    path(
        "coupons/<str:id>",
        operations(get=retrieve("coupon"), post=promotions.change_coupon, delete=promotions.delete_coupon),
    ),
    path("promotion_codes", operations(get=promotions.list_codes, post=promotions.create_code)),
    path("promotion_codes/<str:id>", operations(get=retrieve("promotion_code"), post=promotions.change_code)),
    path("payment_methods", operations(get=payment_methods.listed, post=payment_methods.create)),
    path(
        "payment_methods/<str:id>",
        operations(get=retrieve("payment_method"), post=payment_methods.change),
    ),
    path("payment_methods/<str:id>/attach", operations(post=payment_methods.attach)),
    path("payment_methods/<str:id>/detach", operations(post=payment_methods.detach)),
    path(CONFIGURATION, operations(get=portal.list_configurations, post=portal.create_configuration)),
    path(
        f"{CONFIGURATION}/<str:id>",
        operations(get=retrieve(portal.KIND), post=portal.change_configuration),
    ),
    path("billing_portal/sessions", operations(post=portal.create_session)),
    path(
        "webhook_endpoints",
        operations(get=listing("webhook_endpoint", "/v1/webhook_endpoints"), post=webhooks.create),
    ),
    path(
        "webhook_endpoints/<str:id>",
        operations(get=retrieve("webhook_endpoint"), post=webhooks.change, delete=webhooks.delete),
    ),
    path("events", operations(get=webhooks.list_events)),
    path("events/<str:id>", operations(get=retrieve("event"))),
    re_path(r"", unrecognised),
]
