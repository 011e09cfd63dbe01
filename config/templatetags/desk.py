"""Template filters of the design system: numbers as a writer reads them, form controls with our classes."""

from decimal import Decimal
from functools import cache
from uuid import uuid4

from django import template
from django.conf import settings
from django.forms import BoundField, CheckboxInput, FileInput, Textarea
from django.http import HttpRequest
from django.template.loader import render_to_string
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.safestring import SafeString

from config.common.figures import count, dollars

register = template.Library()
register.filter(dollars)


@register.filter
def num(value: object) -> str:
    """Group thousands with a thin, unbreakable space (1 642); return what is not a number as it came."""
    if isinstance(value, bool) or not isinstance(value, int | float | Decimal):
        return "" if value is None else str(value)
    return count(value)


@register.filter
def control(field: BoundField) -> SafeString:
    """Render a form field's widget with the class of our inputs, keeping those it has."""
    widget = field.field.widget
    if isinstance(widget, CheckboxInput | FileInput):
        return field.as_widget()
    classes = f"input {widget.attrs.get('class', '')}".strip()
    grows = {"data-autosize": ""} if isinstance(widget, Textarea) else {}
    return field.as_widget(attrs={**grows, "class": classes})


@register.filter
def same_site(url: str | None, request: HttpRequest) -> str:
    """Return `url` if it is a page of this site, else the root: a referrer is the sender's to choose."""
    if url and url_has_allowed_host_and_scheme(url, {request.get_host()}, require_https=request.is_secure()):
        return url
    return "/"


@register.simple_tag
def attempt() -> str:
    """Return a number for one rendering of a form: sent twice with it, the form has one effect."""
    return uuid4().hex


@register.simple_tag
def fixed(name: str) -> str:
    """Include template `name`, which has no context: rendered once per process, each time with DEBUG."""
    return render_to_string(name) if settings.DEBUG else _rendered_once(name)


@cache
def _rendered_once(name: str) -> str:
    return render_to_string(name)
