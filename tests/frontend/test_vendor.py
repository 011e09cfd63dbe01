"""What is vendored is listed with its version and stands beside its licence."""

import re

from tests.frontend import sources

VENDORED = [
    *sorted((sources.ROOT / "static/vendor").glob("*/")),
    *sorted((sources.ROOT / "static/fonts").glob("*/")),
]


def test_every_vendored_folder_has_its_licence() -> None:
    assert [
        folder.name for folder in VENDORED if folder.is_dir() and not (folder / "LICENSE").is_file()
    ] == []


def test_every_vendored_folder_is_listed() -> None:
    listed = (sources.ROOT / "static/vendor/README.md").read_text()
    assert [folder.name for folder in VENDORED if folder.is_dir() and f"/{folder.name}/" not in listed] == []


def test_nothing_is_fetched_from_elsewhere() -> None:
    for path in [*sources.CSS.glob("*.css"), *sources.JS.glob("*.js")]:
        assert re.findall(r"https?://|@import", path.read_text()) == []


def test_every_font_named_in_the_styles_is_there() -> None:
    named = re.findall(r'url\("\.\./fonts/([^"]+)"\)', sources.css("base.css"))
    assert len(named) == 6
    assert [name for name in named if not (sources.ROOT / "static/fonts" / name).is_file()] == []


def test_scripts_named_in_templates_are_there() -> None:
    named = {
        name
        for path in sources.templates()
        for name in re.findall(r"static '((?:js|css|vendor|icons|fonts)/[^']+)'", path.read_text())
    }
    assert [name for name in sorted(named) if not (sources.ROOT / "static" / name).is_file()] == []
