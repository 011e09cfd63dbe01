"""How well estimates came true: quoted against taken, by week, model and shape, in one query."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from unfold.admin import ModelAdmin

from config.common import clock
from orchestration.models import Session

DAYS = 90
MOST = 25
"""How many models and shapes the page shows, those with the most runs."""
COLUMNS = ("Runs", "Bias", "Typical error", "Nine in ten within", "Inside the range", "Above the worst case",
           "Quoted", "Spent")  # fmt: skip
_WIDTH, _HEIGHT = 640, 160

_SQL = """
WITH runs AS (
    SELECT model_names, shape, team, measured_runs > 0 AS is_measured,
           date_trunc('week', completed_at) AS week,
           (used / tokens - 1)::float8 AS error,
           (spent BETWEEN low AND high)::int AS inside, spent > most AS beyond, expected, spent
    FROM orchestration_quote
    WHERE completed_at >= %s
)
SELECT CASE grouping(model_names, shape, week, is_measured)
           WHEN 15 THEN 'all' WHEN 7 THEN 'model' WHEN 11 THEN 'shape' WHEN 13 THEN 'week' ELSE 'basis'
       END,
       coalesce(model_names, CASE WHEN shape IS NOT NULL THEN max(team) END, ''),
       week, is_measured, count(*), coalesce(avg(error), 0),
       coalesce(percentile_cont(0.5) WITHIN GROUP (ORDER BY abs(error)), 0),
       coalesce(percentile_cont(0.9) WITHIN GROUP (ORDER BY abs(error)), 0),
       coalesce(avg(inside), 0)::float8, count(*) FILTER (WHERE beyond),
       coalesce(sum(expected), 0)::bigint, coalesce(sum(spent), 0)::bigint
FROM runs
GROUP BY GROUPING SETS ((), (model_names), (shape), (week), (is_measured))
ORDER BY count(*) DESC, week
"""


@dataclass(frozen=True, slots=True)
class Accuracy:
    """How runs compared with their quotes. Errors are shares of what was expected; `bias` has its sign.

    `quoted` and `spent` are credits in all; `beyond` counts runs above their worst case: none should be.
    """

    kind: str
    name: str
    week: datetime | None
    is_measured: bool | None
    runs: int
    bias: float
    p50: float
    p90: float
    inside: float
    beyond: int
    quoted: int
    spent: int

    @property
    def title(self) -> str:
        """What the row is about."""
        if self.kind != "basis":
            return self.name
        return "The owner's own history" if self.is_measured else "Reckoned from the text"

    @property
    def cells(self) -> list[str]:
        """Its figures in words, in the order of COLUMNS."""
        errors = [f"{self.bias:+.1%}", f"{self.p50:.1%}", f"{self.p90:.1%}", f"{self.inside:.0%}"]
        return [str(self.runs), *errors, str(self.beyond), str(self.quoted), str(self.spent)]


@dataclass(frozen=True, slots=True)
class Chart:
    """Typical and wide error by week as two lines of an SVG; `top` says what its upper edge stands for."""

    width: int
    height: int
    top: str
    p50: str
    p90: str
    points: list[dict[str, Any]]


def accuracy(model_admin: ModelAdmin, request: HttpRequest) -> HttpResponse:
    """Render the page."""
    if not model_admin.has_view_permission(request):
        raise PermissionDenied
    rows = measured()
    kinds = ("all", "model", "shape", "week", "basis")
    by_kind = {kind: [row for row in rows if row.kind == kind] for kind in kinds}
    context = {
        **model_admin.admin_site.each_context(request),
        "title": "Estimates",
        "opts": Session._meta,
        "days": DAYS,
        "most": MOST,
        "columns": COLUMNS,
        "figures": _figures(by_kind["all"]),
        "bases": by_kind["basis"],
        "models": by_kind["model"][:MOST],
        "shapes": by_kind["shape"][:MOST],
        "chart": chart(by_kind["week"]),
    }
    return TemplateResponse(request, "admin/orchestration/session/estimates.html", context)


def _figures(whole: Sequence[Accuracy]) -> list[dict[str, Any]]:
    """Return what stands above the tables; nothing where no run is known."""
    if not whole or not whole[0].runs:
        return []
    said = dict(zip(COLUMNS, whole[0].cells, strict=True))
    named = ("Runs", "Bias", "Typical error", "Inside the range", "Above the worst case")
    return [
        {"label": name, "value": said[name], "alarming": name == named[-1] and whole[0].beyond}
        for name in named
    ]


def measured() -> list[Accuracy]:
    """Return the accuracy of all completed runs of the last DAYS, and by model, shape, week and basis."""
    with connection.cursor() as cursor:
        cursor.execute(_SQL, [clock.now() - timedelta(days=DAYS)])
        return [Accuracy(*row) for row in cursor.fetchall()]


def chart(weeks: Sequence[Accuracy]) -> Chart | None:
    """Return the lines of `weeks`; None where there are fewer than two to join."""
    ordered = sorted((row for row in weeks if row.week), key=lambda row: row.week or clock.now())
    if len(ordered) < 2:
        return None
    top = max(0.1, *(row.p90 for row in ordered))
    step = _WIDTH / (len(ordered) - 1)
    xs = [f"{place * step:.1f}" for place in range(len(ordered))]
    return Chart(
        width=_WIDTH,
        height=_HEIGHT,
        top=f"{top:.0%}",
        p50=" ".join(f"{x},{_height(row.p50, top)}" for x, row in zip(xs, ordered, strict=True)),
        p90=" ".join(f"{x},{_height(row.p90, top)}" for x, row in zip(xs, ordered, strict=True)),
        points=[
            {"x": x, "y": _height(row.p50, top), "week": row.week, "row": row, "p50": f"{row.p50:.1%}"}
            for x, row in zip(xs, ordered, strict=True)
        ],
    )


def _height(share: float, top: float) -> str:
    return f"{_HEIGHT - share / top * _HEIGHT:.1f}"
