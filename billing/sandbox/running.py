"""The one world of this process, and the key that opens it."""

from billing.sandbox.world import World

_world: World | None = None
_key = ""


def begin(world: World, key: str) -> None:
    """Serve `world` to whoever brings `key`."""
    global _world, _key
    _world, _key = world, key


def world() -> World:
    """Return the world that this process serves."""
    if _world is None:
        raise RuntimeError("The sandbox has not begun: start it with python -m billing.sandbox.")
    return _world


def key() -> str:
    """Return the API key that this process accepts."""
    return _key
