"""The catalogue for operators: loaded as a whole, so that every change is a version."""

from typing import Any, cast

from django import forms
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from unfold.widgets import UnfoldAdminTextareaWidget

from accounts.models import User
from billing.amounts import dollars
from billing.catalogue.loading import load
from billing.catalogue.parsing import parse
from billing.catalogue.reading import CatalogueError
from billing.comparison import limit_figure
from billing.limits import FEATURES, LIMITS
from billing.models import AgentPrice, CatalogueVersion, ModelPrice, Plan, PlanTerms, Price, Product
from billing.pricing_table import current_economics
from config.common.operators import ReadOnlyAdmin, ReadOnlyInline


class CatalogueForm(forms.ModelForm):  # type: ignore[type-arg]
    """The text of a catalogue, and why it is loaded."""

    source = forms.CharField(
        label="Catalogue",
        strip=False,
        widget=UnfoldAdminTextareaWidget(attrs={"rows": 40, "spellcheck": "false"}),
        help_text="All of it, as TOML. A changed plan becomes a new version; subscribers keep theirs.",
    )
    reason = forms.CharField(max_length=300, widget=UnfoldAdminTextareaWidget(attrs={"rows": 2}))

    class Meta:
        model = CatalogueVersion
        fields = ["source", "reason"]

    def clean_source(self) -> str:
        """Refuse what would not load, with the path of the key; and what would change nothing."""
        source = str(self.cleaned_data["source"])
        try:
            checksum = parse(source).checksum
        except CatalogueError as error:
            raise forms.ValidationError(error.message) from error
        current = current_economics()
        if current is not None and current.checksum == checksum:
            raise forms.ValidationError("These figures are in force already; there is nothing to load.")
        return source


@admin.register(CatalogueVersion)
class CatalogueAdmin(ReadOnlyAdmin):
    """The catalogues that were loaded; adding one puts it in force."""

    list_display = ("title", "name", "is_current", "loaded_at", "actor", "reason")
    fields = (
        "title", "name", "is_current", "loaded_at", "actor", "reason", "checksum",
        "tokens_per_credit", "output_weight", "rollover_cap", "source",
    )  # fmt: skip

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Whoever may add one may change what everybody pays."""
        return request.user.has_perm("billing.add_catalogueversion")

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """Ask for text and reason; show everything of what was loaded."""
        return self.fields if obj else ("source", "reason")

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        """Start from the catalogue in force."""
        return super().get_form(request, obj, change, **({} if obj else {"form": CatalogueForm}), **kwargs)

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        """Start from the catalogue in force."""
        current = current_economics()
        return {"source": current.source if current else ""}

    def save_model(self, request: HttpRequest, obj: CatalogueVersion, form: Any, change: bool) -> None:
        """Load it in the operator's name."""
        load(source=obj.source, actor=cast(User, request.user), reason=obj.reason)
        obj.pk = CatalogueVersion.objects.get(is_current=True).pk
        obj.refresh_from_db()


class PriceInline(ReadOnlyInline):
    """What the terms cost."""

    model = Price
    fields = ("interval", "amount", "stripe_id")
    readonly_fields = ("amount",)

    @admin.display(description="USD")
    def amount(self, price: Price) -> str:
        """The amount as people write it."""
        return dollars(price.amount_cents)


@admin.register(PlanTerms)
class PlanTermsAdmin(ReadOnlyAdmin):
    """The versions of the plans' terms, with what each allows."""

    list_display = ("name", "version", "is_current", "credits_per_month", "subscribers", "published_at")
    list_filter = ("is_current", "plan")
    list_select_related = ("plan",)
    inlines = (PriceInline,)
    fields = (
        "plan", "version", "is_current", "name", "tagline", "credits_per_month",
        "trial_days", "trial_credits", "allowed", "included", "models", "catalogue", "published_at",
    )  # fmt: skip
    readonly_fields = ("allowed", "included", "models")

    def get_queryset(self, request: HttpRequest) -> QuerySet[PlanTerms]:
        """Count the subscribers in the same query."""
        return super().get_queryset(request).with_subscribers()

    @admin.display(description="Subscribers now")
    def subscribers(self, terms: PlanTerms) -> int:
        """How many users are on this version."""
        return terms.subscribers  # type: ignore[attr-defined]

    @admin.display(description="Limits")
    def allowed(self, terms: PlanTerms) -> str:
        """Every limit in words."""
        limits = terms.limits
        return "; ".join(
            f"{words.label}: {limit_figure(code, limits.of(code))}" for code, words in LIMITS.items()
        )

    @admin.display(description="Features")
    def included(self, terms: PlanTerms) -> str:
        """What is included."""
        return "; ".join(label for code, label in FEATURES.items() if terms.limits.has(code))

    @admin.display(description="Models")
    def models(self, terms: PlanTerms) -> str:
        """Which models may be used."""
        return "all" if terms.limits.models is None else ", ".join(terms.limits.models)


@admin.register(Plan)
class PlanAdmin(ReadOnlyAdmin):
    """The plans under their lasting names."""

    list_display = ("code", "rank", "is_free", "is_offered", "stripe_id")


@admin.register(ModelPrice)
class ModelPriceAdmin(ReadOnlyAdmin):
    """The models that may be used, what they weigh, and what their providers ask."""

    list_display = ("label", "name", "provider", "multiplier", "usd_in", "usd_out", "priced_on")
    list_filter = ("provider",)


@admin.register(AgentPrice)
class AgentPriceAdmin(ReadOnlyAdmin):
    """What agents cost."""

    list_display = ("name", "minimum_plan", "price", "adds_tokens")
    list_select_related = ("minimum_plan",)


@admin.register(Product)
class ProductAdmin(ReadOnlyAdmin):
    """What is bought once."""

    list_display = ("name", "code", "credits", "service", "amount", "is_offered", "at_stripe")

    @admin.display(description="USD")
    def amount(self, product: Product) -> str:
        """The price as people write it."""
        return dollars(product.price_cents)

    @admin.display(description="Can be bought", boolean=True)
    def at_stripe(self, product: Product) -> bool:
        """Whether Stripe has its price."""
        return product.stripe_price_id is not None
