"""Files made on the spot: honest ones, and ones built to do harm."""

import io
import struct
import zipfile
import zlib
from collections.abc import Iterable

import docx

CONTENT_TYPES = (
    '<?xml version="1.0"?><Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
    '<Override PartName="/word/document.xml" ContentType="application/vnd.openxmlformats-officedocument.'
    'wordprocessingml.document.main+xml"/></Types>'
)
RELATIONSHIPS = (
    '<?xml version="1.0"?>'
    '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
    '<Relationship Id="r1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/'
    'officeDocument" Target="word/document.xml"/></Relationships>'
)
FONT = b"/Resources << /Font << /F1 << /Type /Font /Subtype /Type1 /BaseFont /Helvetica >> >> >>"
WORD = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"


def document_xml(text: str = "Hello", prolog: str = "") -> str:
    """Return a main part with one paragraph."""
    return (
        f'<?xml version="1.0"?>{prolog}<w:document xmlns:w="{WORD}"><w:body><w:p><w:r><w:t>{text}'
        "</w:t></w:r></w:p></w:body></w:document>"
    )


def archive(
    parts: Iterable[tuple[str | zipfile.ZipInfo, bytes | str]] = (),
    *,
    main: str | None = None,
    types: str = CONTENT_TYPES,
) -> bytes:
    """Return a minimal DOCX with more parts put into it."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as made:
        made.writestr("[Content_Types].xml", types)
        made.writestr("_rels/.rels", RELATIONSHIPS)
        made.writestr("word/document.xml", document_xml() if main is None else main)
        for name, content in parts:
            made.writestr(name, content)
    return out.getvalue()


def docx_of(build: "docx.document.Document | None" = None) -> bytes:
    """Return the bytes of a python-docx document; an empty one by default."""
    out = io.BytesIO()
    (build or docx.Document()).save(out)
    return out.getvalue()


def lying_archive(real: bytes, claimed: int) -> bytes:
    """Return a DOCX whose list says that one part is smaller than it is."""
    honest = archive([("word/media/big.xml", real)])
    packed = zlib.compressobj(6, zlib.DEFLATED, -15)
    size = len(packed.compress(real) + packed.flush())
    true, false = struct.pack("<LL", size, len(real)), struct.pack("<LL", size, claimed)
    assert honest.count(true) >= 1
    return honest.replace(true, false)


def pdf(pages: list[list[str]], *, extra: str = "") -> bytes:
    """Return a PDF with lines of Latin text on each page."""
    objects: list[bytes] = []
    kids = " ".join(f"{4 + 2 * number} 0 R" for number in range(len(pages)))
    objects.append(b"<< /Type /Catalog /Pages 2 0 R >>")
    objects.append(f"<< /Type /Pages /Kids [{kids}] /Count {len(pages)} >>".encode())
    objects.append(b"<< /Type /Font /Subtype /Type1 /BaseFont /Times-Roman /Encoding /WinAnsiEncoding >>")
    for number, lines in enumerate(pages):
        shown = "".join(f"({_escaped(line)}) Tj T*\n" for line in lines)
        stream = f"BT /F1 12 Tf 14 TL 72 720 Td\n{shown}ET\n{extra}".encode("cp1252")
        objects.append(
            f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Contents {5 + 2 * number} 0 R "
            f"/Resources << /Font << /F1 3 0 R >> >> >>".encode()
        )
        objects.append(f"<< /Length {len(stream)} >>\nstream\n".encode() + stream + b"\nendstream")
    return assemble(objects)


def assemble(objects: list[bytes]) -> bytes:
    """Return a PDF file of numbered objects, the first of which is the catalogue."""
    out = io.BytesIO(b"%PDF-1.7\n")
    out.seek(0, 2)
    offsets = []
    for number, content in enumerate(objects, start=1):
        offsets.append(out.tell())
        out.write(f"{number} 0 obj\n".encode() + content + b"\nendobj\n")
    start = out.tell()
    out.write(f"xref\n0 {len(objects) + 1}\n0000000000 65535 f \n".encode())
    out.write("".join(f"{offset:010} 00000 n \n" for offset in offsets).encode())
    out.write(f"trailer << /Size {len(objects) + 1} /Root 1 0 R >>\nstartxref\n{start}\n%%EOF\n".encode())
    return out.getvalue()


def endless_pdf(pages: int = 500) -> bytes:
    """Return a PDF of half a megabyte whose every page has a quarter of a million strokes to read."""
    kids = " ".join(f"{3 + 2 * number} 0 R" for number in range(pages))
    strokes = _stream(b"/Filter /FlateDecode", zlib.compress(b"q Q\n" * 250_000))
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        f"<< /Type /Pages /Kids [{kids}] /Count {pages} >>".encode(),
    ]
    for number in range(pages):
        contents = f"/Contents {4 + 2 * number} 0 R ".encode()
        objects += [b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 9 9] " + contents + FONT + b" >>", strokes]
    return assemble(objects)


def _stream(entries: bytes, content: bytes) -> bytes:
    return b"<< " + entries + b" /Length %d >>\nstream\n" % len(content) + content + b"\nendstream"


def _escaped(line: str) -> str:
    return line.replace("\\", "\\\\").replace("(", "\\(").replace(")", "\\)")
