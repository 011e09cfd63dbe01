"""Many threads at once on the real database, each with a connection of its own."""

import threading
from concurrent.futures import ThreadPoolExecutor

from django.db import connection


def at_once(*jobs):
    """Run the jobs at the same moment; return what each returned or raised."""
    gate = threading.Barrier(len(jobs))

    def run(job):
        try:
            connection.ensure_connection()
            gate.wait(timeout=30)
            return job()
        except Exception as error:  # the test judges it
            return error
        finally:
            connection.close()

    with ThreadPoolExecutor(len(jobs)) as pool:
        return [future.result() for future in [pool.submit(run, job) for job in jobs]]


def kinds(results):
    """The names of the errors among the results."""
    return sorted(type(result).__name__ for result in results if isinstance(result, Exception))
