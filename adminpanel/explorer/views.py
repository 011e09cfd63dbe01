"""The explorer's page, and its rows as a file."""

from decimal import Decimal

from django.contrib.admin import AdminSite
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse

from adminpanel.explorer.asked import DIMENSIONS, read
from adminpanel.explorer.chart import Chart, chart
from adminpanel.explorer.export import as_csv
from adminpanel.explorer.report import EXPORTED, SHOWN, Report, report
from billing.amounts import count
from billing.models import ModelPrice
from config.common.clock import now
from credits.models import Metric

COLUMNS = ("Acts", "Tokens in", "Tokens out", "Credits charged", "Provider cost", "Revenue", "Margin")


def explore(site: AdminSite, request: HttpRequest) -> HttpResponse:
    """Show usage and cost as asked for; `format=csv` gives the rows as a file."""
    if not request.user.has_perm("credits.view_usagerecord"):
        raise PermissionDenied
    asked = read(request.GET, today=now().date())
    if request.GET.get("format") == "csv":
        return as_csv(report(asked, most=EXPORTED))
    found = report(asked)
    prices = list(ModelPrice.objects.values_list("name", "provider"))
    context = {
        **site.each_context(request),
        "title": "Usage and cost",
        "report": found,
        "asked": asked,
        "columns": (DIMENSIONS[asked.by], *COLUMNS),
        "ways": [(name, label, asked.query(by=name)) for name, label in DIMENSIONS.items()],
        "metrics": Metric.choices,
        "models": [name for name, _ in prices],
        "providers": sorted({provider for _, provider in prices}),
        "charts": _charts(found),
        "csv_query": asked.query(format="csv"),
        "shown": SHOWN,
    }
    return TemplateResponse(request, "admin/usage/explorer.html", context)


def _charts(found: Report) -> list[Chart]:
    names = [row.name for row in found.days]
    credits = [row.figures.credits for row in found.days]
    costs: list[Decimal] = [row.figures.cost_usd for row in found.days]
    return [
        chart("Credits charged a day", "credits", credits, names=names, words=[count(n) for n in credits]),
        chart("Provider cost a day", "USD", costs, names=names, words=[f"{cost:.2f}" for cost in costs]),
    ]
