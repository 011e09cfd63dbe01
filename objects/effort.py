"""How much work a comparison may do: a hostile text gets a coarser answer, not a longer one."""

from dataclasses import dataclass


@dataclass(slots=True)
class Effort:
    """Steps that are left; one is about what looking at one word takes."""

    left: int

    def affords(self, steps: int) -> bool:
        """Spend `steps` and return True where so many are left; else spend nothing."""
        if steps > self.left:
            return False
        self.left -= steps
        return True
