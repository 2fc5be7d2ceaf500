-- The ledger, version 1. Runs inside the transaction of the migration that writes its bookkeeping row.
--
-- The word `reprocess`, where it stands alone, is the name of the schema; the program puts the configured name there.
-- Tested with PostgreSQL 13 and later.

-- Fences come from one sequence that is never reset: it survives rows that are deleted and inserted again.
CREATE SEQUENCE reprocess.fence AS bigint NO CYCLE CACHE 1;

-- One request over a frozen set of partitions.
CREATE TABLE reprocess.run (
    run_id            bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    request_id        uuid NOT NULL UNIQUE,      -- made by the client, so that a repeated request opens one run
    job               text NOT NULL,
    first_key         text COLLATE "C" NOT NULL,
    last_key          text COLLATE "C" NOT NULL,
    planned           bigint NOT NULL,
    table_identity    text,
    transform_version text NOT NULL,
    options           text NOT NULL,
    reason            text,
    worker            text NOT NULL,
    database_user     text NOT NULL DEFAULT session_user,
    control           text NOT NULL DEFAULT 'RUN' CHECK (control IN ('RUN', 'PAUSE', 'DRAIN', 'CANCEL')),
    started_at        timestamptz NOT NULL DEFAULT now(),
    ended_at          timestamptz,
    outcome           text,
    complete          bigint,
    failed            bigint,
    skipped           bigint,
    CHECK ((ended_at IS NULL) = (outcome IS NULL))
);
CREATE INDEX run_by_job ON reprocess.run (job, run_id);

-- One row per partition of a job: where it stands now.
CREATE TABLE reprocess.partition_progress (
    job               text NOT NULL,
    partition_key     text COLLATE "C" NOT NULL,
    partition_date    date NOT NULL,
    status            text NOT NULL DEFAULT 'PENDING'
        CHECK (status IN ('PENDING', 'RUNNING', 'HELD', 'COMPLETE', 'FAILED', 'CANCELLED')),
    attempt           integer NOT NULL DEFAULT 0 CHECK (attempt >= 0),
    failures          integer NOT NULL DEFAULT 0 CHECK (failures >= 0),
    takeovers         integer NOT NULL DEFAULT 0 CHECK (takeovers >= 0),
    fence             bigint NOT NULL DEFAULT 0 CHECK (fence >= 0),
    claim_id          uuid,
    run_id            bigint,
    table_identity    text,
    worker            text,
    lease_expires_at  timestamptz,
    deadline_at       timestamptz,
    not_before        timestamptz NOT NULL DEFAULT '-infinity',
    started_at        timestamptz,
    completed_at      timestamptz,
    updated_at        timestamptz NOT NULL DEFAULT now(),
    error_message     text CHECK (octet_length(error_message) <= 8192),
    rows_read         bigint,
    rows_written      bigint,
    bytes_written     bigint,
    transform_version text,
    table_version     text,
    PRIMARY KEY (job, partition_key),
    CONSTRAINT lease_while_running CHECK ((status = 'RUNNING') = (lease_expires_at IS NOT NULL)),
    CONSTRAINT running_has_claim CHECK (status <> 'RUNNING' OR (claim_id IS NOT NULL AND fence > 0)),
    CONSTRAINT ended_has_time CHECK ((status IN ('COMPLETE', 'FAILED', 'CANCELLED')) = (completed_at IS NOT NULL))
) WITH (
    -- Heartbeats change no indexed column; with room on the page they are heap-only updates (PostgreSQL docs, "HOT").
    fillfactor = 60,
    autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 500,
    autovacuum_analyze_scale_factor = 0.02, autovacuum_vacuum_cost_delay = 0
);

-- At most one live claim of a table's partition, whatever job it comes from.
CREATE UNIQUE INDEX partition_progress_one_claim ON reprocess.partition_progress (table_identity, partition_key)
    WHERE status = 'RUNNING' AND table_identity IS NOT NULL;

-- Every attempt ever made, one row per claim; an attempt that has ended is never changed again.
CREATE TABLE reprocess.attempt (
    fence             bigint PRIMARY KEY,
    job               text NOT NULL,
    partition_key     text COLLATE "C" NOT NULL,
    claim_id          uuid NOT NULL,
    batch_id          uuid NOT NULL,
    predecessor_fence bigint,
    predecessor_claim uuid,
    run_id            bigint,
    attempt           integer NOT NULL,
    worker            text NOT NULL,
    host              text,
    started_at        timestamptz NOT NULL DEFAULT now(),
    ended_at          timestamptz,
    outcome           text NOT NULL DEFAULT 'RUNNING'
        CHECK (outcome IN ('RUNNING', 'COMPLETE', 'ADOPTED', 'HELD', 'FAILED', 'RETRY', 'RELEASED', 'LOST', 'CANCELLED')),
    error_message     text CHECK (octet_length(error_message) <= 8192),
    rows_read         bigint,
    rows_written      bigint,
    bytes_written     bigint,
    transform_version text,
    table_version     text,
    CONSTRAINT ended_has_outcome CHECK ((outcome = 'RUNNING') = (ended_at IS NULL))
) WITH (fillfactor = 80, autovacuum_vacuum_scale_factor = 0.05, autovacuum_vacuum_insert_scale_factor = 0.1);
CREATE INDEX attempt_by_partition ON reprocess.attempt (job, partition_key, fence);
-- Its columns do not change when an attempt succeeds, so that the usual end of an attempt stays a heap-only update.
CREATE INDEX attempt_with_error ON reprocess.attempt (fence) WHERE error_message IS NOT NULL;

-- Processes that work or worked on the ledger.
CREATE TABLE reprocess.worker (
    worker            text PRIMARY KEY,
    host              text,
    pid               integer,
    job               text,
    run_id            bigint,
    claims            integer NOT NULL DEFAULT 0,
    started_at        timestamptz NOT NULL DEFAULT now(),
    last_heartbeat_at timestamptz NOT NULL DEFAULT now(),
    lease_seconds     double precision NOT NULL
) WITH (fillfactor = 60);

-- Lets a person mark a partition with a plain INSERT or UPDATE: fills what follows from key and status.
CREATE FUNCTION reprocess.fill_progress() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    ended constant boolean := NEW.status IN ('COMPLETE', 'FAILED', 'CANCELLED');
BEGIN
    IF NEW.partition_date IS NULL THEN
        IF NEW.partition_key !~ '^\d{4}-\d{2}(-\d{2}(T([01]\d|2[0-3]))?)?$' THEN
            RAISE EXCEPTION '"%" is no partition key: write YYYY-MM, YYYY-MM-DD or YYYY-MM-DDTHH', NEW.partition_key
                USING ERRCODE = 'RP005';
        END IF;
        NEW.partition_date := make_date(
            substr(NEW.partition_key, 1, 4)::int, substr(NEW.partition_key, 6, 2)::int,
            coalesce(nullif(substr(NEW.partition_key, 9, 2), '')::int, 1));
    END IF;
    IF ended AND NEW.completed_at IS NULL THEN NEW.completed_at := now(); END IF;
    IF NOT ended THEN NEW.completed_at := NULL; END IF;
    IF NEW.status <> 'RUNNING' THEN
        NEW.lease_expires_at := NULL;
        NEW.deadline_at := NULL;
    END IF;
    -- What ends gets a place in the order of fences, so that a plan made before does not reopen it.
    IF ended AND NEW.fence = 0 THEN NEW.fence := nextval('reprocess.fence'); END IF;
    RETURN NEW;
END $$;

-- The program fills every column itself and does not pay for the call.
CREATE TRIGGER fill_inserted BEFORE INSERT ON reprocess.partition_progress FOR EACH ROW
    WHEN (NEW.partition_date IS NULL
        OR (NEW.status IN ('COMPLETE', 'FAILED', 'CANCELLED') AND (NEW.completed_at IS NULL OR NEW.fence = 0)))
    EXECUTE FUNCTION reprocess.fill_progress();

CREATE TRIGGER fill_updated BEFORE UPDATE OF status ON reprocess.partition_progress FOR EACH ROW
    WHEN ((NEW.status IN ('COMPLETE', 'FAILED', 'CANCELLED')) <> (NEW.completed_at IS NOT NULL)
        OR (NEW.status <> 'RUNNING' AND NEW.lease_expires_at IS NOT NULL)
        OR (NEW.status IN ('COMPLETE', 'FAILED', 'CANCELLED') AND NEW.fence = 0))
    EXECUTE FUNCTION reprocess.fill_progress();

-- No client, old, buggy or written by hand, moves a row against the order of fences.
CREATE FUNCTION reprocess.guard_progress() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF NEW.fence < OLD.fence THEN
        RAISE EXCEPTION 'The fence of % may not decrease (% to %).', OLD.partition_key, OLD.fence, NEW.fence
            USING ERRCODE = 'RP001';
    END IF;
    IF NEW.fence = OLD.fence THEN
        IF OLD.status IN ('COMPLETE', 'FAILED', 'CANCELLED') AND NEW.status <> OLD.status THEN
            RAISE EXCEPTION '% is %: to change that, also set a new fence.', OLD.partition_key, OLD.status
                USING ERRCODE = 'RP002', HINT = 'SET fence = nextval(''reprocess.fence'')';
        END IF;
        IF NEW.status = 'RUNNING' AND OLD.status <> 'RUNNING' THEN
            RAISE EXCEPTION 'A claim of % needs a new fence.', OLD.partition_key USING ERRCODE = 'RP003';
        END IF;
        IF NEW.claim_id IS DISTINCT FROM OLD.claim_id THEN
            RAISE EXCEPTION 'The claim id of % changes only with its fence.', OLD.partition_key
                USING ERRCODE = 'RP004';
        END IF;
    END IF;
    RETURN NEW;
END $$;

-- Named to run after the trigger above: triggers of one kind fire in the order of their names.
CREATE TRIGGER guard_updated BEFORE UPDATE OF status, fence, claim_id ON reprocess.partition_progress
    FOR EACH ROW EXECUTE FUNCTION reprocess.guard_progress();

CREATE FUNCTION reprocess.guard_attempt() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    RAISE EXCEPTION 'Attempt % has ended as %; the history is not rewritten.', OLD.fence, OLD.outcome
        USING ERRCODE = 'RP006';
END $$;
CREATE TRIGGER guard_ended BEFORE UPDATE ON reprocess.attempt FOR EACH ROW
    WHEN (OLD.outcome <> 'RUNNING') EXECUTE FUNCTION reprocess.guard_attempt();

-- For dashboards. Error texts are cut: what a transform reports may be long.
CREATE VIEW reprocess.run_summary AS
SELECT r.run_id, r.job, r.first_key, r.last_key, r.planned, r.table_identity, r.transform_version, r.reason, r.worker,
    r.database_user, r.control, r.started_at, r.ended_at, r.outcome, r.complete, r.failed, r.skipped,
    coalesce(r.ended_at, now()) - r.started_at AS duration
FROM reprocess.run r;

CREATE VIEW reprocess.daily_status AS
SELECT job, partition_date, count(*) AS partitions,
    count(*) FILTER (WHERE status = 'PENDING') AS pending,
    count(*) FILTER (WHERE status = 'RUNNING') AS running,
    count(*) FILTER (WHERE status = 'HELD') AS held,
    count(*) FILTER (WHERE status = 'COMPLETE') AS complete,
    count(*) FILTER (WHERE status = 'FAILED') AS failed,
    count(*) FILTER (WHERE status = 'CANCELLED') AS cancelled,
    sum(rows_written) AS rows_written, sum(bytes_written) AS bytes_written,
    max(completed_at) AS last_completed_at
FROM reprocess.partition_progress
GROUP BY job, partition_date;

CREATE VIEW reprocess.recent_failures AS
SELECT fence, job, partition_key, run_id, attempt, outcome, worker, host, started_at, ended_at, transform_version,
    left(error_message, 200) AS error_message
FROM reprocess.attempt
WHERE error_message IS NOT NULL
ORDER BY fence DESC;

CREATE VIEW reprocess.worker_status AS
SELECT worker, host, pid, job, run_id, claims, started_at, last_heartbeat_at,
    now() - last_heartbeat_at AS silent_for,
    CASE WHEN last_heartbeat_at < now() - make_interval(secs => lease_seconds) THEN 'GONE' ELSE 'ALIVE' END AS status
FROM reprocess.worker;

-- A role for dashboards that reads the views and nothing else. It belongs to the whole cluster, so that another
-- database may have made it, or be making it now; who may not create roles does without it.
DO $$
BEGIN
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'reprocess_dashboard')
        AND EXISTS (SELECT FROM pg_roles WHERE rolname = current_user AND (rolsuper OR rolcreaterole)) THEN
        BEGIN
            CREATE ROLE reprocess_dashboard NOLOGIN;
        EXCEPTION WHEN duplicate_object OR unique_violation OR insufficient_privilege THEN
            NULL;  -- Made by another migration meanwhile, or refused by a managed service.
        END;
    END IF;
    IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'reprocess_dashboard') THEN
        GRANT USAGE ON SCHEMA reprocess TO reprocess_dashboard;
        GRANT SELECT ON reprocess.run_summary, reprocess.daily_status, reprocess.recent_failures,
            reprocess.worker_status TO reprocess_dashboard;
    END IF;
END $$;
