"""Uploads from the door to Markdown, and what the door refuses (E03, E05, E06)."""

import io
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from config.common.errors import DomainError, Invalid, TooLarge, UnsupportedMedia
from objects.importing import names
from objects.importing.intake import extract
from objects.importing.limits import MB, Budget
from objects.importing.result import Extracted
from tests.objects import files


def read(name: str, data: bytes, max_bytes: int = 5 * MB, **more: Budget) -> Extracted:
    return extract(name=name, stream=io.BytesIO(data), max_bytes=max_bytes, **more)


@pytest.mark.parametrize(
    "encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp1252", "utf-32"]
)
def test_text_arrives_in_any_usual_encoding(encoding: str) -> None:
    text = "The café by the sea — “closed”.\n\nA second paragraph, to be sure of it."
    assert read("my_story.txt", text.encode(encoding)) == Extracted("my story", text, 14)


def test_markdown_takes_its_title_from_the_first_heading() -> None:
    assert read("x.md", b"# The *Keeper*\r\n\r\nText.").title == "The Keeper"


def test_docx_and_pdf_are_read() -> None:
    assert read("a.docx", files.archive()).markdown == "Hello"
    assert read("a.pdf", files.pdf([["Hello there."]])).markdown == "Hello there."


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("a.txt", b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>"),
        ("a.txt", b"<!DOCTYPE html><html><script>alert(1)</script>"),
        ("a.txt", b"\xef\xbb\xbf  \n<!-- hello --><HTML>"),
        ("a.txt", b"<?xml version='1.0'?><x/>"),
        ("a.txt", "<html>".encode("utf-16")),
        ("a.md", b"<script>alert(1)</script>"),
        ("a.md", b"<iframe src=x></iframe>"),
        ("a.md", b"<img src=x onerror=alert(1)>"),
        ("a.txt", files.pdf([["x"]])),
        ("a.txt", files.archive()),
        ("a.docx", files.pdf([["x"]])),
        ("a.docx", b"plain text"),
        ("a.docx", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1old word"),
        ("a.docx", b"{\\rtf1 hello}"),
        ("a.pdf", files.archive()),
        ("a.pdf", b"<html>%PDF-1.7"),
        ("a.pdf", b"GIF89a%PDF-1.7"),
        ("a.html", b"plain text"),
        ("a.exe", b"MZ\x90\x00"),
        ("a.txt", b"\x7fELF\x02\x01"),
        ("a.txt", b"\x89PNG\r\n\x1a\n"),
        ("a.txt", bytes(range(256)) * 8),
        ("noextension", b"plain text"),
        ("a.txt.svg", b"plain text"),
        (
            "a.docx",
            files.archive(
                types=files.CONTENT_TYPES.replace("wordprocessingml.document", "spreadsheetml.sheet")
            ),
        ),
    ],
    ids=lambda value: value if isinstance(value, str) else f"{len(value)} bytes",
)
def test_what_is_not_what_it_says_is_refused(name: str, data: bytes) -> None:
    with pytest.raises(UnsupportedMedia) as refused:
        read(name, data)
    assert refused.value.details["reason"] == "kind"


@pytest.mark.parametrize("data", [b"", b"  \n \n", "\ufeff".encode()])
def test_a_file_without_text_is_refused(data: bytes) -> None:
    with pytest.raises(Invalid):
        read("a.txt", data)


@pytest.mark.parametrize("name", ["a.docx", "a.pdf"])
def test_a_damaged_file_is_refused_with_advice(name: str) -> None:
    whole = files.archive(main="<w:document") if name == "a.docx" else files.pdf([["x"]])[:60]
    with pytest.raises(Invalid) as refused:
        read(name, whole)
    assert refused.value.details["reason"] == "broken"


def test_a_scanned_pdf_says_what_to_do() -> None:
    with pytest.raises(Invalid, match="text recognition"):
        read("a.pdf", files.pdf([[]]))


def test_the_stream_is_counted_whatever_it_claims() -> None:
    class Endless:
        given = 0

        def read(self, size: int = -1, /) -> bytes:
            self.given += size
            return b"x" * size

    endless = Endless()
    with pytest.raises(TooLarge):
        extract(name="a.txt", stream=endless, max_bytes=MB)
    assert endless.given < 2 * MB


@pytest.mark.timeout(60)
def test_a_pdf_that_never_ends_is_stopped_and_the_next_file_is_read() -> None:
    hurry = Budget(cpu_seconds=2, wall_seconds=6)
    for _ in range(2):
        started = time.perf_counter()
        with pytest.raises(Invalid) as refused:
            read("a.pdf", files.endless_pdf(), budget=hurry)
        assert refused.value.details["reason"] == "slow"
        assert time.perf_counter() - started < 7
    assert read("a.pdf", files.pdf([["Still here."]])).markdown == "Still here."


def test_wall_time_stops_a_worker_that_only_waits() -> None:
    with pytest.raises(Invalid) as refused:
        read("a.pdf", files.endless_pdf(), budget=Budget(wall_seconds=0.3))
    assert refused.value.details["reason"] == "slow"


@pytest.mark.slow
@pytest.mark.timeout(1800)
def test_fifty_endless_pdfs_leave_the_worker_alive() -> None:
    for _ in range(50):
        started = time.perf_counter()
        with pytest.raises(Invalid):
            read("a.pdf", files.endless_pdf())
        assert time.perf_counter() - started <= 31
    assert read("a.pdf", files.pdf([["Still here."]])).markdown == "Still here."


def test_memory_is_limited() -> None:
    text = b"a" * 40 * MB
    with pytest.raises(DomainError) as refused:
        read("a.txt", text, max_bytes=50 * MB, budget=Budget(memory=64 * MB))
    assert refused.value.details["reason"] in {"slow", "broken"}


@given(name=st.text(max_size=300))
@settings(max_examples=1000, deadline=None)
def test_any_file_name_is_shown_as_one_harmless_line(name: str) -> None:
    for raw in (name, f"../../{name}", f"..\\{name}\r\nSet-Cookie: x", f"\u202e{name}\x00.txt"):
        shown = names.safe_name(raw)
        assert len(shown) <= 120
        assert not set(shown) & set("/\\\r\n\x00\u202e\u200f")
        assert shown not in {".", ".."}
        title = names.title_from(raw)
        assert title
        assert title == title.strip()


@pytest.mark.parametrize(
    ("name", "shown", "title"),
    [
        ("../../etc/passwd.txt", "passwd.txt", "passwd"),
        ("C:\\temp\\My_first_novel.docx", "My_first_novel.docx", "My first novel"),
        ("a\r\nb\x00c.txt", "a b c.txt", "a b c"),
        ("\u202etxt.exe", "txt.exe", "txt"),
        ("x" * 400 + ".md", "x" * 117 + ".md", "x" * 117),
        (".md", "md", "md"),
        ("", "", "Untitled"),
    ],
)
def test_file_names_become_titles(name: str, shown: str, title: str) -> None:
    assert (names.safe_name(name), names.title_from(name)) == (shown, title)
