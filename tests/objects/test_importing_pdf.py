"""What a PDF becomes."""

import io

from objects.importing.pdf import to_markdown
from tests.objects import files


def converted(*pages: list[str]) -> str:
    return to_markdown(io.BytesIO(files.pdf(list(pages))))[0]


def test_lines_join_and_hyphens_mend() -> None:
    assert converted(
        [
            "Every evening at six the keeper wrote down the wea-",
            "ther, though nobody had asked him to for eleven",
            "years.",
            "The ledger lay open on the sill, its spine cracked at",
            "the page where the war ended.",
        ]
    ) == (
        "Every evening at six the keeper wrote down the weather, though nobody had asked him to "
        "for eleven years.\n\n"
        "The ledger lay open on the sill, its spine cracked at the page where the war ended."
    )


def test_a_hyphen_that_belongs_stays() -> None:
    text = converted(
        [
            "A well-known man of the harbour walked past, the well-",
            "known one, and said nothing at all to us.",
        ]
    )
    assert (
        text
        == "A well-known man of the harbour walked past, the well-known one, and said nothing at all to us."
    )


def test_chapter_lines_become_headings_and_stars_breaks() -> None:
    assert converted(["Chapter I", "It was late.", "* * *", "It was later."]) == (
        "## Chapter I\n\nIt was late.\n\n* * *\n\nIt was later."
    )


def test_page_furniture_is_dropped_and_sentences_run_over_pages() -> None:
    pages = [
        [
            "THE LEDGER",
            f"Page {number} has a sentence that is running over to",
            "the next page without stopping",
            str(number),
        ]
        for number in range(1, 6)
    ]
    text = converted(*pages)
    assert "THE LEDGER" not in text
    assert "\n" not in text
    assert "stopping Page 2" in text
    assert not text.endswith("5")
