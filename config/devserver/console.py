"""What `make run` prints: one line at a time, each under the name of the process it comes from."""

import sys
import threading

_WIDTH = 6
_COLOURS = {"web": 36, "worker": 35, "beat": 33, "setup": 34}
_lock = threading.Lock()


def say(name: str, line: str) -> None:
    """Print `line` under `name`."""
    label = f"{name:<{_WIDTH}} │"
    if sys.stdout.isatty():
        label = f"\x1b[{_COLOURS.get(name, 32)}m{label}\x1b[0m"
    tell(f"{label} {line}")


def tell(line: str) -> None:
    """Print `line` as it is."""
    with _lock:
        print(line, flush=True)
