-- name: Held
-- The partitions of a job that wait for a person, by key, each with the attempt that is held. What a person has marked HELD
-- has no attempt, and so nothing that could be approved. Read along the index of statuses, and one by one from there, so
-- written that the planner does it also where it knows nothing of the tables.
-- $1 job, $2 keys or null for all.
SELECT p.partition_key, p.fence, p.claim_id, a.run_id, extract(epoch FROM a.ended_at)::double precision AS held_at,
    a.error_message, a.rows_written, a.bytes_written, a.transform_version, a.source_identity,
    a.source_versions::text AS source_versions, a.worker, a.host, j.fence AS judged, j.content_digest,
    j.statistics::text AS statistics, j.replaced_version, j.replaced_rows, j.replaced_bytes, j.replaced_digest,
    j.replaced_statistics::text AS replaced_statistics, j.findings::text AS findings
FROM (
    SELECT h.partition_key, h.fence, h.claim_id
    FROM reprocess.partition_progress h
    WHERE h.job = $1 AND h.status <> 'RUNNING' AND (h.status COLLATE "C", h.updated_at) >= ('HELD', '-infinity')
        AND (h.status COLLATE "C", h.updated_at) <= ('HELD', 'infinity')
        AND coalesce(h.partition_key = ANY ($2::text[]), true)
    ORDER BY h.status COLLATE "C" DESC, h.updated_at DESC
    OFFSET 0
) p
CROSS JOIN LATERAL (
    SELECT a.* FROM reprocess.attempt a WHERE a.fence = p.fence AND a.outcome = 'HELD' OFFSET 0) a
LEFT JOIN LATERAL (SELECT j.* FROM reprocess.judgement j WHERE j.fence = p.fence OFFSET 0) j ON true
ORDER BY p.partition_key
