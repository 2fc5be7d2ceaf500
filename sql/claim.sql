-- name: Claim
-- Grants claims of those of the candidates that are free, in the order in which they are named, and takes over those
-- whose worker is lost. A partition on which too many workers were lost is FAILED instead of being given to one more.
-- Rows are found by primary key, so that the cost depends on the number of candidates alone.
-- $1 job, $2 keys, $3 dates of the keys, $4 limit, $5 table or null, $6 run, $7 transform version, $8 fence of the
-- plan, $9 whether complete partitions are wanted too, $10 lease and $11 deadline in seconds, $12 worker, $13 host,
-- $14 id of this batch of claims, $15 how often a partition may be taken over from a lost worker, $16 those of the keys
-- that are wanted although they are complete, because their sources have changed.
WITH hopeless AS MATERIALIZED (
    -- Partitions of this job on which one worker too many was lost.
    SELECT p.job, p.partition_key, p.fence, p.takeovers, p.worker, p.lease_expires_at >= now() AS is_late
    FROM reprocess.partition_progress p
    WHERE p.job = $1 AND p.partition_key = ANY ($2::text[]) AND p.status = 'RUNNING' AND p.takeovers >= $15::integer
        AND (p.lease_expires_at < now() OR p.deadline_at < now())
    FOR NO KEY UPDATE SKIP LOCKED
), free AS MATERIALIZED (
    SELECT p.partition_key, p.status, p.fence, p.claim_id, p.lease_expires_at >= now() AS is_late,
        -- What is recorded of another table says nothing about this one.
        CASE WHEN p.table_identity IS NOT DISTINCT FROM $5::text THEN p.table_version END AS known_version,
        p.content_digest AS known_digest, p.transform_version AS known_transform
    FROM reprocess.partition_progress p
    WHERE p.job = $1 AND p.partition_key = ANY ($2::text[])
        -- What ended after the plan was made is not reopened by it, unless the attempt began before the plan and was
        -- made for another version: then nobody has done yet what this plan is for.
        AND CASE p.status
            WHEN 'PENDING' THEN p.not_before <= now()
            WHEN 'RUNNING' THEN (p.lease_expires_at < now() OR coalesce(p.deadline_at < now(), false))
                AND p.takeovers < $15::integer
            WHEN 'FAILED' THEN greatest(p.fence, p.ended_fence) <= $8::bigint
                OR p.fence <= $8::bigint AND EXISTS (
                    SELECT FROM reprocess.attempt a WHERE a.fence = p.fence AND a.transform_version <> $7::text)
            WHEN 'CANCELLED' THEN greatest(p.fence, p.ended_fence) <= $8::bigint
            -- A fixed transform makes anew what nobody has approved.
            WHEN 'HELD' THEN p.fence <= $8::bigint AND EXISTS (
                SELECT FROM reprocess.attempt a WHERE a.fence = p.fence AND a.transform_version <> $7::text)
            WHEN 'COMPLETE' THEN p.fence <= $8::bigint
                    AND (p.transform_version <> $7::text OR p.table_identity <> $5::text)
                OR greatest(p.fence, p.ended_fence) <= $8::bigint
                    AND ($9::boolean OR p.partition_key = ANY ($16::text[]))
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
), unplanned AS MATERIALIZED (
    -- Partitions nobody planned have no row yet.
    SELECT w.partition_key, w.partition_date
    FROM unnest($2::text[], $3::date[]) WITH ORDINALITY AS w (partition_key, partition_date, place)
    WHERE NOT EXISTS (
            SELECT FROM reprocess.partition_progress p WHERE p.job = $1 AND p.partition_key = w.partition_key)
        AND NOT EXISTS (
            SELECT FROM reprocess.partition_progress o
            WHERE o.table_identity = $5::text AND o.partition_key = ANY ($2::text[])
                AND o.partition_key = w.partition_key AND o.status = 'RUNNING'
                AND o.job <> $1 AND o.lease_expires_at >= now() AND (o.deadline_at < now()) IS NOT TRUE)
    ORDER BY w.place
    LIMIT $4::integer - (SELECT count(*) FROM free)
), evictable AS MATERIALIZED (
    -- Claims of other jobs, whose workers are lost, on the partitions of the table that are about to be claimed.
    SELECT p.job, p.partition_key, p.fence, p.takeovers, p.worker, p.lease_expires_at >= now() AS is_late
    FROM reprocess.partition_progress p
    WHERE p.table_identity = $5::text
        AND p.partition_key = ANY (ARRAY(
            SELECT f.partition_key FROM free f UNION ALL SELECT u.partition_key FROM unplanned u))
        AND p.status = 'RUNNING' AND p.job <> $1 AND (p.lease_expires_at < now() OR p.deadline_at < now())
    FOR NO KEY UPDATE SKIP LOCKED
), losses AS MATERIALIZED (
    SELECT l.*, l.takeovers >= $15::integer AS is_last,
        coalesce((SELECT a.host FROM reprocess.attempt a WHERE a.fence = l.fence), 'an unknown machine') AS host
    FROM (SELECT * FROM hopeless UNION ALL SELECT * FROM evictable) l
), dispossessed AS (
    -- A new fence: it keeps the lost worker out, and a plan that was made before from trying again at once.
    UPDATE reprocess.partition_progress p
    SET status = CASE WHEN l.is_last THEN 'FAILED' ELSE 'PENDING' END,
        completed_at = CASE WHEN l.is_last THEN now() END,
        takeovers = CASE WHEN l.is_last THEN p.takeovers ELSE p.takeovers + 1 END,
        error_message = CASE
            WHEN NOT l.is_last THEN p.error_message
            WHEN l.is_late THEN format(
                '%s attempts at this partition ended without a result; the last one, by %s on %s, was not done by its '
                'deadline. Look at what it waits for, or allow more time. Then try again with `retry`.',
                l.takeovers + 1, l.worker, l.host)
            ELSE format(
                '%s workers were lost on this partition, and none of them reported an error; the last one was %s on '
                '%s. A process that is killed cannot report: look on that machine for a lack of memory (dmesg, the '
                'limit of the container). When the cause is gone, try again with `retry`.',
                l.takeovers + 1, l.worker, l.host)
        END,
        fence = nextval('reprocess.fence'), claim_id = NULL, lease_expires_at = NULL, deadline_at = NULL,
        updated_at = now()
    FROM losses l
    WHERE p.job = l.job AND p.partition_key = l.partition_key
        AND p.partition_key = ANY (ARRAY(SELECT partition_key FROM losses))
    RETURNING p.fence
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
        started_at = now(), completed_at = NULL, updated_at = now(),
        table_version = CASE WHEN p.table_identity IS NOT DISTINCT FROM $5::text THEN p.table_version END,
        content_digest = CASE WHEN p.table_identity IS NOT DISTINCT FROM $5::text THEN p.content_digest END
    -- The count is read first, so that an eviction has happened before the index of live claims is asked.
    WHERE (SELECT count(*) FROM dispossessed) >= 0
        AND p.job = $1 AND p.partition_key = ANY (ARRAY(SELECT f.partition_key FROM free f))
    RETURNING p.partition_key, p.fence, p.claim_id, p.attempt, p.failures
), inserted AS (
    -- Sorted, so that two claims wait for each other in one order only.
    INSERT INTO reprocess.partition_progress AS p (
        job, partition_key, partition_date, status, attempt, fence, claim_id, run_id, table_identity, worker,
        lease_expires_at, deadline_at, started_at)
    SELECT $1, u.partition_key, u.partition_date, 'RUNNING', 1, nextval('reprocess.fence'), gen_random_uuid(),
        $6::bigint, $5::text, $12::text, now() + make_interval(secs => $10::double precision),
        now() + make_interval(secs => $11::double precision), now()
    FROM (SELECT * FROM unplanned WHERE (SELECT count(*) FROM dispossessed) >= 0 ORDER BY partition_key) u
    ON CONFLICT (job, partition_key) DO NOTHING
    RETURNING p.partition_key, p.fence, p.claim_id, p.attempt, p.failures
), granted AS MATERIALIZED (
    SELECT c.partition_key, c.fence, c.claim_id, c.attempt, c.failures,
        f.fence AS old_fence, f.is_late,
        CASE WHEN f.status = 'RUNNING' THEN f.fence END AS predecessor_fence,
        CASE WHEN f.status = 'RUNNING' THEN f.claim_id END AS predecessor_claim,
        f.known_version, f.known_digest, f.known_transform
    FROM claimed c JOIN free f USING (partition_key)
    UNION ALL
    SELECT i.partition_key, i.fence, i.claim_id, i.attempt, i.failures, NULL, NULL, NULL, NULL, NULL, NULL, NULL
    FROM inserted i
), ended AS MATERIALIZED (
    -- Attempts that are over, and what became of their partitions.
    SELECT g.old_fence AS fence, format('%s; the partition was taken over by %s.',
            CASE
                WHEN g.predecessor_fence IS NULL THEN 'The partition was marked by hand meanwhile'
                WHEN g.is_late THEN 'It was not done by its deadline'
                ELSE 'The worker let its lease end'
            END, $12::text) AS message
    FROM granted g
    WHERE g.old_fence > 0
    UNION ALL
    SELECT l.fence, CASE WHEN l.is_late THEN 'It was not done by its deadline' ELSE 'The worker let its lease end' END
        || CASE
            WHEN l.is_last THEN format('; the partition is FAILED: it was taken over %s times before.', l.takeovers)
            ELSE format('; the partition of the table was taken over by %s for job %s.', $12::text, $1::text)
        END
    FROM losses l
    WHERE (SELECT count(*) FROM dispossessed) >= 0
), lost AS (
    UPDATE reprocess.attempt a
    SET outcome = 'LOST', ended_at = now(), error_message = e.message
    FROM ended e
    WHERE a.fence = ANY (ARRAY(SELECT fence FROM ended)) AND a.fence = e.fence AND a.outcome = 'RUNNING'
), recorded AS (
    INSERT INTO reprocess.attempt (
        fence, job, partition_key, claim_id, batch_id, predecessor_fence, predecessor_claim, run_id, attempt, worker,
        host, transform_version)
    SELECT g.fence, $1, g.partition_key, g.claim_id, $14::uuid, g.predecessor_fence, g.predecessor_claim,
        $6::bigint, g.attempt, $12::text, $13::text, $7::text
    FROM granted g
)
SELECT g.partition_key, g.fence, g.claim_id, g.attempt, g.failures, g.predecessor_fence, g.predecessor_claim,
    g.known_version, g.known_digest, g.known_transform
FROM granted g
