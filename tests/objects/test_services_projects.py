"""Projects: created, changed, put away and brought back within the plan."""

from typing import Any

import pytest

from config.common.errors import Invalid, Missing, Refused
from objects.models import Project
from objects.services import archive_project, create_project, restore_project, update_project


def test_a_project_is_described(alice: Any) -> None:
    project = create_project(
        owner=alice,
        fields={
            "title": " Harbour\nstories ",
            "genre": "Literary",
            "synopsis": "A keeper\r\nwrites.",
            "default_agents": [{"role": "writer", "model": "house"}],
        },
    )
    project.refresh_from_db()
    assert (project.title, project.genre, project.synopsis) == (
        "Harbour stories",
        "Literary",
        "A keeper\nwrites.",
    )
    assert project.default_agents == [{"role": "writer", "model": "house"}]
    assert update_project(project_id=project.pk, user=alice, fields={"genre": ""}).genre == ""


@pytest.mark.parametrize(
    ("fields", "named"),
    [
        ({"title": " "}, "title"),
        ({"title": "x" * 201}, "title"),
        ({"genre": "x" * 61}, "genre"),
        ({"description": "x" * 2001}, "description"),
        ({"default_agents": {"role": "writer"}}, "default_agents"),
        ({"default_agents": [{"model": "house"}]}, "default_agents"),
        ({"default_agents": [{"role": "writer", "spell": "x"}]}, "default_agents"),
        ({"default_agents": [{"role": "writer", "model": 3}]}, "default_agents"),
        ({"default_agents": [{"role": "writer"}] * 9}, "default_agents"),
    ],
)
def test_bad_fields_are_refused_by_name(alice: Any, fields: Any, named: str) -> None:
    with pytest.raises(Invalid) as refused:
        create_project(owner=alice, fields={"title": "x", **fields})
    assert list(refused.value.details["fields"]) == [named]
    assert Project.objects.count() == 0


def test_archived_projects_leave_room_and_come_back_only_into_room(alice: Any) -> None:
    first, second = (create_project(owner=alice, fields={"title": title}) for title in ("a", "b"))
    with pytest.raises(Refused) as refused:
        create_project(owner=alice, fields={"title": "c"})
    assert (refused.value.code, refused.value.details["used"]) == ("limit_reached", 2)
    archive_project(project_id=first.pk, user=alice)
    archive_project(project_id=first.pk, user=alice)
    create_project(owner=alice, fields={"title": "c"})
    with pytest.raises(Refused):
        restore_project(project_id=first.pk, user=alice)
    archive_project(project_id=second.pk, user=alice)
    assert restore_project(project_id=first.pk, user=alice).archived_at is None
    assert Project.objects.visible_to(alice).current().count() == 2


def test_a_stranger_changes_nothing(alice: Any, charlie: Any) -> None:
    project = create_project(owner=alice, fields={"title": "a"})
    for act in (
        lambda: update_project(project_id=project.pk, user=charlie, fields={"title": "mine"}),
        lambda: archive_project(project_id=project.pk, user=charlie),
        lambda: restore_project(project_id=project.pk, user=charlie),
    ):
        with pytest.raises(Missing):
            act()
    project.refresh_from_db()
    assert (project.title, project.archived_at) == ("a", None)
