-- name: KnownAttempts
-- What the ledger knows of attempts that a table names, by the database's clock: a live one has its claim, and neither
-- its lease nor its deadline has passed. Fences are unique in a ledger, whatever job they belong to.
-- $1 fences.
SELECT a.fence, a.claim_id, a.job, a.partition_key, a.outcome,
    extract(epoch FROM now() - a.ended_at)::double precision AS ended_ago,
    coalesce(
        p.status = 'RUNNING' AND p.fence = a.fence AND p.lease_expires_at >= now()
            AND (p.deadline_at < now()) IS NOT TRUE,
        false) AS is_live, p.table_identity,
    -- What waits for a person, or is being published by an approval at this moment, is still wanted.
    coalesce(a.outcome = 'HELD' AND (p.status = 'HELD' AND p.fence = a.fence
        OR p.status = 'RUNNING' AND EXISTS (
            SELECT FROM reprocess.attempt n WHERE n.fence = p.fence AND n.origin_fence = a.fence)), false) AS is_held
FROM reprocess.attempt a
LEFT JOIN reprocess.partition_progress p ON p.job = a.job AND p.partition_key = a.partition_key
WHERE a.fence = ANY ($1::bigint[])
