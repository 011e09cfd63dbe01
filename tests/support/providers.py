"""A scripted model server on loopback that speaks OpenAI's streaming protocol.

It keeps its own log of what it sent and counted, so that bills can be compared with it. Scripts say, per
call, what to answer and what goes wrong on the way.
"""

import json
import math
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

EVALUATION = '<evaluation>{"scores": {"quality": {"score": 7, "reason": "fine"}}}</evaluation>'


def writer_answer(document: str, score: int = 7) -> str:
    """Return a Writer's answer in the format."""
    scores = {name: {"score": score, "reason": "ok"} for name in ("clarity", "engagement", "completeness")}
    tail = f"<evaluation>{json.dumps({'scores': scores})}</evaluation>"
    return f"<document>\n{document}\n</document>\n<summary>Revised it.</summary>\n{tail}"


def editor_answer(*quotes: str, score: int = 7) -> str:
    """Return an editor's answer with one finding for each of `quotes`."""
    findings = [
        {"category": "style", "severity": "minor", "message": f"Look at {quote}", "quote": quote,
         "occurrence": 1, "suggestion": f"better {quote}"}
        for quote in quotes
    ]  # fmt: skip
    names = ("accuracy", "depth", "tone", "flow", "quality")
    scores = {name: {"score": score, "reason": "ok"} for name in names}
    tail = f"<evaluation>{json.dumps({'scores': scores})}</evaluation>"
    return f"It reads well.\n<findings>{json.dumps(findings)}</findings>\n{tail}"


def synthesizer_answer(*resolutions: dict[str, Any], score: int = 7) -> str:
    """Return a Synthesizer's answer with `resolutions`."""
    scores = {name: {"score": score, "reason": "ok"} for name in ("coherence", "prioritisation")}
    tail = f"<evaluation>{json.dumps({'scores': scores})}</evaluation>"
    return f"First things first.\n<resolutions>{json.dumps(resolutions)}</resolutions>\n{tail}"


@dataclass(frozen=True)
class Answer:
    """One scripted reply. Pieces are sent `delay` seconds apart."""

    text: str = ""
    status: int = 200
    delay: float = 0.0
    first_delay: float = 0.0
    break_after: int | None = None
    """Cut the connection after this many pieces."""
    hang_after: int | None = None
    """Say nothing more after this many pieces, until the server stops or the client leaves."""
    usage_factor: float = 1.0
    usage: tuple[int, int] | None = None
    """Count so many tokens read and written, whatever the texts' length."""
    tells_usage: bool = True
    headers: dict[str, str] = field(default_factory=dict)


@dataclass
class Received:
    """One request as the server saw it, and what it sent."""

    body: dict[str, Any]
    role: str
    sent: str = ""
    finished: bool = False
    client_left: bool = False
    tokens_in: int = 0
    tokens_out: int = 0
    at: float = field(default_factory=time.monotonic)


Script = Callable[[Received], Answer]


class ModelServer:
    """The running server: set `script`, read `log`."""

    def __init__(self) -> None:
        self.log: list[Received] = []
        self.script: Script = lambda received: Answer(default_answer(received.role))
        self.stopping = threading.Event()
        self._lock = threading.Lock()
        server = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def log_message(self, *args: Any) -> None:
                """Keep quiet."""

            def do_POST(self) -> None:
                body = json.loads(self.rfile.read(int(self.headers["content-length"])))
                server.reply(self, body)

        self._http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._http.daemon_threads = True
        self._http.handle_error = lambda *_: None  # type: ignore[method-assign]
        self._thread = threading.Thread(target=self._http.serve_forever, args=(0.05,), daemon=True)
        self._thread.start()

    @property
    def url(self) -> str:
        """The base address, as OPENAI_BASE_URL wants it."""
        return f"http://127.0.0.1:{self._http.server_address[1]}/v1"

    def roles(self) -> list[str]:
        """Return who asked, in order."""
        return [received.role for received in self.log]

    def stop(self) -> None:
        """Let go of hanging calls and stop."""
        self.stopping.set()
        self._http.shutdown()
        self._http.server_close()

    def reply(self, handler: BaseHTTPRequestHandler, body: dict[str, Any]) -> None:
        """Answer one call by the script."""
        received = Received(body, role_in(body))
        with self._lock:
            self.log.append(received)
        answer = self.script(received)
        if answer.status != 200:
            _send_json(handler, {"error": {"message": "scripted"}}, answer.status, answer.headers)
            return
        received.tokens_in = _tokens("\n\n".join(str(m["content"]) for m in body["messages"]))
        try:
            self._send(handler, body, answer, received)
        except OSError:
            received.client_left = True
            handler.close_connection = True

    def _send(self, handler: Any, body: dict[str, Any], answer: Answer, received: Received) -> None:
        handler.send_response(200)
        handler.send_header("content-type", "text/event-stream")
        handler.send_header("transfer-encoding", "chunked")
        handler.end_headers()
        time.sleep(answer.first_delay)
        pieces = _pieces(_without_prefix(answer.text, body))
        limit = body.get("max_tokens") or body.get("max_completion_tokens") or 10**9
        finish = "stop"
        for number, piece in enumerate(pieces):
            if number == answer.hang_after:
                self._hang(handler)
            if number == answer.break_after:
                handler.close_connection = True
                return
            if answer.usage_factor == 1 and _tokens(received.sent + piece) > limit:
                finish = "length"
                break
            _event(handler, body, {"content": piece})
            received.sent += piece
            received.tokens_out = math.ceil(_tokens(received.sent) * answer.usage_factor)
            time.sleep(answer.delay)
        received.tokens_in = math.ceil(received.tokens_in * answer.usage_factor)
        if answer.usage is not None:
            received.tokens_in, received.tokens_out = answer.usage
        _event(handler, body, {}, finish=finish)
        if answer.tells_usage:
            usage = {
                "prompt_tokens": received.tokens_in,
                "completion_tokens": received.tokens_out,
                "total_tokens": received.tokens_in + received.tokens_out,
            }
            _event(handler, body, None, usage=usage)
        _chunk(handler, b"data: [DONE]\n\n")
        handler.wfile.write(b"0\r\n\r\n")
        received.finished = True

    def _hang(self, handler: Any) -> None:
        while not self.stopping.wait(0.05):
            # A client that left is noticed by writing a comment to it.
            _chunk(handler, b": still here\n\n")
        raise ConnectionAbortedError


def default_answer(role: str) -> str:
    """Return a plain good answer of `role`."""
    if role == "writer":
        return writer_answer("A better text.")
    if role == "synthesizer":
        return synthesizer_answer()
    return editor_answer("text")


def by_role(**answers: Answer | str | list[Answer | str]) -> Script:
    """Return a script that answers each role by its own list, the last entry again and again."""
    queues = {role: list(given) if isinstance(given, list) else [given] for role, given in answers.items()}
    lock = threading.Lock()

    def script(received: Received) -> Answer:
        with lock:
            queue = queues.get(received.role) or [default_answer(received.role)]
            answer = queue.pop(0) if len(queue) > 1 else queue[0]
        return answer if isinstance(answer, Answer) else Answer(answer)

    return script


def slowed(script: Script, delay: float) -> Script:
    """Return `script` with `delay` seconds between pieces."""
    return lambda received: replace(script(received), delay=delay)


def role_in(body: dict[str, Any]) -> str:
    """Return the role that the prompt of `body` speaks to."""
    system = str(body["messages"][0]["content"])
    for words, role in (
        ("You are the Writer", "writer"),
        ("You are the Synthesizer", "synthesizer"),
        ("You are the Content Expert", "content_expert"),
        ("You are the Style Editor", "style_editor"),
    ):
        if words in system:
            return role
    return "editor"


@contextmanager
def model_server() -> Iterator[ModelServer]:
    """Run a server for the length of a `with`."""
    server = ModelServer()
    try:
        yield server
    finally:
        server.stop()


def _without_prefix(text: str, body: dict[str, Any]) -> str:
    """Return what is left of `text` after what the client says it has already."""
    written = [message["content"] for message in body["messages"] if message["role"] == "assistant"]
    return text.removeprefix(written[-1]) if written else text


def _tokens(text: str) -> int:
    return math.ceil(len(text.encode()) / 3.5)


def _pieces(text: str) -> list[str]:
    words = text.split(" ")
    return [word + " " for word in words[:-1]] + words[-1:]


def _event(
    handler: Any,
    body: dict[str, Any],
    delta: dict[str, Any] | None,
    finish: str | None = None,
    usage: dict[str, int] | None = None,
) -> None:
    choices = [] if delta is None else [{"index": 0, "delta": delta, "finish_reason": finish}]
    event = {
        "id": "scripted", "object": "chat.completion.chunk", "created": 1, "model": body["model"],
        "choices": choices, "usage": usage,
    }  # fmt: skip
    _chunk(handler, f"data: {json.dumps(event)}\n\n".encode())


def _chunk(handler: Any, data: bytes) -> None:
    handler.wfile.write(b"%x\r\n%s\r\n" % (len(data), data))
    handler.wfile.flush()


def _send_json(handler: Any, body: dict[str, Any], status: int, headers: dict[str, str]) -> None:
    data = json.dumps(body).encode()
    handler.send_response(status)
    handler.send_header("content-type", "application/json")
    handler.send_header("content-length", str(len(data)))
    for name, value in headers.items():
        handler.send_header(name, value)
    handler.end_headers()
    handler.wfile.write(data)
