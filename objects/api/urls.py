"""Routes of the objects API, under /api/v1."""

from django.urls import path

from objects.api import documents, projects, versions

urlpatterns = [
    path("projects", projects.ProjectList.as_view(), name="projects"),
    path("projects/<uuid:pk>", projects.ProjectDetail.as_view(), name="project"),
    path("projects/<uuid:pk>/restore", projects.ProjectRestore.as_view(), name="project-restore"),
    path("objects", documents.ObjectList.as_view(), name="objects"),
    path("objects/<uuid:pk>", documents.ObjectDetail.as_view(), name="object"),
    path("documents", documents.DocumentList.as_view(), name="documents"),
    path("documents/<uuid:pk>", documents.DocumentDetail.as_view(), name="document"),
    path("documents/<uuid:pk>/restore", documents.DocumentRestore.as_view(), name="document-restore"),
    path("documents/<uuid:pk>/versions", versions.VersionList.as_view(), name="versions"),
    path("documents/<uuid:pk>/versions/<int:number>", versions.VersionDetail.as_view(), name="version"),
    path(
        "documents/<uuid:pk>/versions/<int:number>/diff",
        versions.VersionDiff.as_view(),
        name="version-diff",
    ),
    path(
        "documents/<uuid:pk>/versions/<int:number>/choose",
        versions.VersionChoice.as_view(),
        name="version-choose",
    ),
    path(
        "documents/<uuid:pk>/versions/<int:number>/restore",
        versions.VersionRestore.as_view(),
        name="version-restore",
    ),
]
