"""What a DOCX says about a paragraph or a run through its styles and numbering."""

from dataclasses import dataclass
from typing import Any

from docx.document import Document
from docx.oxml.ns import qn

_QUOTES = {"quote", "intense quote", "block text", "block quotation", "quotations"}
_OFF = {"0", "false", "off", "none"}
_MAX_PARENTS = 12


@dataclass(frozen=True, slots=True)
class Item:
    """A list item: its depth from 0, and whether it is numbered."""

    level: int
    ordered: bool


class Styles:
    """The styles of a document, with what they inherit."""

    def __init__(self, document: Document) -> None:
        self._by_id: dict[str, Any] = {
            style.get(qn("w:styleId")): style for style in document.styles.element.iter(qn("w:style"))
        }

    def heading_level(self, paragraph: Any) -> int:
        """Return 1 to 6 for a heading or title, by style or by outline level; 0 for anything else."""
        for name in self._names(paragraph):
            if name == "title":
                return 1
            if name == "subtitle":
                return 2
            if name.startswith("heading ") and name[8:].isdigit():
                return min(int(name[8:]), 6)
        outline = paragraph.find(f"{qn('w:pPr')}/{qn('w:outlineLvl')}")
        level = int(outline.get(qn("w:val"), "9")) if outline is not None else 9
        return min(level + 1, 6) if level < 9 else 0

    def is_quote(self, paragraph: Any) -> bool:
        """Whether the paragraph's style is one for quotations."""
        return any(name in _QUOTES for name in self._names(paragraph))

    def list_item(self, paragraph: Any) -> Item | None:
        """Return the item that a list style without numbering makes of the paragraph."""
        for name in self._names(paragraph):
            for prefix, ordered in (("list bullet", False), ("list number", True)):
                if name.startswith(prefix):
                    depth = name.removeprefix(prefix).strip()
                    return Item(min(int(depth) - 1, 8) if depth.isdigit() else 0, ordered)
        return None

    def emphasis(self, run: Any) -> tuple[bool, bool]:
        """Return whether a run is bold and whether it is italic: its own marks, else its style's."""
        chain = [run.find(qn("w:rPr")), *self._run_styles(run)]
        names = [name.get(qn("w:val"), "").lower() for name in self._name_elements(run)]
        bold = _toggle(chain, "w:b", default="strong" in names)
        return bold, _toggle(chain, "w:i", default="emphasis" in names)

    def _run_styles(self, run: Any) -> list[Any]:
        return [style.find(qn("w:rPr")) for style in self._chain(run, "w:rPr", "w:rStyle")]

    def _name_elements(self, run: Any) -> list[Any]:
        names = [style.find(qn("w:name")) for style in self._chain(run, "w:rPr", "w:rStyle")]
        return [name for name in names if name is not None]

    def _names(self, paragraph: Any) -> list[str]:
        """Return the paragraph's style's name and those it is based on, in lower case."""
        names = [style.find(qn("w:name")) for style in self._chain(paragraph, "w:pPr", "w:pStyle")]
        return [name.get(qn("w:val"), "").lower() for name in names if name is not None]

    def _chain(self, element: Any, properties: str, reference: str) -> list[Any]:
        """Return the style an element refers to and those that style is based on."""
        found = element.find(f"{qn(properties)}/{qn(reference)}")
        chain: list[Any] = []
        while found is not None and len(chain) < _MAX_PARENTS:
            style = self._by_id.get(found.get(qn("w:val")))
            if style is None:
                break
            chain.append(style)
            found = style.find(qn("w:basedOn"))
        return chain


def _toggle(chain: list[Any], name: str, *, default: bool) -> bool:
    """Return the first setting of a switch along a chain of properties."""
    for properties in chain:
        mark = properties.find(qn(name)) if properties is not None else None
        if mark is not None:
            return mark.get(qn("w:val"), "1").lower() not in _OFF
    return default


class Numbering:
    """The lists of a document: which level of which list is numbered."""

    def __init__(self, document: Document) -> None:
        self._formats: dict[tuple[str, str], str] = {}
        try:
            root = document.part.numbering_part.element
        except (KeyError, NotImplementedError):
            return
        levels: dict[str, dict[str, str]] = {}
        for abstract in root.iter(qn("w:abstractNum")):
            levels[abstract.get(qn("w:abstractNumId"))] = {
                level.get(qn("w:ilvl")): _value(level.find(qn("w:numFmt")))
                for level in abstract.iter(qn("w:lvl"))
            }
        for number in root.iter(qn("w:num")):
            abstract_id = _value(number.find(qn("w:abstractNumId")))
            for depth, form in levels.get(abstract_id, {}).items():
                self._formats[(number.get(qn("w:numId")), depth)] = form

    def item(self, paragraph: Any) -> Item | None:
        """Return the item that the paragraph's own numbering makes of it; numbering 0 takes it away."""
        numbering = paragraph.find(f"{qn('w:pPr')}/{qn('w:numPr')}")
        if numbering is None:
            return None
        depth = _value(numbering.find(qn("w:ilvl"))) or "0"
        number = _value(numbering.find(qn("w:numId")))
        form = self._formats.get((number, depth))
        if form is None or form == "none":
            return None
        return Item(min(int(depth), 8), ordered=form != "bullet")


def _value(element: Any) -> str:
    return element.get(qn("w:val"), "") if element is not None else ""
