-- The functions by which programs in any language take the same claims as this one. Carried out again after every
-- migration, and not one itself.
--
-- A line `-- include NAME` stands for the statement NAME.sql of this folder: the rules of claims are written once. Each
-- function runs it as it is, for one partition. Nothing here depends on a session, so that transaction poolers work.

-- Refuses a job without a name, and a key that is none of the job's partitions.
CREATE OR REPLACE FUNCTION reprocess.check_partition(job text, partition_key text) RETURNS void
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS $function$
DECLARE
    other text;
BEGIN
    IF coalesce(check_partition.job, '') = '' THEN
        RAISE EXCEPTION 'A claim needs a job: its name is what other claims of the same partition know it by.'
            USING ERRCODE = 'RP022';
    END IF;
    PERFORM reprocess.partition_date(coalesce(check_partition.partition_key, ''));
    SELECT r.first_key INTO other
    FROM reprocess.run r
    WHERE r.job = check_partition.job AND r.first_key <> ''
    ORDER BY r.run_id DESC LIMIT 1;
    IF length(other) <> length(check_partition.partition_key) THEN
        RAISE EXCEPTION 'The partitions of job "%" are like %, and % is none of them.',
            left(check_partition.job, 100), other, check_partition.partition_key
            USING ERRCODE = 'RP024', HINT = 'A claim of a month does not keep others from its days.';
    END IF;
END $function$;

-- Refuses a time that is none, and a lease that would be over, or nearly, when the transaction is committed: leases
-- count from the start of the transaction, which is what now() says.
CREATE OR REPLACE FUNCTION reprocess.check_lease(lease interval, deadline interval) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $function$
BEGIN
    IF lease IS NULL OR lease <= interval '0' OR deadline <= interval '0' THEN
        RAISE EXCEPTION 'Nobody can work with a lease of % and a deadline of %.', coalesce(lease::text, 'NULL'),
            coalesce(deadline::text, 'NULL')
            USING ERRCODE = 'RP022',
                HINT = 'Pass lease => ''90 seconds'', and call heartbeat_partition three times within that time.';
    END IF;
    IF clock_timestamp() - now() > lease / 3 THEN
        RAISE EXCEPTION 'This transaction began % ago, and the lease of % counts from then.',
            date_trunc('second', clock_timestamp() - now()), lease
            USING ERRCODE = 'RP023', HINT = 'Commit first: claims and heartbeats want short transactions of their own.';
    END IF;
END $function$;

-- The table that a job writes, as far as the ledger knows: that of its newest run, or else of its newest partition.
CREATE OR REPLACE FUNCTION reprocess.known_table(job text) RETURNS text
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS $function$
DECLARE
    known text;
    others text;
BEGIN
    SELECT r.table_identity INTO known
    FROM reprocess.run r
    WHERE r.job = known_table.job
    ORDER BY r.run_id DESC LIMIT 1;
    IF FOUND THEN RETURN known; END IF;
    SELECT n.table_identity INTO known
    FROM (
        SELECT p.table_identity, p.partition_key FROM reprocess.partition_progress p
        WHERE p.job = known_table.job ORDER BY p.partition_key DESC LIMIT 100) n
    WHERE n.table_identity IS NOT NULL
    ORDER BY n.partition_key DESC LIMIT 1;
    IF FOUND THEN RETURN known; END IF;
    SELECT string_agg(format('%L (job %s)', t.table_identity, left(t.job, 100)), ', ') INTO others
    FROM (
        SELECT r.table_identity, max(r.job) AS job
        FROM (SELECT * FROM reprocess.run WHERE table_identity IS NOT NULL ORDER BY run_id DESC LIMIT 1000) r
        GROUP BY r.table_identity ORDER BY max(r.run_id) DESC LIMIT 5) t;
    RAISE EXCEPTION 'The ledger does not know which table job "%" writes.', left(known_table.job, 100)
        USING ERRCODE = 'RP021',
            HINT = 'Pass table_identity => ''hive:/absolute/path'', or NULL for a job without a table. '
                || coalesce('Tables known here: ' || others || '.', 'No run has been made with this ledger.');
END $function$;

-- An error text as the ledger keeps it: at most 8 KiB, and nothing that acts on a terminal.
CREATE OR REPLACE FUNCTION reprocess.error_text(error text) RETURNS text
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $function$
    SELECT CASE WHEN octet_length(c.text) <= 8192 THEN c.text ELSE left(c.text, 2047) || '...' END
    FROM (
        SELECT regexp_replace(coalesce(nullif(error, ''), 'No reason was given.'),
            CASE WHEN getdatabaseencoding() = 'UTF8'
                THEN '[\u0001-\u0008\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]'
                ELSE '[\x01-\x08\x0b-\x1f\x7f]' END, ' ', 'g') AS text) c
$function$;

-- Refuses what an attempt asks for that has lost its partition.
CREATE OR REPLACE FUNCTION reprocess.refuse_stale(job text, partition_key text, fence bigint) RETURNS void
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS $function$
DECLARE
    standing text;
BEGIN
    SELECT format('it is %s with fence %s', p.status, p.fence)
        || CASE WHEN p.status = 'RUNNING' THEN format(', in the hands of %s', p.worker) ELSE '' END
        INTO standing
    FROM reprocess.partition_progress p
    WHERE p.job = refuse_stale.job AND p.partition_key = refuse_stale.partition_key;
    RAISE EXCEPTION 'Fence % with this claim id does not hold % of job "%": %.', coalesce(fence::text, 'NULL'),
        left(refuse_stale.partition_key, 100), left(refuse_stale.job, 100),
        coalesce(standing, 'the ledger has no such row')
        USING ERRCODE = 'RP020', HINT = 'Write nothing more: somebody else may be writing it by now.';
END $function$;

-- Claims one partition. A row is a claim; no row means that it is not to be had now, and partition_standing says why.
CREATE OR REPLACE FUNCTION reprocess.claim_partition(
    job text, partition_key text, transform_version text DEFAULT NULL, table_identity text DEFAULT 'known',
    lease interval DEFAULT '90 seconds', deadline interval DEFAULT NULL, again boolean DEFAULT false,
    worker text DEFAULT NULL, host text DEFAULT NULL, takeover_limit integer DEFAULT 5,
    request_id uuid DEFAULT gen_random_uuid()
) RETURNS TABLE (
    fence bigint, claim_id uuid, attempt integer, failures integer, lost_fence bigint, lease_expires_at timestamptz
) LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $function$
#variable_conflict use_column
DECLARE
    identity text := claim_partition.table_identity;
    machine text := left(coalesce(claim_partition.host, host(inet_client_addr()), 'local'), 200);
    name text := left(coalesce(claim_partition.worker, format('%s:%s:%s', machine, pg_backend_pid(),
        coalesce(nullif(current_setting('application_name'), ''), 'sql'))), 200);
    granted record;
    violated text;
BEGIN
    PERFORM reprocess.check_partition(claim_partition.job, claim_partition.partition_key);
    PERFORM reprocess.check_lease(claim_partition.lease, claim_partition.deadline);
    IF identity = 'known' THEN identity := reprocess.known_table(claim_partition.job); END IF;
    EXECUTE $statement$
-- include claimed_batch
    $statement$ INTO granted
    USING claim_partition.job, ARRAY[claim_partition.partition_key], claim_partition.request_id;
    IF granted.fence IS NULL THEN
        BEGIN
            EXECUTE $statement$
-- include claim
            $statement$ INTO granted
            USING claim_partition.job, ARRAY[claim_partition.partition_key],
                ARRAY[reprocess.partition_date(claim_partition.partition_key)], 1, identity, NULL::bigint,
                claim_partition.transform_version,
                -- The plan is made now: whatever has ended, ended before.
                (SELECT CASE WHEN s.is_called THEN s.last_value ELSE 0 END FROM reprocess.fence s),
                coalesce(claim_partition.again, false), extract(epoch FROM claim_partition.lease)::double precision,
                extract(epoch FROM claim_partition.deadline)::double precision, name, machine,
                coalesce(claim_partition.request_id, gen_random_uuid()), coalesce(claim_partition.takeover_limit, 5),
                -- What the sources are now is the caller's own business: `again` claims what is complete.
                '{}'::text[];
        EXCEPTION WHEN unique_violation THEN
            GET STACKED DIAGNOSTICS violated = CONSTRAINT_NAME;
            IF violated <> 'partition_progress_one_claim' THEN RAISE; END IF;
            RETURN;  -- Another job has claimed the same partition of the table in the same instant.
        END;
    END IF;
    IF granted.fence IS NULL THEN RETURN; END IF;
    RETURN QUERY
    SELECT p.fence, p.claim_id, granted.attempt::integer, granted.failures::integer, granted.predecessor_fence::bigint,
        p.lease_expires_at
    FROM reprocess.partition_progress p
    WHERE p.job = claim_partition.job AND p.partition_key = claim_partition.partition_key;
END $function$;

-- Extends the lease of a claim; the answer is its new end.
CREATE OR REPLACE FUNCTION reprocess.heartbeat_partition(
    job text, partition_key text, fence bigint, claim_id uuid, lease interval DEFAULT '90 seconds',
    worker text DEFAULT NULL, host text DEFAULT NULL
) RETURNS timestamptz LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $function$
#variable_conflict use_column
DECLARE
    claimed record;
    held record;
BEGIN
    PERFORM reprocess.check_lease(heartbeat_partition.lease, NULL);
    SELECT a.worker, a.host INTO claimed FROM reprocess.attempt a WHERE a.fence = heartbeat_partition.fence;
    EXECUTE $statement$
-- include heartbeat
    $statement$ INTO held
    USING heartbeat_partition.job, NULL::bigint, ARRAY[heartbeat_partition.partition_key],
        ARRAY[heartbeat_partition.fence], ARRAY[heartbeat_partition.claim_id],
        extract(epoch FROM heartbeat_partition.lease)::double precision,
        left(coalesce(heartbeat_partition.worker, claimed.worker, 'sql'), 200),
        left(coalesce(heartbeat_partition.host, claimed.host), 200), NULL::integer;
    IF held.fence IS NULL THEN
        PERFORM reprocess.refuse_stale(
            heartbeat_partition.job, heartbeat_partition.partition_key, heartbeat_partition.fence);
    END IF;
    RETURN now() + heartbeat_partition.lease;
END $function$;

-- Marks a claimed partition COMPLETE. Repeated with the same claim it does nothing, and says so in the same way.
CREATE OR REPLACE FUNCTION reprocess.complete_partition(
    job text, partition_key text, fence bigint, claim_id uuid, rows_written bigint DEFAULT NULL,
    bytes_written bigint DEFAULT NULL, rows_read bigint DEFAULT NULL, transform_version text DEFAULT NULL,
    table_version text DEFAULT NULL
) RETURNS text LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $function$
#variable_conflict use_column
DECLARE
    marked record;
    version text := coalesce(complete_partition.transform_version,
        (SELECT a.transform_version FROM reprocess.attempt a WHERE a.fence = complete_partition.fence));
BEGIN
    EXECUTE $statement$
-- include complete
    $statement$ INTO marked
    USING complete_partition.job, ARRAY[complete_partition.partition_key], ARRAY[complete_partition.fence],
        ARRAY[complete_partition.claim_id], ARRAY[complete_partition.rows_read],
        ARRAY[complete_partition.rows_written], ARRAY[complete_partition.bytes_written], ARRAY[version],
        ARRAY[complete_partition.table_version], ARRAY[false], ARRAY[NULL::text], ARRAY[NULL::text], ARRAY[false],
        ARRAY[NULL::text], '{}'::bigint[], '{}'::text[], '{}'::text[], '{}'::text[], '{}'::bigint[], '{}'::bigint[],
        '{}'::text[], '{}'::text[], '{}'::text[], ARRAY[NULL::bigint], ARRAY[NULL::double precision];
    IF marked.fence IS NOT NULL THEN RETURN 'COMPLETE'; END IF;
    -- A statement of its own, which sees what has been committed since: an earlier call may have been heard.
    EXECUTE $statement$
-- include standing
    $statement$ INTO marked
    USING complete_partition.job, ARRAY[complete_partition.partition_key], ARRAY[complete_partition.fence],
        ARRAY[complete_partition.claim_id];
    IF marked.status = 'COMPLETE' THEN RETURN 'COMPLETE'; END IF;
    PERFORM reprocess.refuse_stale(
        complete_partition.job, complete_partition.partition_key, complete_partition.fence);
END $function$;

-- Marks a claimed partition FAILED, or PENDING for another try after a while; the answer is which of the two.
CREATE OR REPLACE FUNCTION reprocess.fail_partition(
    job text, partition_key text, fence bigint, claim_id uuid, error text, retry_after interval DEFAULT NULL
) RETURNS text LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $function$
#variable_conflict use_column
DECLARE
    marked record;
BEGIN
    IF fail_partition.retry_after < interval '0' THEN
        RAISE EXCEPTION 'A retry after % is in the past.', fail_partition.retry_after USING ERRCODE = 'RP022';
    END IF;
    EXECUTE $statement$
-- include fail
    $statement$ INTO marked
    USING fail_partition.job, fail_partition.partition_key, fail_partition.fence, fail_partition.claim_id,
        extract(epoch FROM fail_partition.retry_after)::double precision, reprocess.error_text(fail_partition.error),
        '{}'::bigint[], '{}'::text[], '{}'::text[], '{}'::text[], '{}'::bigint[], '{}'::bigint[], '{}'::text[],
        '{}'::text[], '{}'::text[], NULL::bigint, NULL::double precision, NULL::bigint;
    IF marked.status IS NULL THEN
        EXECUTE $statement$
-- include standing
        $statement$ INTO marked
        USING fail_partition.job, ARRAY[fail_partition.partition_key], ARRAY[fail_partition.fence],
            ARRAY[fail_partition.claim_id];
        IF marked.status IS NULL OR marked.status NOT IN ('FAILED', 'PENDING') THEN
            PERFORM reprocess.refuse_stale(
                fail_partition.job, fail_partition.partition_key, fail_partition.fence);
        END IF;
    END IF;
    RETURN marked.status;
END $function$;

-- Gives a claimed partition back untouched; false where it was not this claim's any more.
CREATE OR REPLACE FUNCTION reprocess.release_partition(job text, partition_key text, fence bigint, claim_id uuid)
RETURNS boolean LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $function$
#variable_conflict use_column
DECLARE
    released record;
BEGIN
    EXECUTE $statement$
-- include release
    $statement$ INTO released
    USING release_partition.job, ARRAY[release_partition.partition_key], ARRAY[release_partition.fence],
        ARRAY[release_partition.claim_id];
    RETURN released.fence IS NOT NULL;
END $function$;

-- Where a partition stands for somebody who would claim it: always one row. The reasons are those of a plan.
CREATE OR REPLACE FUNCTION reprocess.partition_standing(
    job text, partition_key text, transform_version text DEFAULT NULL, table_identity text DEFAULT 'known'
) RETURNS TABLE (
    is_free boolean, reason text, status text, free_in interval, held_by_job text, held_by_worker text,
    held_by_host text, error_message text
) LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS $function$
#variable_conflict use_column
DECLARE
    identity text := partition_standing.table_identity;
    own record;
    holder record;
BEGIN
    PERFORM reprocess.check_partition(partition_standing.job, partition_standing.partition_key);
    IF identity = 'known' THEN identity := reprocess.known_table(partition_standing.job); END IF;
    SELECT p.* INTO own
    FROM reprocess.partition_progress p
    WHERE p.job = partition_standing.job AND p.partition_key = partition_standing.partition_key;
    SELECT p.job, p.worker, p.fence, least(p.lease_expires_at, p.deadline_at) - now() AS lasts INTO holder
    FROM (
        SELECT * FROM reprocess.partition_progress
        WHERE job = partition_standing.job AND partition_key = partition_standing.partition_key
        UNION ALL
        SELECT * FROM reprocess.partition_progress
        WHERE table_identity = identity AND partition_key = partition_standing.partition_key AND status = 'RUNNING'
            AND job <> partition_standing.job) p
    WHERE p.status = 'RUNNING' AND p.lease_expires_at >= now() AND (p.deadline_at < now()) IS NOT TRUE
    ORDER BY p.job = partition_standing.job LIMIT 1;
    reason := CASE
        WHEN holder.job = partition_standing.job THEN 'running elsewhere'
        WHEN holder.job IS NOT NULL THEN 'running in another job'
        WHEN own.status = 'PENDING' AND own.not_before > now() THEN 'waiting for its retry'
        WHEN own.status = 'RUNNING' THEN 'worker lost'
        WHEN own.status = 'FAILED' THEN 'failed'
        WHEN own.status = 'CANCELLED' THEN 'cancelled'
        WHEN own.status = 'HELD' AND (
                SELECT a.transform_version FROM reprocess.attempt a WHERE a.fence = own.fence
            ) <> partition_standing.transform_version THEN 'stale transform'
        WHEN own.status = 'HELD' THEN 'held'
        WHEN own.status = 'COMPLETE' AND own.transform_version <> partition_standing.transform_version
            THEN 'stale transform'
        WHEN own.status = 'COMPLETE' AND own.table_identity <> identity THEN 'stale target'
        WHEN own.status = 'COMPLETE' THEN 'complete'
        ELSE 'missing'
    END;
    is_free := reason IN ('missing', 'failed', 'cancelled', 'stale transform', 'stale target', 'worker lost');
    status := own.status;
    free_in := CASE
        WHEN is_free THEN interval '0'
        WHEN holder.job IS NOT NULL THEN holder.lasts
        WHEN reason = 'waiting for its retry' AND own.not_before < 'infinity' THEN own.not_before - now()
    END;
    held_by_job := holder.job;
    held_by_worker := holder.worker;
    held_by_host := (SELECT a.host FROM reprocess.attempt a WHERE a.fence = holder.fence);
    error_message := own.error_message;
    RETURN NEXT;
END $function$;

-- Claims within limits that all processes share. Whoever claims so waits for the others who do, so that the count of what
-- runs and the time of the next start are those that they left: each statement of a function sees what was committed
-- before it. What has no room for all is shared: whoever has more stands back for those who wait, for as long as they look.
CREATE OR REPLACE FUNCTION reprocess.claim_within(
    job text, keys text[], dates date[], claim_limit integer, identity text, run bigint, version text, plan_fence bigint,
    includes_complete boolean, lease double precision, deadline double precision, worker text, host text, batch uuid,
    takeover_limit integer, stale text[], max_running integer, seconds_apart double precision
) RETURNS TABLE (
    partition_key text, fence bigint, claim_id uuid, attempt integer, failures integer, predecessor_fence bigint,
    predecessor_claim uuid, known_version text, known_digest text, known_transform text, admitted integer,
    next_in double precision
) LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $function$
#variable_conflict use_column
DECLARE
    -- Of what was not started in its time, this much is made up for.
    burst constant interval := interval '1 second';
    -- Whoever waits looks again within this time, else nobody waits for it.
    patience constant double precision := 1;
    -- So long the last slot of a run is not asked back: to hand it over leaves it empty for a moment.
    turn constant double precision := 5;
    own_run constant text := claim_within.run::text;
    now_seconds double precision;
    turns jsonb;
    own jsonb;
    own_running integer := 0;
    own_since double precision;
    has_turn boolean;
    waits boolean;
    is_rated boolean := false;
    ahead integer;
    holders bigint[];
    slots integer;
    wait double precision;
    apart constant interval := make_interval(secs => claim_within.seconds_apart);
    moment timestamptz;
    next_start timestamptz;
    room integer := claim_within.claim_limit;
    running bigint;
    granted integer := 0;
    claim record;
BEGIN
    SELECT g.next_start_at, g.turns INTO next_start, turns
    FROM reprocess.claim_gate g WHERE g.job = claim_within.job FOR UPDATE;
    IF NOT FOUND THEN
        INSERT INTO reprocess.claim_gate (job) VALUES (claim_within.job) ON CONFLICT DO NOTHING;
        SELECT g.next_start_at, g.turns INTO next_start, turns
        FROM reprocess.claim_gate g WHERE g.job = claim_within.job FOR UPDATE;
    END IF;
    moment := clock_timestamp();
    now_seconds := extract(epoch FROM moment);
    own := coalesce(turns -> own_run, '{}');
    own_since := coalesce((own ->> 'since')::double precision, now_seconds);
    IF claim_within.max_running IS NOT NULL THEN
        WITH months AS MATERIALIZED (
            SELECT c.month
            FROM (
                SELECT s.period AS month, s.running
                FROM reprocess.status_count s
                WHERE s.job = claim_within.job AND s.period_length = 7 AND s.running <> 0
                UNION ALL
                SELECT c.month, c.running
                FROM reprocess.status_change c
                WHERE c.transaction_id >= (SELECT u.since FROM reprocess.status_unfolded u)
                    AND c.transaction_id <= '18446744073709551615'::xid8 AND c.job = claim_within.job
            ) c
            GROUP BY c.month
            HAVING sum(c.running) > 0
        )
        SELECT count(*), coalesce(array_agg(q.run_id), '{}') INTO running, holders
        FROM months m
        CROSS JOIN LATERAL (
            SELECT r.run_id
            FROM reprocess.partition_progress r
            WHERE r.job = claim_within.job AND r.partition_key >= m.month AND r.partition_key <= m.month || '~'
                AND r.status = 'RUNNING' AND r.lease_expires_at >= moment AND (r.deadline_at < moment) IS NOT TRUE
            OFFSET 0
        ) q;
        own_running := cardinality(array_positions(holders, claim_within.run));
        has_turn := (own ->> 'began')::double precision > now_seconds - turn;
        -- Of those who wait and could take a slot, first come those with fewer partitions at work. Where none of both has
        -- any, it is who waits longer, once this run has had its turn.
        SELECT count(*) INTO ahead
        FROM (
            SELECT (w.value ->> 'since')::double precision AS since,
                cardinality(array_positions(holders, w.key::bigint)) AS at_work
            FROM jsonb_each(turns) w
            WHERE w.key <> own_run AND (w.value ->> 'until')::double precision >= now_seconds
                AND (w.value ->> 'limit')::integer > running
        ) w
        WHERE w.at_work < own_running
            OR own_running = 0 AND w.at_work = 0 AND has_turn IS NOT TRUE
                AND (w.since < own_since OR own ? 'began');
        room := least(room, claim_within.max_running - running - ahead);
    END IF;
    IF apart IS NOT NULL THEN
        next_start := greatest(next_start, moment - burst);
        slots := 0;
        IF next_start <= moment THEN
            slots := floor(extract(epoch FROM moment - next_start) / claim_within.seconds_apart) + 1;
        END IF;
        -- Starts come one after the other: in turn, by how long one has waited.
        SELECT count(*) INTO ahead
        FROM jsonb_each(turns) w
        WHERE w.key <> own_run AND (w.value ->> 'until')::double precision >= now_seconds AND NOT w.value ? 'limit'
            AND (w.value ->> 'since')::double precision < own_since;
        slots := greatest(slots - ahead, 0);
        is_rated := slots < room;
        room := least(room, slots);
    END IF;
    room := greatest(room, 0);
    IF room > 0 THEN
        FOR claim IN EXECUTE $statement$
-- include claim
        $statement$
        USING claim_within.job, claim_within.keys, claim_within.dates, room, claim_within.identity, claim_within.run,
            claim_within.version, claim_within.plan_fence, claim_within.includes_complete, claim_within.lease,
            claim_within.deadline, claim_within.worker, claim_within.host, claim_within.batch,
            claim_within.takeover_limit, claim_within.stale
        LOOP
            granted := granted + 1;
            RETURN QUERY
            SELECT claim.partition_key::text, claim.fence::bigint, claim.claim_id::uuid, claim.attempt::integer,
                claim.failures::integer, claim.predecessor_fence::bigint, claim.predecessor_claim::uuid,
                claim.known_version::text, claim.known_digest::text, claim.known_transform::text, NULL::integer,
                NULL::double precision;
        END LOOP;
    END IF;
    IF apart IS NOT NULL AND granted > 0 THEN next_start := next_start + granted * apart; END IF;
    -- When to look again: where only the turn of others is in the way, soon.
    IF apart IS NOT NULL AND next_start > moment THEN
        wait := extract(epoch FROM next_start - moment);
    ELSIF is_rated AND room = 0 THEN
        wait := 0.05;
    END IF;
    -- Whoever took all that was admitted and wants more, waits.
    waits := room < claim_within.claim_limit AND granted >= room;
    own := jsonb_strip_nulls(jsonb_build_object(
        'since', CASE WHEN waits THEN CASE WHEN granted > 0 THEN now_seconds ELSE own_since END END,
        'limit', CASE WHEN waits AND NOT is_rated THEN claim_within.max_running END,
        'began', CASE WHEN granted > 0 THEN coalesce((own ->> 'began')::double precision, now_seconds)
            WHEN own_running > 0 THEN (own ->> 'began')::double precision END,
        'until', now_seconds + CASE
            WHEN NOT waits THEN 3600
            WHEN is_rated THEN patience / 2 + coalesce(wait, 0)
            ELSE patience
        END));
    IF granted > 0 AND apart IS NOT NULL OR own - 'until' <> coalesce(turns -> own_run, '{}') - 'until'
        OR (turns -> own_run ->> 'until')::double precision < now_seconds + patience / 2 THEN
        UPDATE reprocess.claim_gate g
        SET next_start_at = CASE WHEN granted > 0 AND apart IS NOT NULL THEN next_start ELSE g.next_start_at END,
            turns = (
                SELECT coalesce(jsonb_object_agg(w.key, w.value), '{}')
                FROM jsonb_each(turns) w
                WHERE w.key <> own_run AND (w.value ->> 'until')::double precision >= now_seconds
            ) || jsonb_build_object(own_run, own)
        WHERE g.job = claim_within.job;
    END IF;
    RETURN QUERY
    SELECT NULL::text, NULL::bigint, NULL::uuid, NULL::integer, NULL::integer, NULL::bigint, NULL::uuid, NULL::text,
        NULL::text, NULL::text, room, wait;
END $function$;

-- Pauses a run, and those at work beside it on the same days with the same version of the transform: what a worker may ask
-- of runs, and nothing else. Acts with the rights of the ledger's owner. The answer is how many were paused.
CREATE OR REPLACE FUNCTION reprocess.trip_breaker(run bigint, reason text, request_id uuid) RETURNS integer
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $function$
    WITH beside AS MATERIALIZED (
        SELECT r.run_id
        FROM reprocess.run own
        JOIN reprocess.run r ON r.job = own.job
        WHERE own.run_id = $1 AND r.ended_at IS NULL AND r.control = 'RUN'
            AND (r.run_id = own.run_id
                OR r.transform_version = own.transform_version AND r.first_key <= own.last_key
                    AND r.last_key >= own.first_key
                    AND EXISTS (SELECT FROM reprocess.live_runs l WHERE l.run_id = r.run_id))
        ORDER BY r.run_id
        FOR NO KEY UPDATE OF r
    ), paused AS (
        UPDATE reprocess.run r SET control = 'PAUSE' FROM beside b WHERE r.run_id = b.run_id
    ), noted AS (
        INSERT INTO reprocess.control_event (run_id, request_id, control, is_breaker, asked_by, reason)
        SELECT b.run_id, $3, 'PAUSE', true, 'the breaker of run ' || $1, left($2, 2000) FROM beside b ORDER BY b.run_id
        ON CONFLICT (run_id, request_id) DO NOTHING
    )
    SELECT count(*)::integer FROM beside
$function$;
REVOKE EXECUTE ON FUNCTION reprocess.trip_breaker(bigint, text, uuid) FROM PUBLIC;
