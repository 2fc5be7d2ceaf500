-- name: Claim
-- Grants claims of those of the candidates that are free, in the order in which they are named, and takes over those
-- whose worker is lost. Rows are found by primary key, so that the cost depends on the number of candidates alone.
-- $1 job, $2 keys, $3 dates of the keys, $4 limit, $5 table or null, $6 run, $7 transform version, $8 fence of the
-- plan, $9 whether complete partitions are wanted too, $10 lease and $11 deadline in seconds, $12 worker, $13 host,
-- $14 id of this batch of claims.
WITH evictable AS MATERIALIZED (
    -- Claims of other jobs on the same partitions of the table whose workers are lost.
    SELECT p.job, p.partition_key, p.fence
    FROM reprocess.partition_progress p
    WHERE p.table_identity = $5::text AND p.partition_key = ANY ($2::text[]) AND p.status = 'RUNNING' AND p.job <> $1
        AND (p.lease_expires_at < now() OR p.deadline_at < now())
    FOR NO KEY UPDATE SKIP LOCKED
), evicted AS (
    UPDATE reprocess.partition_progress p
    SET status = 'PENDING', fence = nextval('reprocess.fence'), claim_id = NULL, lease_expires_at = NULL,
        deadline_at = NULL, updated_at = now()
    FROM evictable e
    WHERE p.job = e.job AND p.partition_key = e.partition_key
    RETURNING p.fence
), free AS MATERIALIZED (
    SELECT p.partition_key, p.status, p.fence, p.claim_id
    FROM reprocess.partition_progress p
    WHERE p.job = $1 AND p.partition_key = ANY ($2::text[])
        AND CASE p.status
            WHEN 'PENDING' THEN p.not_before <= now()
            WHEN 'RUNNING' THEN p.lease_expires_at < now() OR coalesce(p.deadline_at < now(), false)
            WHEN 'FAILED' THEN p.fence <= $8::bigint
            WHEN 'CANCELLED' THEN p.fence <= $8::bigint
            WHEN 'COMPLETE' THEN p.fence <= $8::bigint AND ($9::boolean OR p.transform_version <> $7::text)
            ELSE false
        END
        AND NOT EXISTS (
            SELECT FROM reprocess.partition_progress o
            WHERE o.table_identity = $5::text AND o.partition_key = ANY ($2::text[])
                AND o.partition_key = p.partition_key AND o.status = 'RUNNING'
                AND o.job <> p.job AND o.lease_expires_at >= now() AND (o.deadline_at < now()) IS NOT TRUE)
    ORDER BY array_position($2::text[], p.partition_key)
    LIMIT $4::integer
    FOR NO KEY UPDATE OF p SKIP LOCKED
), claimed AS (
    UPDATE reprocess.partition_progress p
    SET status = 'RUNNING',
        attempt = CASE WHEN p.status IN ('PENDING', 'RUNNING') THEN p.attempt + 1 ELSE 1 END,
        failures = CASE WHEN p.status IN ('PENDING', 'RUNNING') THEN p.failures ELSE 0 END,
        takeovers = CASE p.status WHEN 'RUNNING' THEN p.takeovers + 1 WHEN 'PENDING' THEN p.takeovers ELSE 0 END,
        fence = nextval('reprocess.fence'), claim_id = gen_random_uuid(), run_id = $6::bigint,
        table_identity = $5::text, worker = $12::text, not_before = '-infinity',
        lease_expires_at = now() + make_interval(secs => $10::double precision),
        deadline_at = now() + make_interval(secs => $11::double precision),
        started_at = now(), completed_at = NULL, updated_at = now()
    -- The count is read first, so that an eviction has happened before the index of live claims is asked.
    WHERE (SELECT count(*) FROM evicted) >= 0
        AND p.job = $1 AND p.partition_key = ANY (ARRAY(SELECT f.partition_key FROM free f))
    RETURNING p.partition_key, p.fence, p.claim_id, p.attempt, p.failures
), inserted AS (
    -- Partitions nobody planned have no row yet. Sorted, so that two claims wait for each other in one order only.
    INSERT INTO reprocess.partition_progress AS p (
        job, partition_key, partition_date, status, attempt, fence, claim_id, run_id, table_identity, worker,
        lease_expires_at, deadline_at, started_at)
    SELECT $1, m.partition_key, m.partition_date, 'RUNNING', 1, nextval('reprocess.fence'), gen_random_uuid(),
        $6::bigint, $5::text, $12::text, now() + make_interval(secs => $10::double precision),
        now() + make_interval(secs => $11::double precision), now()
    FROM (
        SELECT w.partition_key, w.partition_date
        FROM unnest($2::text[], $3::date[]) WITH ORDINALITY AS w (partition_key, partition_date, place)
        WHERE (SELECT count(*) FROM evicted) >= 0
            AND NOT EXISTS (
                SELECT FROM reprocess.partition_progress p WHERE p.job = $1 AND p.partition_key = w.partition_key)
            AND NOT EXISTS (
                SELECT FROM reprocess.partition_progress o
                WHERE o.table_identity = $5::text AND o.partition_key = ANY ($2::text[])
                    AND o.partition_key = w.partition_key AND o.status = 'RUNNING'
                    AND o.job <> $1 AND o.lease_expires_at >= now() AND (o.deadline_at < now()) IS NOT TRUE)
        ORDER BY w.place
        LIMIT $4::integer - (SELECT count(*) FROM free)
    ) m
    ORDER BY m.partition_key
    ON CONFLICT (job, partition_key) DO NOTHING
    RETURNING p.partition_key, p.fence, p.claim_id, p.attempt, p.failures
), granted AS MATERIALIZED (
    SELECT c.partition_key, c.fence, c.claim_id, c.attempt, c.failures,
        f.fence AS old_fence,
        CASE WHEN f.status = 'RUNNING' THEN f.fence END AS predecessor_fence,
        CASE WHEN f.status = 'RUNNING' THEN f.claim_id END AS predecessor_claim
    FROM claimed c JOIN free f USING (partition_key)
    UNION ALL
    SELECT i.partition_key, i.fence, i.claim_id, i.attempt, i.failures, NULL, NULL, NULL FROM inserted i
), lost AS (
    UPDATE reprocess.attempt a
    SET outcome = 'LOST', ended_at = now(),
        error_message = 'The worker let its lease end; the partition was taken over by ' || $12::text || '.'
    WHERE a.fence = ANY (ARRAY(
            SELECT g.old_fence FROM granted g WHERE g.old_fence > 0
            UNION ALL SELECT e.fence FROM evictable e WHERE (SELECT count(*) FROM evicted) >= 0))
        AND a.outcome = 'RUNNING'
), recorded AS (
    INSERT INTO reprocess.attempt (
        fence, job, partition_key, claim_id, batch_id, predecessor_fence, predecessor_claim, run_id, attempt, worker,
        host, transform_version)
    SELECT g.fence, $1, g.partition_key, g.claim_id, $14::uuid, g.predecessor_fence, g.predecessor_claim,
        $6::bigint, g.attempt, $12::text, $13::text, $7::text
    FROM granted g
)
SELECT g.partition_key, g.fence, g.claim_id, g.attempt, g.failures, g.predecessor_fence, g.predecessor_claim
FROM granted g
