"""What can stand in the way of a change."""

from config.common.errors import Conflict, DomainError, Refused


class StaleSave(Conflict):
    """The text moved on since it was read. Nothing was changed; `details` carry both texts.

    details: `reason` "stale", `yours`, `theirs`, `revision` (of theirs), `version` (number of theirs).
    """

    def __init__(self, *, yours: str, theirs: str, revision: int, version: int) -> None:
        super().__init__(
            "This document was saved elsewhere since you opened it. Both texts are kept: choose or merge.",
            details={
                "reason": "stale",
                "yours": yours,
                "theirs": theirs,
                "revision": revision,
                "version": version,
            },
        )


class DocumentLocked(Conflict):
    """A session writes the document now. Nothing was changed."""

    def __init__(self, **details: object) -> None:
        super().__init__(
            "A session is writing this document. Pause it to edit.", details={"reason": "locked", **details}
        )


class ReadOnly(Refused):
    """The project is beyond the plan: it can be read and not changed. Nothing was changed.

    Its code and `details` are those of the plan's refusal, with `reason` "read_only".
    """

    def __init__(self, *, title: str, refusal: DomainError) -> None:
        super().__init__(
            f"“{title}” is read-only, and everything in it is kept. {refusal.message}",
            code=refusal.code,
            details={**refusal.details, "reason": "read_only"},
        )
