"""Which path does what."""

from django.urls import URLPattern, path, re_path

from billing.sandbox.api import (
    account,
    catalogue,
    checkout,
    customers,
    invoices,
    payment_methods,
    payments,
    portal,
    promotions,
    subscriptions,
    webhooks,
)
from billing.sandbox.api.operations import operations, unrecognised
from billing.sandbox.api.resources import Handler, annotate, listing, retrieve
from billing.sandbox.api.searches import searching

SEARCHED = {
    "customers": "customer",
    "products": "product",
    "prices": "price",
    "subscriptions": "subscription",
    "invoices": "invoice",
    "payment_intents": "payment_intent",
    "charges": "charge",
}
CLOCK = "test_helpers/test_clocks"
CONFIGURATION = "billing_portal/configurations"


def _verbs(resource: str, **verbs: Handler) -> list[URLPattern]:
    """Return the paths of what can be done to one object, such as /v1/invoices/in_…/pay."""
    return [path(f"{resource}/<str:id>/{verb}", operations(post=verbs[verb])) for verb in verbs]


urlpatterns: list[URLPattern] = [
    *(
        path(f"{name}/search", operations(get=searching(SEARCHED[name], f"/v1/{name}/search")))
        for name in SEARCHED
    ),
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
    path("checkout/sessions", operations(get=checkout.listed, post=checkout.create)),
    path("checkout/sessions/<str:id>", operations(get=retrieve(checkout.KIND), post=checkout.change)),
    path("checkout/sessions/<str:id>/line_items", operations(get=checkout.line_items)),
    *_verbs("checkout/sessions", expire=checkout.expire),
    path("subscriptions", operations(get=subscriptions.listed, post=subscriptions.create)),
    path(
        "subscriptions/<str:id>",
        operations(get=retrieve("subscription"), post=subscriptions.change, delete=subscriptions.cancel),
    ),
    path("subscription_items", operations(get=subscriptions.list_items)),
    path(
        "subscription_items/<str:id>",
        operations(get=subscriptions.retrieve_item, post=subscriptions.change_item),
    ),
    path(
        "subscription_schedules",
        operations(
            get=listing("subscription_schedule", "/v1/subscription_schedules", "customer"),
            post=subscriptions.create_schedule,
        ),
    ),
    path(
        "subscription_schedules/<str:id>",
        operations(get=retrieve("subscription_schedule"), post=subscriptions.change_schedule),
    ),
    *_verbs(
        "subscription_schedules",
        release=subscriptions.release_schedule,
        cancel=subscriptions.cancel_schedule,
    ),
    path("invoices", operations(get=invoices.listed, post=invoices.create)),
    path("invoices/create_preview", operations(post=invoices.preview)),
    path(
        "invoices/<str:id>", operations(get=retrieve("invoice"), post=annotate("invoice", "invoice.updated"))
    ),
    path("invoices/<str:id>/lines", operations(get=invoices.lines)),
    *_verbs(
        "invoices",
        pay=invoices.pay,
        finalize=invoices.finalize,
        void=invoices.void,
        mark_uncollectible=invoices.mark_uncollectible,
    ),
    path(
        "invoiceitems",
        operations(
            get=listing("invoiceitem", "/v1/invoiceitems", "customer", "invoice"), post=invoices.create_item
        ),
    ),
    path("invoiceitems/<str:id>", operations(get=retrieve("invoiceitem"))),
    path("invoice_payments", operations(get=invoices.list_payments)),
    path("invoice_payments/<str:id>", operations(get=retrieve("invoice_payment"))),
    path("payment_intents", operations(get=listing("payment_intent", "/v1/payment_intents", "customer"))),
    path(
        "payment_intents/<str:id>",
        operations(get=retrieve("payment_intent"), post=annotate("payment_intent", None)),
    ),
    path("charges", operations(get=listing("charge", "/v1/charges", "customer", "payment_intent"))),
    path("charges/<str:id>", operations(get=retrieve("charge"), post=annotate("charge", "charge.updated"))),
    path("charges/<str:id>/refunds", operations(get=payments.refunds_of_charge)),
    path(
        "balance_transactions",
        operations(
            get=listing("balance_transaction", "/v1/balance_transactions", "source", "type", "currency")
        ),
    ),
    path("balance_transactions/<str:id>", operations(get=retrieve("balance_transaction"))),
    path(
        "refunds",
        operations(get=listing("refund", "/v1/refunds", "charge", "payment_intent"), post=payments.refund),
    ),
    path("refunds/<str:id>", operations(get=retrieve("refund"), post=annotate("refund", "refund.updated"))),
    path("disputes", operations(get=listing("dispute", "/v1/disputes", "charge", "payment_intent"))),
    path(
        "disputes/<str:id>",
        operations(get=retrieve("dispute"), post=annotate("dispute", "charge.dispute.updated")),
    ),
    *_verbs("disputes", close=payments.close_dispute),
    re_path(r"", unrecognised),
]
