"""The journey that docs/api.md documents, run as it stands there."""

import os
import re
import subprocess
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import pytest

from accounts.models import User
from credits.models import Entry
from orchestration.models import Session
from tests.e2e.test_first_day import comp_to_pro
from tests.support.manuscript import chapter, docx_of
from tests.support.people import PASSWORD

pytestmark = pytest.mark.timeout(240)
EMAIL = "carla@example.com"
DOCS = Path(__file__).resolve().parents[2] / "docs" / "api.md"
_MAIL = "<!-- here the address is read from the mail -->"
_RESUME = 'json "$BASE/api/v1/sessions/$SESSION/resume"'


def commands() -> tuple[str, str, str]:
    """Return the documented commands: up to the mail, the proof of the address, and the rest."""
    before, after = DOCS.read_text().split(_MAIL)
    first = re.findall(r"```bash\n(.*?)```", before, re.DOTALL)
    rest = re.findall(r"```bash\n(.*?)```", after, re.DOTALL)
    return "\n".join(first), rest[0], "\n".join(rest[1:])


def link_in_the_mailbox(url: str) -> str:
    inbox = httpx.get(f"{url}/mailbox/").text
    mail = re.search(r'href="(/mailbox/[^"]+/)"', inbox)
    assert mail, inbox
    body = httpx.get(url + mail[1]).text
    found = re.search(r"http[^\s\"<]*confirm-email/[^\s\"<]+", body)
    assert found, body
    return found[0].replace("&amp;", "&")


def run(script: str, **variables: str) -> str:
    done = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", script],
        env={**os.environ, **variables},
        capture_output=True,
        text=True,
        timeout=200,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_documented_journey(live_stack, tmp_path: Path) -> None:
    live_stack.pace(400)  # slow enough to be paused
    file = tmp_path / "chapter.docx"
    file.write_bytes(docx_of(chapter(1500)))
    jar = tmp_path / "jar"
    variables = {"BASE": live_stack.url, "EMAIL": EMAIL, "PASSWORD": PASSWORD, "FILE": str(file)}
    opening, proof, rest = commands()
    keep = opening.replace("JAR=$(mktemp)", f"JAR={jar}")
    run(keep, **variables)
    helpers = "\n".join(line for line in keep.splitlines() if not line.startswith(("curl", "  --data")))
    run(f"{helpers}\n{proof}", LINK=link_in_the_mailbox(live_stack.url), **variables)
    comp_to_pro(EMAIL)

    assert rest.count(_RESUME) == 1
    rest = rest.replace(_RESUME, f'touch "$PAUSED"; until [ -e "$FASTER" ]; do sleep 0.1; done\n{_RESUME}')
    paused, faster = tmp_path / "paused", tmp_path / "faster"
    with ThreadPoolExecutor(1) as aside:
        journey = aside.submit(run, f"{helpers}\n{rest}", PAUSED=str(paused), FASTER=str(faster), **variables)
        try:
            live_stack.wait(lambda: paused.exists() or journey.done(), "the session to be paused")
            live_stack.pace(0)  # the rest need not be seen while it happens
        finally:
            faster.touch()
        said = journey.result()

    user, session = User.objects.get(email=EMAIL), Session.objects.get()
    assert session.status == "completed"
    assert "event: done" in said
    settled = -sum(Entry.objects.of(user).filter(kind="settle").values_list("amount", flat=True))
    assert f"spent: {session.spent}\n" in said
    assert settled == session.spent >= 1
    assert "And the lamp was lit again." in session.document.body
