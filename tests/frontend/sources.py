"""Reads the front end's files for the tests that look at their text."""

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
CSS = ROOT / "static" / "css"
JS = ROOT / "static" / "js"
TEMPLATES = ROOT / "templates"
GALLERY = Path(__file__).parent / "gallery"

COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)
TOKEN = re.compile(r"^\s*(--[\w-]+):\s*([^;]+);", re.MULTILINE)


def css(name: str) -> str:
    """Return a style sheet without its comments."""
    return COMMENT.sub("", (CSS / name).read_text())


def sheets() -> list[str]:
    """Return the names of the style sheets other than the tokens."""
    return sorted(path.name for path in CSS.glob("*.css") if path.name != "tokens.css")


def tokens() -> dict[str, str]:
    """Return each token's first definition, by name."""
    found: dict[str, str] = {}
    for name, value in TOKEN.findall(css("tokens.css")):
        found.setdefault(name, value.strip())
    return found


def templates() -> list[Path]:
    """Return every template, the gallery's pages too."""
    return sorted([*TEMPLATES.rglob("*.html"), *TEMPLATES.rglob("*.txt"), *GALLERY.glob("*.html")])


def own_templates() -> list[Path]:
    """Return the templates of the design system itself: shell, components, signing in, landing, gallery."""
    own = {"components", "account", "mfa", "socialaccount", "usersessions", "allauth", "home", "gallery"}
    return [path for path in templates() if path.parent == TEMPLATES or own & set(path.parts)]
