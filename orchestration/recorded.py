"""A recorded session for the landing page: what the built-in team really said of the demo story."""

import json
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

FILE = Path(__file__).with_name("recorded.json")


@cache
def example() -> dict[str, Any]:
    """Return the recording in the shape that `templates/home/_example.html` shows."""
    recording: dict[str, Any] = json.loads(FILE.read_text())
    for entry in recording["statement"]:
        entry["at"] = datetime.fromisoformat(entry["at"])
    return recording
