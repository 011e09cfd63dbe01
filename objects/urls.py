"""Routes of projects and documents."""

from django.urls import path

from objects.views import documents, projects, versions

app_name = "objects"

urlpatterns = [
    path("projects/", projects.index, name="projects"),
    path("projects/new/", projects.new, name="project_new"),
    path("projects/<uuid:pk>/", projects.detail, name="project"),
    path("projects/<uuid:pk>/edit/", projects.edit, name="project_edit"),
    path("projects/<uuid:pk>/archive/", projects.archive, name="project_archive"),
    path("projects/<uuid:pk>/restore/", projects.restore, name="project_restore"),
    path("documents/", documents.index, name="documents"),
    path("documents/new/", documents.new, name="document_new"),
    path("documents/trash/", documents.trashed, name="trash"),
    path("documents/<uuid:pk>/", documents.detail, name="document"),
    path("documents/<uuid:pk>/preview/", documents.preview, name="document_preview"),
    path("documents/<uuid:pk>/move/", documents.move, name="document_move"),
    path("documents/<uuid:pk>/trash/", documents.trash, name="document_trash"),
    path("documents/<uuid:pk>/restore/", documents.restore, name="document_restore"),
    path("documents/<uuid:pk>/versions/", versions.index, name="versions"),
    path("documents/<uuid:pk>/versions/<int:number>/", versions.detail, name="version"),
    path("documents/<uuid:pk>/versions/<int:number>/restore/", versions.restore, name="version_restore"),
    path("documents/<uuid:pk>/versions/<int:number>/choose/", versions.choose, name="version_choose"),
    path("documents/<uuid:pk>/diff/", versions.diff, name="diff"),
]
