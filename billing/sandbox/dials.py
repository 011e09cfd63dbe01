"""What can be made to go wrong: settings of the sandbox that tests turn, kept with its objects."""

import random
from dataclasses import asdict, dataclass, fields
from typing import Any

from billing.sandbox.errors import InvalidError
from billing.sandbox.store import Store

_PLACE = "sandbox_dials"


@dataclass(frozen=True)
class Settings:
    """The position of every dial; the defaults disturb nothing."""

    delay: float = 0.0
    """Seconds that each delivery waits."""
    duplicate: int = 0
    """How many more times each event is delivered."""
    reorder: float = 0.0
    """Deliveries wait for up to so many seconds more, each its own time: they arrive in another order."""
    drop: float = 0.0
    """The share of deliveries that never happen, from 0 to 1."""
    seed: int = 0
    """Decides what `reorder` and `drop` meet; setting it begins the row anew."""
    latency: float = 0.0
    """Seconds before each answer of the API, after what it says has been read or done."""
    first_get_latency: float = 0.0
    """The same for the first GET of each object since this dial was set."""
    cut: int = 0
    """So many of the next POSTs and DELETEs are carried out, then the connection is cut without an answer."""
    cut_path: str = ""
    """Only those whose path begins like this are cut."""
    failing_refunds: int = 0
    """So many of the next refunds fail later, after they were accepted."""


class Dials:
    """Reads and turns the dials of one store."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self.read: set[str] = set()
        """The ids of objects that were read since `first_get_latency` was set."""
        self.random = random.Random(self.settings.seed)  # noqa: S311  disturbs, protects nothing

    @property
    def settings(self) -> Settings:
        """How the dials stand."""
        return Settings(**self._store.notes(_PLACE))

    def turned(self) -> dict[str, Any]:
        """Return the dials that disturb something."""
        still = asdict(Settings())
        return {name: value for name, value in asdict(self.settings).items() if value != still[name]}

    def turn(self, values: dict[str, Any]) -> Settings:
        """Set some dials and leave the others; InvalidError for an unknown one or a value of another type."""
        types = {field.name: type(field.default) for field in fields(Settings)}
        for name, value in values.items():
            if name not in types:
                raise InvalidError(f"There is no dial {name}.", param=name)
            fits = isinstance(value, types[name]) or (types[name] is float and isinstance(value, int))
            if not fits or isinstance(value, bool):
                raise InvalidError(f"The dial {name} takes {types[name].__name__}.", param=name)
        self._store.note(_PLACE, **values)
        if "first_get_latency" in values:
            self.read.clear()
        if "seed" in values:
            self.random.seed(values["seed"])
        return self.settings

    def reset(self) -> Settings:
        """Set every dial to where it disturbs nothing."""
        return self.turn(asdict(Settings()))

    def take(self, name: str) -> bool:
        """Count a counting dial down by one; say whether it stood above zero."""
        with self._store.change():
            left = getattr(self.settings, name)
            if left > 0:
                self._store.note(_PLACE, **{name: left - 1})
        return bool(left > 0)

    def first_read(self, object_id: str) -> bool:
        """Say whether nobody has read this object since `first_get_latency` was set; from now on, one has."""
        first = object_id not in self.read
        self.read.add(object_id)
        return first
