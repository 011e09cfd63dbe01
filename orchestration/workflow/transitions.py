"""Which status may follow which, and which phase comes next."""

from collections.abc import Collection, Mapping

from orchestration.workflow.terms import EDITORS, Phase, Role, Status

NEXT: Mapping[str, frozenset[str]] = {
    Status.DRAFT: frozenset({Status.RUNNING}),
    Status.RUNNING: frozenset(
        {
            Status.PAUSED,
            Status.AWAITING_CREDITS,
            Status.AWAITING_REVIEW,
            Status.COMPLETED,
            Status.STOPPED,
            Status.FAILED,
        }
    ),
    Status.PAUSED: frozenset({Status.RUNNING, Status.STOPPED}),
    Status.AWAITING_CREDITS: frozenset({Status.RUNNING, Status.STOPPED}),
    Status.AWAITING_REVIEW: frozenset(
        {Status.RUNNING, Status.AWAITING_CREDITS, Status.COMPLETED, Status.STOPPED}
    ),
    # An ended session goes on only where its last turn is run again.
    Status.COMPLETED: frozenset({Status.RUNNING}),
    Status.STOPPED: frozenset({Status.RUNNING}),
    Status.FAILED: frozenset({Status.RUNNING}),
}


def may_become(current: str, wanted: str) -> bool:
    """Tell whether a session may go from status `current` to `wanted`."""
    return wanted in NEXT[current]


def first_phase(roles: Collection[str]) -> Phase:
    """Return the phase in which a round begins: with the Writer, or where none is, with the editors."""
    return Phase.WRITING if Role.WRITER in roles else Phase.EDITING


def next_phase(phase: int, roles: Collection[str]) -> Phase | None:
    """Return the phase after `phase` in which one of `roles` works; None at the end of the round."""
    if phase < Phase.EDITING and EDITORS.intersection(roles):
        return Phase.EDITING
    if phase < Phase.SYNTHESIS and Role.SYNTHESIZER in roles:
        return Phase.SYNTHESIS
    return None
