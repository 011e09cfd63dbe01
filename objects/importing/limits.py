"""How much a file may ask of us."""

from dataclasses import dataclass

MB = 1024 * 1024

UNPACKED_BYTES = 50 * MB
ARCHIVE_ENTRIES = 2000
ARCHIVE_RATIO = 100
RATIO_FREE_BYTES = 64 * 1024
"""Members smaller than this may compress as well as they like: they cannot hurt."""

ENTRY_LIST_BYTES = 1 * MB
"""The longest list of entries that is read at all: 2 000 of them with 500-byte names."""

PDF_PAGES = 1500
TEXT_CHARACTERS = 4 * MB


@dataclass(frozen=True, slots=True)
class Budget:
    """What one reading may use: memory in bytes, processor and wall time in seconds."""

    memory: int = 512 * MB
    cpu_seconds: int = 20
    wall_seconds: float = 30.0
    output_bytes: int = 24 * MB


BUDGET = Budget()
