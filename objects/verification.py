"""The invariants of documents, proved with those of the ledger."""

from credits.verification import Invariant

INVARIANTS = (
    Invariant(
        "I32",
        "each document's current version equals its last version row",
        """
        SELECT NULL::bigint, 'document ' || d.narrativeobject_ptr_id || ': current version '
               || d.current_number || ', last version ' || coalesce(v.last::text, 'none')
        FROM objects_document d
        LEFT JOIN (
            SELECT document_id, max(number) AS last FROM objects_documentversion GROUP BY document_id
        ) v ON v.document_id = d.narrativeobject_ptr_id
        WHERE d.current_number IS DISTINCT FROM v.last
        UNION ALL
        SELECT NULL, 'document ' || d.narrativeobject_ptr_id || ': ' || d.word_count || ' words, its version '
               || v.word_count
        FROM objects_document d
        JOIN objects_documentversion v
          ON v.document_id = d.narrativeobject_ptr_id AND v.number = d.current_number
        WHERE d.word_count <> v.word_count
        UNION ALL
        SELECT NULL, 'document ' || o.id || ': ' || o.storage_bytes || ' bytes counted, ' || v.kept || ' kept'
        FROM objects_narrativeobject o
        JOIN (
            SELECT document_id, sum(octet_length(body)) AS kept
            FROM objects_documentversion GROUP BY document_id
        ) v ON v.document_id = o.id
        WHERE o.storage_bytes <> v.kept
        """,
    ),
)
