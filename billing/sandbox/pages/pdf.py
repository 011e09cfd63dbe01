"""Writes one page of PDF by hand: a title, facts, rows, totals. No more is needed, so no library is."""

from collections.abc import Sequence
from dataclasses import dataclass

_LEFT, _RIGHT, _TOP, _LINE = 64, 531, 770, 20


@dataclass(frozen=True)
class Sheet:
    """What the page says."""

    title: str
    facts: Sequence[tuple[str, str]]
    rows: Sequence[tuple[str, str]]
    totals: Sequence[tuple[str, str]]
    foot: str


def document(sheet: Sheet) -> bytes:
    """Return a PDF 1.4 file of one A4 page in Helvetica."""
    content = "\n".join(_content(sheet)).encode("cp1252", "replace")
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 6 0 R /Resources 7 0 R >>",
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>",
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica-Bold /Encoding /WinAnsiEncoding >>",
        b"<< /Length %d >>\nstream\n%s\nendstream" % (len(content), content),
        b"<< /Font << /F1 4 0 R /F2 5 0 R >> >>",
    ]
    file = bytearray(b"%PDF-1.4\n%\xe2\xe3\xcf\xd3\n")
    places = []
    for number, body in enumerate(objects, start=1):
        places.append(len(file))
        file += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    table = len(file)
    file += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    file += b"".join(b"%010d 00000 n \n" % place for place in places)
    file += b"trailer\n<< /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (len(objects) + 1, table)
    return bytes(file)


def _content(sheet: Sheet) -> list[str]:
    place, parts = _TOP, [_text(_LEFT, _TOP, sheet.title, bold=True, size=20)]
    place -= 2 * _LINE
    for name, value in sheet.facts:
        parts += [_text(_LEFT, place, name), _text(_LEFT + 80, place, value)]
        place -= _LINE
    place -= _LINE
    for name, value in sheet.rows:
        for number, piece in enumerate(_wrapped(name)):
            parts.append(_text(_LEFT, place, piece))
            if not number:
                parts.append(_figure(place, value))
            place -= _LINE
    parts.append(f"{_LEFT} {place + 12} m {_RIGHT} {place + 12} l S")
    place -= _LINE // 2
    for name, value in sheet.totals:
        parts += [_text(_LEFT + 240, place, name, bold=name == "Total"), _figure(place, value)]
        place -= _LINE
    return [*parts, _text(_LEFT, 48, sheet.foot, size=9)]


def _wrapped(text: str, width: int = 70) -> list[str]:
    lines = [""]
    for word in text.split():
        if lines[-1] and len(lines[-1]) + len(word) >= width:
            lines.append("")
        lines[-1] = f"{lines[-1]} {word}".strip()
    return lines


def _figure(y: int, text: str) -> str:
    wide = sum(278 if letter in ".," else 556 for letter in text) / 1000 * 11
    return _text(_RIGHT - wide, y, text)


def _text(x: float, y: int, text: str, *, bold: bool = False, size: int = 11) -> str:
    # The minus sign is no letter of this encoding; the dash that looks like it is.
    plain = text.replace("−", "–").replace("\\", "\\\\").replace("(", "\\(").replace(")", "\\)")
    return f"BT /F{2 if bold else 1} {size} Tf {x:.1f} {y} Td ({plain}) Tj ET"
