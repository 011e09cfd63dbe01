"""Why a session waits, in words its owner reads."""

from orchestration.runtime.charging import CannotPay
from orchestration.workflow.endings import Reason


def waiting_for(error: CannotPay) -> str:
    """Put into words why the next step cannot be paid."""
    amount = f"{error.needed} {'credit' if error.needed == 1 else 'credits'}"
    if error.code == Reason.CAP:
        return (
            f"The next step may take {amount}, the session's cap leaves {error.available}. "
            "Raise the cap to go on; nothing is lost."
        )
    if error.is_parked:
        return "Your credits are being checked. Nothing is lost; it goes on by itself afterwards."
    if error.owed:
        owed = f"{error.owed} {'credit' if error.owed == 1 else 'credits'}"
        return (
            f"Your account owes {owed} whose money went back. Buy credits to settle them: "
            "it goes on by itself afterwards, nothing is lost."
        )
    return (
        f"The next step holds {amount}, {error.available} are available. "
        "It goes on by itself once there are enough."
    )
