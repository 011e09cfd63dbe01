"""What every test may ask for: the fixed cast, clients, and clean real services."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from tests.support import broker, network
from tests.support.browser import browser_context_args, browser_type_launch_args
from tests.support.stripe import _stripe_process, at_stripe, stripe_sandbox

__all__ = [
    "_stripe_process",
    "at_stripe",
    "browser_context_args",
    "browser_type_launch_args",
    "stripe_sandbox",
]

_LIVE = pytest.StashKey[bool]()
_STACK = pytest.StashKey[Any]()


def pytest_configure() -> None:
    """Keep every test on this machine."""
    network.refuse_outside_addresses()


def pytest_itemcollected(item: pytest.Item) -> None:
    """Give all tests on the living product to one process, where the tests are spread over several.

    Here, because later xdist has read the groups. The largest group is handed out first: while one process
    waits for what the product does, the others have the cores.
    """
    if _is_live(item):
        item.add_marker(pytest.mark.xdist_group("live"))


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Keep the tests on the living product together: its worker would take up the rows that others commit."""
    items.sort(key=_is_live, reverse=True)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_teardown(item: pytest.Item, nextitem: pytest.Item | None) -> Iterator[None]:
    """Stop the living product after the last test on it, whatever else this process has to run."""
    yield
    if _is_live(item) and not (nextitem and _is_live(nextitem)):
        item.config.stash[_STACK].stop()
        item.config.stash[_LIVE] = False


def _is_live(item: pytest.Item) -> bool:
    return "live_stack" in getattr(item, "fixturenames", ())


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    """The test database: real migrations, the default catalogue; restored after every test that commits."""
    from django.core.management import call_command

    from tests.support.database import close_kept, install_restore

    with django_db_blocker.unblock():
        call_command("load_catalogue", "atelier", verbosity=0)
        install_restore()
    yield
    with django_db_blocker.unblock():
        close_kept()


@pytest.fixture(autouse=True)
def _clean_valkey(request: pytest.FixtureRequest) -> None:
    """No cached value, rate limit or queued job of another test."""
    broker.forget(cache_only=request.config.stash.get(_LIVE, False))


@pytest.fixture(scope="session")
def _live_processes(
    request: pytest.FixtureRequest, django_db_setup: None, django_db_blocker: Any
) -> Iterator[Any]:
    from tests.support.stack import Stack

    stack = request.config.stash[_STACK] = Stack()
    request.config.stash[_LIVE] = True
    try:
        with django_db_blocker.unblock():
            stack.start()
        yield stack
    finally:
        stack.stop()


@pytest.fixture
def live_stack(transactional_db: None, _live_processes: Any) -> Any:
    """The running product: real web, worker and beat processes on the test database (tests.support.stack)."""
    return _live_processes


@pytest.fixture
def alice(db: None) -> Any:
    """The owner."""
    from tests.support.people import open_account

    return open_account("alice")


@pytest.fixture
def bob(db: None) -> Any:
    """Another member."""
    from tests.support.people import open_account

    return open_account("bob")


@pytest.fixture
def charlie(db: None) -> Any:
    """A stranger: owns nothing that alice or bob own, sees nothing of theirs."""
    from tests.support.people import open_account

    return open_account("charlie")


@pytest.fixture
def olga(db: None) -> Any:
    """The operator: every permission, and a second factor."""
    from tests.support.people import open_operator

    return open_operator()


@pytest.fixture
def operators(olga: Any) -> Any:
    """A client in which olga is at work in the admin."""
    from tests.support.people import operator_client

    return operator_client(olga)


@pytest.fixture
def client_for() -> Callable[[Any], Any]:
    """Give a page client with a user signed in."""
    from tests.support import people

    return people.client_for


@pytest.fixture
def api_for() -> Callable[[Any], Any]:
    """Give an API client with a user's access token."""
    from tests.support import people

    return people.api_for
