"""The sandbox stands alone: it imports nothing of the product, and nothing of the product imports it."""

import ast
import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
APPS = ("accounts", "adminpanel", "billing", "config", "credits", "objects", "orchestration")


def imports(path: Path) -> set[str]:
    """Return the full names of the modules that a file imports."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names |= {f"{node.module}.{alias.name}" for alias in node.names}
    return names


def test_sandbox_imports_nothing_of_the_product() -> None:
    found = {name for path in (ROOT / "billing/sandbox").rglob("*.py") for name in imports(path)}
    of_ours = {name for name in found if name.partition(".")[0] in APPS}

    assert of_ours
    assert {name for name in of_ours if not name.startswith("billing.sandbox")} == set()
    assert not {name for name in found if name.partition(".")[0] in ("stripe", "djstripe", "rest_framework")}


def test_product_does_not_import_the_sandbox() -> None:
    own = ROOT / "billing/sandbox"
    files = [path for app in APPS for path in (ROOT / app).rglob("*.py") if not path.is_relative_to(own)]

    assert len(files) > 300
    assert [path for path in files if any(name.startswith("billing.sandbox") for name in imports(path))] == []


def test_product_knows_nothing_of_a_sandbox() -> None:
    """With real keys nothing changes but the environment: outside of settings no code speaks of a sandbox."""
    outside = [
        path.relative_to(ROOT)
        for folder in (*APPS, "templates", "static")
        for kind in ("*.py", "*.html", "*.js")
        for path in (ROOT / folder).rglob(kind)
        if not path.is_relative_to(ROOT / "billing/sandbox") and "vendor" not in path.parts
    ]
    speaking = {
        str(path)
        for path in outside
        if re.search("sandbox|sk_test|12111", (ROOT / path).read_text(), re.IGNORECASE)
    }
    of_stripe = {path for path in speaking if not path.startswith(("config/devserver/", "config/settings/"))}

    assert len(outside) > 400
    assert "config/devserver/stripe.py" in speaking
    assert of_stripe == {"objects/importing/worker.py"}  # its own: the box in which uploads are opened
