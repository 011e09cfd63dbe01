"""The explorer's rows as a CSV file that no spreadsheet takes for formulas."""

import csv
import io
from collections.abc import Iterator

from django.http import HttpResponse

from adminpanel.explorer.asked import DIMENSIONS
from adminpanel.explorer.report import Figures, Report

_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def as_csv(found: Report) -> HttpResponse:
    """Return the rows, then the total, as a file named by what was asked for."""
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(
        [
            DIMENSIONS[found.asked.by], "Acts", "Tokens in", "Tokens out", "Credits",
            "Cost USD", "Revenue USD", "Margin USD",
        ]
    )  # fmt: skip
    writer.writerows(_lines(found))
    name = f"usage-by-{found.asked.by}-{found.asked.since}-to-{found.asked.until}.csv"
    return HttpResponse(
        text.getvalue(),
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"},
    )


def plain(text: str) -> str:
    """Return `text` so that a spreadsheet shows it and computes nothing."""
    return f"'{text}" if text.startswith(_FORMULA) else text


def _lines(found: Report) -> Iterator[list[object]]:
    for row in found.rows:
        name = row.value if found.asked.by == "day" else row.name
        yield [plain(name), *_figures(row.figures)]
    if found.is_cut:
        yield ["… more rows than the file holds; the total counts all of them", *[""] * 7]
    yield ["Total", *_figures(found.total)]


def _figures(figures: Figures) -> list[object]:
    known = figures.price is not None
    return [
        figures.acts,
        figures.tokens_in,
        figures.tokens_out,
        figures.credits,
        figures.cost_usd,
        figures.revenue_usd if known else "",
        figures.margin_usd if known else "",
    ]
