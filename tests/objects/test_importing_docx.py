"""What a Word document becomes."""

import io
from typing import Any

import docx
import pytest
from docx.oxml import OxmlElement
from docx.oxml.ns import qn

from objects.importing.docx import to_markdown
from tests.objects import files


def converted(document: Any) -> str:
    return to_markdown(io.BytesIO(files.docx_of(document)))[0]


@pytest.fixture
def document() -> Any:
    return docx.Document()


def test_headings_and_paragraphs(document: Any) -> None:
    document.add_heading("The Ledger", 0)
    document.add_heading("Chapter One", 1)
    document.add_paragraph("It was evening.")
    document.add_paragraph("")
    document.add_paragraph("He wrote.")
    assert converted(document) == "# The Ledger\n\n# Chapter One\n\nIt was evening.\n\nHe wrote."


def test_emphasis_stands_against_words(document: Any) -> None:
    paragraph = document.add_paragraph("He ")
    paragraph.add_run("never ").bold = True
    paragraph.add_run("wrote ").italic = True
    both = paragraph.add_run("again")
    both.bold = both.italic = True
    paragraph.add_run(".")
    assert converted(document) == "He **never** *wrote* ***again***."


def test_style_emphasis_and_explicit_off(document: Any) -> None:
    paragraph = document.add_paragraph()
    paragraph.add_run("so", style="Emphasis")
    paragraph.add_run(" ")
    paragraph.add_run("loud", style="Strong")
    plain = paragraph.add_run(" no", style="Strong")
    plain.bold = False
    assert converted(document) == "*so* **loud** no"


def test_lists_and_quotes(document: Any) -> None:
    document.add_paragraph("salt", style="List Bullet")
    document.add_paragraph("rope", style="List Bullet")
    document.add_paragraph("a longer rope", style="List Bullet 2")
    document.add_paragraph("first", style="List Number")
    document.add_paragraph("A quoted line.", style="Quote")
    document.add_paragraph("And its second.", style="Intense Quote")
    assert converted(document) == (
        "- salt\n- rope\n   - a longer rope\n1. first\n\n> A quoted line.\n>\n> And its second."
    )


@pytest.mark.parametrize("mark", ["***", "* * *", "#", "~", "—", "⁂"])
def test_scene_breaks(document: Any, mark: str) -> None:
    for text in ("Before.", mark, "After."):
        document.add_paragraph(text)
    assert converted(document) == "Before.\n\n* * *\n\nAfter."


def test_tables(document: Any) -> None:
    table = document.add_table(2, 2)
    for cell, text in zip(
        (c for row in table.rows for c in row.cells), ["Name", "Age", "Mara|H", "41"], strict=True
    ):
        cell.text = text
    assert converted(document) == "| Name | Age |\n| --- | --- |\n| Mara\\|H | 41 |"


def test_text_that_looks_like_marks_stays_text(document: Any) -> None:
    for text in ("# not a heading", "1. not a list", "- nor this", "a * b * c [d] <e> `f` snake_case _x_"):
        document.add_paragraph(text)
    assert converted(document) == (
        "\\# not a heading\n\n1\\. not a list\n\n\\- nor this\n\n"
        "a \\* b \\* c \\[d\\] \\<e> \\`f\\` snake_case \\_x\\_"
    )


def test_tracked_changes_are_read_as_accepted(document: Any) -> None:
    paragraph = document.add_paragraph("The sea")
    for tag, text_tag, text in (("w:ins", "w:t", " was calm"), ("w:del", "w:delText", " was wild")):
        change, run, content = OxmlElement(tag), OxmlElement("w:r"), OxmlElement(text_tag)
        content.text = text
        content.set(qn("xml:space"), "preserve")
        run.append(content)
        change.append(run)
        paragraph._p.append(change)
    assert converted(document) == "The sea was calm"


def test_line_breaks_tabs_and_page_breaks(document: Any) -> None:
    paragraph = document.add_paragraph()
    paragraph.add_run("one\ntwo\tthree")
    paragraph.add_run().add_break(docx.enum.text.WD_BREAK.PAGE)
    assert converted(document) == "one\\\ntwo three"


def test_what_cannot_come_along_is_told(document: Any) -> None:
    run = document.add_paragraph("Text").add_run()
    run._r.append(OxmlElement("w:drawing"))
    run._r.append(OxmlElement("w:footnoteReference"))
    run._r.append(OxmlElement("w:footnoteReference"))
    assert to_markdown(io.BytesIO(files.docx_of(document)))[1] == ["1 picture", "2 footnotes"]
