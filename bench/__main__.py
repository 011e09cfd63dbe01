"""`make bench`: all rows, or those of the name given."""

import os
import signal
import sys
import time

from bench import (  # noqa: F401  they register rows
    cold_start,
    dashboard,
    first_token,
    history,
    ledger,
    resets,
    rivals,
    streams,
)
from bench.ground import open_many_files, prepare, services
from bench.harness import ROWS, Result, keep


def main(wanted: str | None = None) -> int:
    """Measure and print; the exit code is 0 where every mark was reached."""
    if wanted is not None and wanted not in ROWS:
        print(f"There is no row {wanted!r}. Rows: {', '.join(ROWS)}.", file=sys.stderr)
        return 2
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    open_many_files()
    print(f"{os.cpu_count()} cores, load before the run {os.getloadavg()[0]:.1f}", flush=True)
    results: list[Result] = []
    with services():
        prepare()
        for name in [wanted] if wanted else list(ROWS):
            began = time.monotonic()
            for line in ROWS[name]():
                print(line.line(), flush=True)
                if isinstance(line, Result):
                    results.append(line)
            print(f"  {name}: {time.monotonic() - began:.0f} s", file=sys.stderr, flush=True)
            keep(results)
    return 0 if all(result.verdict == "ok" for result in results) else 1


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:2]))
