"""ZIP containers (DOCX is one), checked before anything inside is used."""

import re
import stat
import struct
import zipfile
import zlib
from typing import BinaryIO
from xml.parsers import expat

from objects.importing import limits
from objects.importing.result import Unreadable

_END = struct.Struct("<4s4H2LH")
_END_SEARCH = _END.size + 65_535
_LOCAL_NAME_LENGTHS = slice(26, 30)
_CHUNK = 64 * 1024
_UNSAFE_NAME = re.compile(r"^[/\\]|^[A-Za-z]:|(?:^|[/\\])\.\.(?:[/\\]|$)|[\x00-\x1f\\]")
_XML_START = (b"<", b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff", b"\x00<", b"\x00\x00", b"Lo\xa7\x94")
_ARCHIVE_START = (b"PK\x03\x04", b"PK\x05\x06", b"\x1f\x8b", b"7z\xbc\xaf", b"Rar!", b"BZh")
_MAIN_TYPE = b"application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"

_RESAVE = "Open it in your word processor, save it again as .docx, and upload that."


def check_docx(stream: BinaryIO) -> None:
    """Raise Unreadable unless the stream holds a DOCX that is safe to parse; leave it at its start.

    First the list of entries is judged by what it claims (sizes, names, ratio), then every entry is
    unpacked in small pieces and counted, because a list may lie. Nothing is kept in memory.
    """
    _check_end(stream)
    try:
        with zipfile.ZipFile(stream) as archive:
            entries = archive.infolist()
            _check_claims(entries)
            budget = limits.UNPACKED_BYTES
            for entry in entries:
                budget -= _check_content(stream, archive, entry, budget)
            _check_is_document(archive)
    except (
        zipfile.BadZipFile,
        zlib.error,
        struct.error,
        NotImplementedError,
        EOFError,
        UnicodeError,
    ) as error:
        raise Unreadable("broken", f"This .docx is damaged and cannot be opened. {_RESAVE}") from error
    finally:
        stream.seek(0)


def _check_end(stream: BinaryIO) -> None:
    """Judge the end record before `zipfile` reads the list it points at into memory."""
    length = stream.seek(0, 2)
    stream.seek(max(0, length - _END_SEARCH))
    tail = stream.read(_END_SEARCH)
    stream.seek(0)
    at = tail.rfind(b"PK\x05\x06")
    if at < 0 or len(tail) - at < _END.size:
        raise Unreadable("broken", f"This .docx is damaged: its end is missing. {_RESAVE}")
    _, _, _, _, entries, list_bytes, list_at, comment = _END.unpack_from(tail, at)
    if tail[max(0, at - 20) : at].startswith(b"PK\x06\x07"):
        raise Unreadable("size", f"This .docx has more parts than a document can have. {_RESAVE}")
    if entries > limits.ARCHIVE_ENTRIES or list_bytes > limits.ENTRY_LIST_BYTES:
        message = f"This .docx has more than {limits.ARCHIVE_ENTRIES} parts. {_RESAVE}"
        raise Unreadable("size", message)
    end_at = length - len(tail) + at
    if list_at + list_bytes != end_at or end_at + _END.size + comment != length:
        raise Unreadable("unsafe", f"This .docx has something hidden before or after it. {_RESAVE}")


def _check_claims(entries: list[zipfile.ZipInfo]) -> None:
    """Judge the list of entries."""
    if len(entries) > limits.ARCHIVE_ENTRIES:
        raise Unreadable("size", f"This .docx has more than {limits.ARCHIVE_ENTRIES} parts. {_RESAVE}")
    if len({entry.filename.casefold() for entry in entries}) != len(entries):
        raise Unreadable("unsafe", f"This .docx holds two parts of one name. {_RESAVE}")
    unpacked, packed = sum(e.file_size for e in entries), sum(e.compress_size for e in entries)
    if unpacked > limits.UNPACKED_BYTES:
        raise Unreadable("size", _too_big_message())
    for entry in entries:
        _check_entry(entry)
    if unpacked > limits.RATIO_FREE_BYTES and unpacked > limits.ARCHIVE_RATIO * packed:
        raise Unreadable("unsafe", f"This .docx is packed far tighter than any text. {_RESAVE}")


def _check_entry(entry: zipfile.ZipInfo) -> None:
    """Judge one line of the list."""
    # `orig_filename` still has what `zipfile` cuts off behind a NUL.
    if _UNSAFE_NAME.search(entry.orig_filename):
        raise Unreadable("unsafe", f"This .docx holds a part whose name leads outside it. {_RESAVE}")
    if stat.S_ISLNK(entry.external_attr >> 16):
        raise Unreadable("unsafe", f"This .docx holds a link to another place. {_RESAVE}")
    if entry.flag_bits & 0x1:
        raise Unreadable("locked", "This .docx is protected by a password. Remove it and upload it again.")
    if entry.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        raise Unreadable("unsafe", f"This .docx is packed in an unusual way. {_RESAVE}")
    if (
        entry.file_size > limits.RATIO_FREE_BYTES
        and entry.file_size > limits.ARCHIVE_RATIO * entry.compress_size
    ):
        raise Unreadable("unsafe", f"This .docx is packed far tighter than any text. {_RESAVE}")


def _check_content(stream: BinaryIO, archive: zipfile.ZipFile, entry: zipfile.ZipInfo, budget: int) -> int:
    """Unpack one entry piece by piece, judge what it is, and return its true size."""
    if entry.is_dir():
        return 0
    with archive.open(entry):
        pass  # `zipfile` compares the local header with the list and raises when they differ
    stream.seek(entry.header_offset)
    lengths = struct.unpack("<2H", stream.read(30)[_LOCAL_NAME_LENGTHS])
    stream.seek(entry.header_offset + 30 + sum(lengths))
    unpack = zlib.decompressobj(-15) if entry.compress_type == zipfile.ZIP_DEFLATED else None
    prolog: _Prolog | None = None
    packed_left, size = entry.compress_size, 0
    while packed_left > 0:
        packed = stream.read(min(_CHUNK, packed_left))
        if not packed:
            raise zipfile.BadZipFile
        packed_left -= len(packed)
        while packed:
            piece = unpack.decompress(packed, _CHUNK) if unpack else packed
            packed = unpack.unconsumed_tail if unpack else b""
            if not size:
                _refuse_nested(piece)
                prolog = _Prolog() if piece.startswith(_XML_START) else None
            size += len(piece)
            if size > min(budget, entry.file_size):
                raise Unreadable("unsafe", f"A part of this .docx is larger than it says. {_RESAVE}")
            if prolog is not None and not prolog.done:
                prolog.feed(piece)
            if unpack and unpack.eof:
                break
    if size != entry.file_size:
        raise Unreadable("unsafe", f"A part of this .docx is not as large as it says. {_RESAVE}")
    return size


def _refuse_nested(start: bytes) -> None:
    if start.startswith(_ARCHIVE_START):
        message = "This .docx has another file embedded in it. Remove embedded objects, and upload it again."
        raise Unreadable("unsafe", message)


class _Prolog:
    """Reads XML up to its root element, the only place where a DOCTYPE can stand."""

    def __init__(self) -> None:
        self.done = False
        self._parser = expat.ParserCreate()
        self._parser.StartDoctypeDeclHandler = self._refuse
        self._parser.EntityDeclHandler = self._refuse
        self._parser.StartElementHandler = self._finish

    def _refuse(self, *_: object) -> None:
        message = f"This .docx declares its own XML entities, which documents never need. {_RESAVE}"
        raise Unreadable("unsafe", message)

    def _finish(self, *_: object) -> None:
        self.done = True

    def feed(self, piece: bytes) -> None:
        """Read on; raise Unreadable at a DOCTYPE or at what is not XML."""
        try:
            self._parser.Parse(piece, False)
        except (expat.ExpatError, ValueError) as error:  # ValueError: an encoding that could hide marks
            # What follows the root element in the same piece is judged by the real parser.
            if not self.done:
                raise Unreadable("broken", f"A part of this .docx is damaged. {_RESAVE}") from error


def _check_is_document(archive: zipfile.ZipFile) -> None:
    """Refuse spreadsheets, slides, macro documents and mere archives under the name of .docx."""
    try:
        types = archive.read("[Content_Types].xml")
    except KeyError as error:
        raise Unreadable("kind", "This is an archive, not a Word document. Upload the document.") from error
    if _MAIN_TYPE not in types:
        raise Unreadable("kind", f"This is another kind of Office file, not a Word document. {_RESAVE}")


def _too_big_message() -> str:
    size = limits.UNPACKED_BYTES // limits.MB
    return f"This .docx unpacks to more than {size} MB. Remove its pictures, or split it by chapters."
