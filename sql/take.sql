-- name: Take
-- Claims one partition to carry out what a person decided: to publish what is HELD, or to put back what the attempt that
-- made it COMPLETE has replaced. Only while the row is still the one that the person has seen, and about the same table:
-- of several who decide at once, one finds it so. A lost worker of another job is evicted, as by a claim.
-- $1 job, $2 key, $3 fence, $4 APPROVE or UNDO, $5 table or null, $6 transform version, $7 run or null, $8 who decided,
-- $9 why, $10 lease and $11 deadline in seconds, $12 worker, $13 host, $14 request id.
WITH origin AS MATERIALIZED (
    SELECT p.partition_key, p.fence, p.table_version, p.content_digest, p.transform_version
    FROM reprocess.partition_progress p
    WHERE p.job = $1 AND p.partition_key = $2 AND p.fence = $3::bigint
        AND p.status = CASE $4::text WHEN 'APPROVE' THEN 'HELD' WHEN 'UNDO' THEN 'COMPLETE' END
        AND p.table_identity IS NOT DISTINCT FROM $5::text
        AND NOT EXISTS (
            SELECT FROM reprocess.partition_progress o
            WHERE o.table_identity = $5::text AND o.partition_key = $2 AND o.status = 'RUNNING'
                AND o.job <> $1 AND o.lease_expires_at >= now() AND (o.deadline_at < now()) IS NOT TRUE)
    FOR NO KEY UPDATE
), evictable AS MATERIALIZED (
    SELECT p.job, p.partition_key, p.fence, p.lease_expires_at >= now() AS is_late
    FROM reprocess.partition_progress p
    WHERE p.table_identity = $5::text AND p.partition_key = $2 AND p.status = 'RUNNING' AND p.job <> $1
        AND (p.lease_expires_at < now() OR p.deadline_at < now()) AND EXISTS (SELECT FROM origin)
    FOR NO KEY UPDATE SKIP LOCKED
), dispossessed AS (
    UPDATE reprocess.partition_progress p
    SET status = 'PENDING', takeovers = p.takeovers + 1, fence = nextval('reprocess.fence'), claim_id = NULL,
        lease_expires_at = NULL, deadline_at = NULL, updated_at = now()
    FROM evictable e
    WHERE p.job = e.job AND p.partition_key = $2
    RETURNING p.fence
), lost AS (
    UPDATE reprocess.attempt a
    SET outcome = 'LOST', ended_at = now(),
        error_message = CASE WHEN e.is_late THEN 'It was not done by its deadline' ELSE 'The worker let its lease end' END
            || format('; the partition of the table was taken over by %s for job %s.', $12::text, $1::text)
    FROM evictable e
    WHERE (SELECT count(*) FROM dispossessed) >= 0 AND a.fence = ANY (ARRAY(SELECT fence FROM evictable))
        AND a.fence = e.fence AND a.outcome = 'RUNNING'
), taken AS (
    UPDATE reprocess.partition_progress p
    SET status = 'RUNNING', attempt = CASE p.status WHEN 'HELD' THEN p.attempt + 1 ELSE 1 END,
        failures = CASE p.status WHEN 'HELD' THEN p.failures ELSE 0 END,
        takeovers = CASE p.status WHEN 'HELD' THEN p.takeovers ELSE 0 END,
        fence = nextval('reprocess.fence'), claim_id = gen_random_uuid(),
        run_id = coalesce($7::bigint, CASE p.status WHEN 'HELD' THEN p.run_id END), worker = $12::text,
        not_before = '-infinity', lease_expires_at = now() + make_interval(secs => $10::double precision),
        deadline_at = now() + make_interval(secs => $11::double precision), started_at = now(), completed_at = NULL,
        updated_at = now()
    -- The count is read first, so that an eviction has happened before the index of live claims is asked.
    WHERE (SELECT count(*) FROM dispossessed) >= 0
        AND p.job = $1 AND p.partition_key = $2 AND p.fence = (SELECT o.fence FROM origin o)
    RETURNING p.partition_key, p.fence, p.claim_id, p.attempt, p.failures, p.run_id
), recorded AS (
    INSERT INTO reprocess.attempt (
        fence, job, partition_key, claim_id, batch_id, run_id, attempt, worker, host, transform_version, kind,
        origin_fence)
    SELECT t.fence, $1, t.partition_key, t.claim_id, $14::uuid, t.run_id, t.attempt, $12::text, $13::text, $6::text,
        $4::text, $3::bigint
    FROM taken t
), decided AS (
    INSERT INTO reprocess.decision (
        place, kind, job, partition_key, origin_fence, new_fence, request_id, decided_by, reason)
    SELECT t.fence, $4::text, $1, t.partition_key, $3::bigint, t.fence, $14::uuid, $8::text, $9::text
    FROM taken t
)
SELECT t.partition_key, t.fence, t.claim_id, t.attempt, t.failures, NULL::bigint AS predecessor_fence,
    NULL::uuid AS predecessor_claim, o.table_version, o.content_digest, o.transform_version
FROM taken t JOIN origin o USING (partition_key)
