"""Projects over the API."""

from collections.abc import Callable
from typing import Any

import pytest
from rest_framework.test import APIClient

from objects.models import Project

URL = "/api/v1/projects"


@pytest.fixture
def api(alice: Any, api_for: Callable[[Any], APIClient]) -> APIClient:
    return api_for(alice)


def test_a_projects_life(api: APIClient, alice: Any) -> None:
    made = api.post(URL, {"title": "Harbour", "genre": "Literary", "default_agents": [{"role": "writer"}]})
    assert made.status_code == 201
    assert set(made.json()) == {
        *("id", "title", "description", "genre", "synopsis", "default_agents"),
        *("archived_at", "is_read_only", "created_at", "updated_at"),
    }
    url = f"{URL}/{made.json()['id']}"
    assert api.patch(url, {"synopsis": "A keeper."}).json()["synopsis"] == "A keeper."
    assert api.get(url).json()["default_agents"] == [{"role": "writer"}]
    assert api.delete(url).status_code == 204
    assert api.get(URL).json()["results"] == []
    assert [row["title"] for row in api.get(f"{URL}?archived=true").json()["results"]] == ["Harbour"]
    assert api.post(f"{url}/restore").json()["archived_at"] is None


def test_the_plan_bounds_projects_and_names_the_one_that_does_not(api: APIClient) -> None:
    for title in ("a", "b"):
        assert api.post(URL, {"title": title}).status_code == 201
    answer = api.post(URL, {"title": "c"})
    error = answer.json()["error"]
    assert (answer.status_code, error["code"], error["details"]["plan"]["code"]) == (
        403,
        "limit_reached",
        "starter",
    )


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"title": " "},
        {"title": "a\x00"},
        {"title": "a", "default_agents": "x"},
        {"title": "a", "genre": "x" * 61},
    ],
)
def test_bad_bodies_are_refused(api: APIClient, body: Any) -> None:
    assert api.post(URL, body).status_code == 422
    assert Project.objects.count() == 0


def test_owner_and_dates_cannot_be_assigned(api: APIClient, alice: Any, charlie: Any) -> None:
    made = api.post(URL, {"title": "a", "owner": str(charlie.pk), "archived_at": "2020-01-01T00:00:00Z"})
    project = Project.objects.get(pk=made.json()["id"])
    assert (project.owner, project.archived_at) == (alice, None)
