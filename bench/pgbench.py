"""pgbench, the floor under every ledger row."""

import re
import subprocess
import tempfile

from django.db import connection

from config.devserver.postgres import program

CLIENTS = 8
SECONDS = 3


def run(script: str, *, seconds: int = SECONDS) -> float:
    """Return the transactions per second of `script` on our database at 8 clients, errors refused."""
    server = connection.get_connection_params()
    with tempfile.NamedTemporaryFile("w", suffix=".sql") as file:
        file.write(script)
        file.flush()
        command = [
            *(program("pgbench"), "-h", server["host"], "-U", server["user"], "-n", "-M", "prepared"),
            *("-c", str(CLIENTS), "-j", "2", "-T", str(seconds), "-f", file.name, server["dbname"]),
        ]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
    found = re.search(r"tps = ([\d.]+) \(without initial connection time\)", done.stdout)
    if done.returncode != 0 or found is None or "aborted" in done.stderr:
        raise RuntimeError(done.stdout + done.stderr)
    return float(found[1])
