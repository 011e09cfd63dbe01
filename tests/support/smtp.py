"""A mail server of our own: speaks SMTP, keeps what it takes, refuses or hangs up as it is told."""

import socketserver
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any


class MailServer(socketserver.ThreadingTCPServer):
    """Takes mails on a port of this machine.

    `refuse_rcpt` and `refuse_data` are answers such as "451 later"; `hang_up` drops the connection instead
    of answering a taken mail; `taken` is called with each mail it took, before it says so.
    """

    allow_reuse_address = daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Dialogue)
        self.mails: list[EmailMessage] = []
        self.connections = 0
        self.refuse_rcpt = self.refuse_data = ""
        self.hang_up = False
        self.taken: Callable[[EmailMessage], Any] = lambda mail: None

    @property
    def port(self) -> int:
        """Where it listens."""
        return int(self.server_address[1])


class _Dialogue(socketserver.StreamRequestHandler):
    server: MailServer

    def handle(self) -> None:
        self.server.connections += 1
        self._say("220 ready")
        for line in self.rfile:
            verb = line[:4].upper().strip()
            if verb == b"QUIT":
                return self._say("221 bye")
            if verb == b"DATA":
                if not self._data():
                    return None
            elif verb == b"RCPT":
                self._say(self.server.refuse_rcpt or "250 ok")
            else:
                self._say("250 ok")
        return None

    def _data(self) -> bool:
        """Take a mail; False where the connection is dropped in place of an answer."""
        self._say("354 go on")
        lines = []
        for line in self.rfile:
            if line == b".\r\n":
                break
            lines.append(line[1:] if line.startswith(b"..") else line)
        if self.server.refuse_data:
            self._say(self.server.refuse_data)
            return True
        mail = message_from_bytes(b"".join(lines), policy=policy.default)
        self.server.mails.append(mail)  # type: ignore[arg-type]  # the policy makes it one
        self.server.taken(mail)  # type: ignore[arg-type]
        if self.server.hang_up:
            return False
        self._say("250 taken")
        return True

    def _say(self, text: str) -> None:
        self.wfile.write(f"{text}\r\n".encode())


@contextmanager
def mail_server() -> Iterator[MailServer]:
    """Run a mail server for the length of a `with`."""
    with MailServer() as server:
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
        try:
            yield server
        finally:
            server.shutdown()
