"""The sandbox's store: whole changes or none, one at a time, kept over a restart."""

import contextlib
import threading
from pathlib import Path
from typing import Any

import pytest

from billing.sandbox.errors import CardError, NoSuchError
from billing.sandbox.store import Store


@pytest.fixture
def store(tmp_path: Path) -> Any:
    store = Store(tmp_path / "store.sqlite")
    yield store
    store.close()


def thing(store: Store, **members: Any) -> dict[str, Any]:
    return store.put({"id": store.new_id("thing"), "object": "thing", **members})


def changed(store: Store, error: Exception, *, nested: bool = False) -> list[str]:
    """Make a change that ends with `error`; return what was told after it."""
    told: list[str] = []
    with contextlib.suppress(type(error)), store.change():
        with store.change() if nested else contextlib.nullcontext():
            thing(store)
            store.after_commit(lambda: told.append("told"))
        raise error
    return told


def test_change_that_raises_leaves_nothing(store: Store) -> None:
    assert changed(store, RuntimeError()) == []
    assert store.find("thing") == []


def test_change_that_raises_a_kept_decline_stays(store: Store) -> None:
    assert changed(store, CardError("Declined", keeps_changes=True)) == ["told"]
    assert len(store.find("thing")) == 1


def test_change_within_a_change_is_part_of_it(store: Store) -> None:
    assert changed(store, RuntimeError(), nested=True) == []
    assert store.find("thing") == []


def test_changes_of_threads_come_one_after_the_other(store: Store) -> None:
    counter = thing(store, count=0)

    def count() -> None:
        for _ in range(50):
            with store.change():
                found = store.get("thing", counter["id"])
                store.put({**found, "count": found["count"] + 1})

    threads = [threading.Thread(target=count) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert store.get("thing", counter["id"])["count"] == 200


def test_threads_that_do_not_use_a_change_lose_counts(store: Store) -> None:
    """The positive control of the test above."""
    counter, barrier = thing(store, count=0), threading.Barrier(2)

    def count() -> None:
        found = store.get("thing", counter["id"])
        barrier.wait()
        store.put({**found, "count": found["count"] + 1})

    threads = [threading.Thread(target=count) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert store.get("thing", counter["id"])["count"] == 1


def test_find_holds_members_at_any_depth_newest_first(store: Store) -> None:
    first = thing(store, on=True, parent={"child": "x"})
    second = thing(store, on=True, parent={"child": "x"})
    thing(store, on=False, parent={"child": "x"})
    thing(store, on=True, parent=None)

    assert store.find("thing", on=True, parent__child="x") == [second, first]
    assert len(store.find("thing", parent__child=None)) == 1


def test_deleted_object_leaves_its_stub(store: Store) -> None:
    gone = thing(store)
    stub = store.delete(gone)

    assert stub == {"id": gone["id"], "object": "thing", "deleted": True}
    assert store.anything(gone["id"]) == stub
    with pytest.raises(NoSuchError) as caught:
        store.get("thing", gone["id"])
    assert (caught.value.status, caught.value.code) == (404, "resource_missing")


def test_notes_are_merged_and_taken_away(store: Store) -> None:
    store.note("x", a=1, b=2)
    store.note("x", b=None, c=3)

    assert store.notes("x") == {"a": 1, "c": 3}
    assert store.notes("y") == {}


def test_store_is_there_again_after_a_restart(tmp_path: Path) -> None:
    store = Store(tmp_path / "again.sqlite")
    kept = thing(store)
    store.close()

    assert Store(tmp_path / "again.sqlite").find("thing") == [kept]
