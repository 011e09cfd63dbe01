"""What a file is, told by its content and agreed with its name."""

import re
from typing import BinaryIO, Literal

from objects.importing.names import extension
from objects.importing.result import Unreadable

Kind = Literal["docx", "pdf", "text"]

_BY_EXTENSION: dict[str, Kind] = {
    "docx": "docx",
    "pdf": "pdf",
    "txt": "text",
    "text": "text",
    "md": "text",
    "markdown": "text",
}
_HEAD = 4096
_KNOWN_BINARY = (
    (b"%PDF-", "a PDF"),
    (b"PK\x03\x04", "a ZIP archive or an Office document"),
    (b"PK\x05\x06", "an empty ZIP archive"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "a document of an old Word version. Save it as .docx"),
    (b"{\\rtf", "a rich-text file. Save it as .docx"),
    (b"\x89PNG", "a picture"),
    (b"\xff\xd8\xff", "a picture"),
    (b"GIF8", "a picture"),
    (b"RIFF", "a media file"),
    (b"\x7fELF", "a program"),
    (b"MZ\x90", "a program"),
    (b"\xca\xfe\xba\xbe", "a program"),
    (b"\x1f\x8b", "a compressed file"),
    (b"BZh", "a compressed file"),
    (b"\xfd7zXZ", "a compressed file"),
    (b"7z\xbc\xaf", "a compressed file"),
    (b"Rar!", "a compressed file"),
    (b"%!PS", "a PostScript file"),
)
# What a browser would take for markup at the start of a file (WHATWG MIME sniffing), and SVG and XML.
_MARKUP = re.compile(
    r"^(?:<!--.*?(?:-->|\Z)|<\?.*?(?:\?>|\Z)|\s)*<"
    r"(?:!doctype|\?xml|html|head|body|script|iframe|svg|style|title|meta|link|object|embed|form|table"
    r"|div|font|img|a|b|p|br|h1|math|template|base|frameset|input|video|audio|foreignobject)\b",
    re.IGNORECASE | re.DOTALL,
)
_ONLY_XML = re.compile(r"^\s*<\?xml\b", re.IGNORECASE)
ALLOWED = "TXT, MD, DOCX and PDF"


def detect(name: str, stream: BinaryIO) -> Kind:
    """Return what the file is; raise Unreadable unless name and content agree on a kind we read.

    Leaves the stream at its start.
    """
    named = _BY_EXTENSION.get(extension(name))
    if named is None:
        raise Unreadable("kind", f"This kind of file cannot be read here. Upload {ALLOWED}.")
    stream.seek(0)
    head = stream.read(_HEAD)
    stream.seek(0)
    if not head:
        raise Unreadable("empty", "This file is empty.")
    found = _content_kind(head)
    if found != named:
        is_what = next((what for magic, what in _KNOWN_BINARY if head.startswith(magic)), "something else")
        raise Unreadable(
            "kind", f"The name says .{extension(name)}, but the content is {is_what}. Upload {ALLOWED}."
        )
    return named


def _content_kind(head: bytes) -> Kind | None:
    """Return the kind by the first bytes; None for anything we do not read."""
    if head.startswith(b"%PDF-"):
        return "pdf"
    if head.startswith(b"PK\x03\x04"):
        return "docx"
    if any(head.startswith(magic) for magic, _ in _KNOWN_BINARY):
        return None
    return "text"


def refuse_markup(decoded: str) -> None:
    """Raise Unreadable when a text file is a web page, a picture in SVG or other markup."""
    start = decoded[:_HEAD].lstrip("\ufeff")
    if _MARKUP.match(start) or _ONLY_XML.match(start):
        raise Unreadable(
            "kind", "This is a web page or markup, not a text. Copy its text, or save it as TXT, MD or DOCX."
        )
