"""What must always hold between documents and their versions; each query returns the rows that break it."""

from collections.abc import Mapping

from django.db import connection

I32 = "each document's current version equals its last version row"

QUERIES: Mapping[str, str] = {
    "I32": """
        select d.narrativeobject_ptr_id::text, 'current ' || d.current_number || ', last ' || v.last
        from objects_document d
        join (select document_id, max(number) as last, count(*) as rows
              from objects_documentversion group by document_id) v on v.document_id = d.narrativeobject_ptr_id
        where d.current_number <> v.last
        union all
        select d.narrativeobject_ptr_id::text, 'words ' || d.word_count || ', of the version ' || v.word_count
        from objects_document d
        join objects_documentversion v
          on v.document_id = d.narrativeobject_ptr_id and v.number = d.current_number
        where d.word_count <> v.word_count
        union all
        select d.narrativeobject_ptr_id::text, 'storage ' || o.storage_bytes || ', kept ' || v.kept
        from objects_document d
        join objects_narrativeobject o on o.id = d.narrativeobject_ptr_id
        join (select document_id, sum(octet_length(body)) as kept
              from objects_documentversion group by document_id) v on v.document_id = d.narrativeobject_ptr_id
        where o.storage_bytes <> v.kept
    """,
}


def broken(code: str) -> list[tuple[str, str]]:
    """Return `(document id, what differs)` for every row that breaks the invariant; none when all is well."""
    with connection.cursor() as cursor:
        cursor.execute(QUERIES[code])
        return [(str(row[0]), str(row[1])) for row in cursor.fetchall()]
