"""Input checks that services share, raised as refusals that name the field."""

from config.common.errors import Invalid, TooLarge
from objects import text


def clean_title(title: str) -> str:
    """Return the title as one clean line; raise Invalid when nothing is left or it is too long."""
    clean = text.normalise_line(title)
    if not clean:
        raise Invalid("A title is needed.", details={"fields": {"title": ["Give it a title."]}})
    if len(clean) > 200:
        message = f"At most 200 characters; this has {len(clean)}."
        raise Invalid("The title is too long.", details={"fields": {"title": [message]}})
    return clean


def clean_body(body: str) -> str:
    """Return the text as it is stored; raise TooLarge above what one document can hold."""
    clean = text.normalise(body)
    if text.size(clean) > text.MAX_BYTES:
        raise TooLarge(
            "This text is too large for one document. Split it, for example by chapters.",
            details={"limit": text.MAX_BYTES, "size": text.size(clean)},
        )
    return clean
