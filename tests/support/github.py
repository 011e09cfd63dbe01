"""A GitHub on this machine: the page on which somebody agrees, and the calls that signing in by it makes."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

AGREE = "/login/oauth/authorize"


def agreed(path: str) -> str:
    """Return where whoever agrees at once on GitHub's page is sent back to."""
    asked = {name: values[0] for name, values in parse_qs(urlsplit(path).query).items()}
    return f"{asked['redirect_uri']}?{urlencode({'code': 'c', 'state': asked['state']})}"


class GitHub:
    """Whoever `profile` and `emails` say has just agreed on GitHub's page."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.profile: dict[str, Any] = {}
        self.emails: list[dict[str, Any]] = []

    def is_(self, number: int, *addresses: tuple[str, bool], name: str = "Octo Cat") -> None:
        """Let user `number` agree, with addresses and whether GitHub has verified them."""
        public = addresses[0][0] if addresses else None
        self.profile = {"id": number, "login": f"octo{number}", "name": name, "email": public}
        self.emails = [
            {"email": email, "verified": verified, "primary": not index}
            for index, (email, verified) in enumerate(addresses)
        ]

    def answer(self, path: str) -> Any:
        return {
            "/login/oauth/access_token": {
                "access_token": "gho_x",
                "token_type": "bearer",
                "scope": "user:email",
            },
            "/api/v3/user": self.profile,
            "/api/v3/user/emails": self.emails,
        }[path]


@contextmanager
def serving() -> Iterator[GitHub]:
    """Serve a GitHub until the block ends."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.rfile.read(int(self.headers.get("Content-Length", 0)))
            if self.path.startswith(AGREE):
                self.send_response(302)
                self.send_header("Location", agreed(self.path))
                self.end_headers()
                return
            body = json.dumps(github.answer(self.path)).encode()
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        do_POST = do_GET

        def log_message(self, *args: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    github = GitHub(f"http://127.0.0.1:{server.server_port}")
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield github
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
