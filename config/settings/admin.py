"""How the operators' admin looks."""

from typing import Any

from django.templatetags.static import static

# The studio's teal and paper, in the shades that Unfold asks for (space-separated RGB).
_SHADES = ("50", "100", "200", "300", "400", "500", "600", "700", "800", "900", "950")


def _scale(*shades: str) -> dict[str, str]:
    return dict(zip(_SHADES, shades, strict=True))


_TEAL = _scale(
    "240 249 247", "217 240 236", "178 223 216", "127 198 189", "74 166 156", "42 138 129",
    "26 111 104", "20 90 85", "16 70 67", "12 54 52", "6 32 31",
)  # fmt: skip
_PAPER = _scale(
    "250 248 244", "243 239 231", "229 223 211", "207 199 183", "160 150 134", "121 113 99",
    "93 86 75", "70 65 56", "46 42 37", "32 29 26", "21 19 17",
)  # fmt: skip

UNFOLD: dict[str, Any] = {
    "SITE_TITLE": "Atelier",
    "SITE_HEADER": "Atelier",
    "SITE_SUBHEADER": "Operators",
    "SITE_SYMBOL": "edit_note",
    "SITE_FAVICONS": [
        {"rel": "icon", "type": "image/svg+xml", "href": lambda request: static("icons/favicon.svg")}
    ],
    "SHOW_HISTORY": True,
    "SHOW_VIEW_ON_SITE": False,
    "BORDER_RADIUS": "6px",
    "COLORS": {"primary": _TEAL, "base": _PAPER},
    "SIDEBAR": {"show_search": True, "show_all_applications": False},  # its links: adminpanel.sections
}
