"""Strict readers of the environment."""

from pathlib import Path

import environ

BASE_DIR = Path(__file__).resolve().parent.parent.parent

env = environ.Env()
if (BASE_DIR / ".env").exists():
    env.read_env(str(BASE_DIR / ".env"))
VAR_DIR = Path(env.str("VAR_DIR", default=str(BASE_DIR / "var")))


def secret(name: str, default: str = "") -> str:
    """Return secret `name` from the environment, or from the file that `<name>_FILE` names."""
    path = env.str(f"{name}_FILE", default="")
    if path:
        return Path(path).read_text().strip()
    return env.str(name, default=default)
