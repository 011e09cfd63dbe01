"""Text files: which encoding, and is it text at all."""

import codecs
import re

from objects.importing.result import Unreadable
from objects.importing.sniff import refuse_markup

_BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_CONTROL = re.compile(r"[\x00-\x08\x0e-\x1a\x1c-\x1f]")
_CONTROL_SHARE = 0.001


def decode(data: bytes) -> str:
    """Return the text of a file in UTF-8, UTF-16 (with or without mark) or Latin-1 (as Windows writes it).

    Raises Unreadable for what is not text, and for web pages and other markup.
    """
    decoded = _decoded(data)
    if len(_CONTROL.findall(decoded)) > len(decoded) * _CONTROL_SHARE:
        raise Unreadable("kind", "This is not a text file: it holds binary data. Save it as TXT or DOCX.")
    refuse_markup(decoded)
    return decoded


def _decoded(data: bytes) -> str:
    for bom, encoding in _BOMS:
        if data.startswith(bom):
            return _strict(data, encoding)
    wide = _wide_encoding(data[:4096])
    if wide:
        return _strict(data, wide)
    for encoding in ("utf-8", "cp1252"):
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    return data.decode("latin-1")


def _wide_encoding(sample: bytes) -> str:
    """Return UTF-16 in the byte order that the zero bytes of Latin letters show; else nothing."""
    half = len(sample) // 2
    if half and sample[1::2].count(0) > 0.4 * half and sample[0::2].count(0) < 0.05 * half:
        return "utf-16-le"
    if half and sample[0::2].count(0) > 0.4 * half and sample[1::2].count(0) < 0.05 * half:
        return "utf-16-be"
    return ""


def _strict(data: bytes, encoding: str) -> str:
    try:
        return data.decode(encoding)
    except UnicodeDecodeError as error:
        raise Unreadable("broken", "The text is damaged: save it again as UTF-8 and upload that.") from error
