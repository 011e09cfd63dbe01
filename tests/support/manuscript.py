"""A chapter to edit: the demo story, long enough to be a real piece of work."""

import io

from docx import Document as Docx

from config.management.commands.seed_demo import STORY, TEXTS


def chapter(words: int = 1500) -> str:
    """Return Markdown of at least `words` words, with the faults that the story has."""
    story = (TEXTS / f"{STORY}.md").read_text()
    text = story
    part = 1
    while len(text.split()) < words:
        part += 1
        body = story.split("\n\n", 1)[1].replace("\n## ", f"\n## Part {part}: ")
        text += f"\n\n## Part {part}\n\n{body}"
    return text


def docx_of(markdown: str) -> bytes:
    """Return `markdown` (headings and paragraphs) as a Word file."""
    made = Docx()
    for block in markdown.split("\n\n"):
        level = len(block) - len(block.lstrip("#"))
        if level:
            made.add_heading(block.lstrip("# "), level=level)
        else:
            made.add_paragraph(block.replace("*", ""))
    out = io.BytesIO()
    made.save(out)
    return out.getvalue()
