-- The ledger, version 5: how staged rows were judged, what a person decided about them, and of what sources a partition
-- was made. Only columns that are empty, or have one value for every old row: no table is written anew.

-- What an attempt was made for, and, where it carries out a decision, about which attempt that was. `was_unchanged`: the
-- table held the same rows already, and nothing was published. `source_identity`: what the sources were when it read them.
ALTER TABLE reprocess.attempt
    ADD COLUMN kind text NOT NULL DEFAULT 'RUN',
    ADD COLUMN origin_fence bigint,
    ADD COLUMN was_unchanged boolean NOT NULL DEFAULT false,
    ADD COLUMN source_identity text;
-- Read once, and not written: every row has the value of the column's default.
ALTER TABLE reprocess.attempt
    ADD CONSTRAINT known_kind CHECK (kind IN ('RUN', 'APPROVE', 'UNDO')) NOT VALID,
    ADD CONSTRAINT decided_has_origin CHECK ((kind = 'RUN') = (origin_fence IS NULL)) NOT VALID;
ALTER TABLE reprocess.attempt VALIDATE CONSTRAINT known_kind, VALIDATE CONSTRAINT decided_has_origin;

-- `source_identity`: of what sources the partition was made COMPLETE; empty counts for all. `content_digest`: the digest of
-- the rows of the generation that `table_version` names; empty where nobody measured them.
ALTER TABLE reprocess.partition_progress ADD COLUMN source_identity text, ADD COLUMN content_digest text;

-- How the staged rows of an attempt were judged: what they are, what they would replace, and what the audits found.
-- `replaced_statistics` is empty where they are known from the attempt that made that version.
CREATE TABLE reprocess.judgement (
    fence               bigint PRIMARY KEY,
    content_digest      text,
    statistics          jsonb,
    replaced_version    text,
    replaced_rows       bigint,
    replaced_bytes      bigint,
    replaced_digest     text,
    replaced_statistics jsonb,
    findings            jsonb
) WITH (autovacuum_vacuum_insert_scale_factor = 0.1);

-- What persons decided, each with its place in the order of fences: that of the attempt that carries it out, or of the end
-- of what was rejected. `origin_fence` is the attempt that was held, or undone.
CREATE TABLE reprocess.decision (
    place         bigint PRIMARY KEY,
    kind          text NOT NULL CHECK (kind IN ('APPROVE', 'REJECT', 'UNDO')),
    job           text NOT NULL,
    partition_key text COLLATE "C" NOT NULL,
    origin_fence  bigint NOT NULL,
    new_fence     bigint,
    request_id    uuid NOT NULL,                 -- made by the client, so that a repeated request is decided once
    decided_by    text NOT NULL,
    database_user text NOT NULL DEFAULT session_user,
    decided_at    timestamptz NOT NULL DEFAULT now(),
    reason        text NOT NULL,
    CONSTRAINT rejected_has_no_attempt CHECK ((kind = 'REJECT') = (new_fence IS NULL))
);
CREATE INDEX decision_by_partition ON reprocess.decision (job, partition_key, place);

-- As before; and a digest speaks of one version of the table: who records another version, and is a program of before or a
-- person, does not know the digest.
CREATE OR REPLACE FUNCTION reprocess.fill_progress() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    ended constant boolean := NEW.status IN ('COMPLETE', 'FAILED', 'CANCELLED');
BEGIN
    IF NEW.partition_date IS NULL THEN
        NEW.partition_date := reprocess.partition_date(NEW.partition_key);
    END IF;
    IF ended AND NEW.completed_at IS NULL THEN NEW.completed_at := now(); END IF;
    IF NOT ended THEN NEW.completed_at := NULL; END IF;
    IF NEW.status <> 'RUNNING' THEN
        NEW.lease_expires_at := NULL;
        NEW.deadline_at := NULL;
    END IF;
    -- What ends gets a place in the order of fences, so that a plan made before does not reopen it.
    IF ended AND NEW.fence = 0 THEN NEW.fence := nextval('reprocess.fence'); END IF;
    IF TG_OP = 'UPDATE' THEN
        IF ended AND NEW.status <> OLD.status AND NEW.fence = OLD.fence
            AND NEW.ended_fence IS NOT DISTINCT FROM OLD.ended_fence THEN
            NEW.ended_fence := nextval('reprocess.fence');
        END IF;
        -- What is reopened starts anew: what was tried, failed and lost before does not count any more.
        IF NEW.status = 'PENDING' AND OLD.status IN ('COMPLETE', 'FAILED', 'CANCELLED') THEN
            IF NEW.attempt = OLD.attempt THEN NEW.attempt := 0; END IF;
            IF NEW.failures = OLD.failures THEN NEW.failures := 0; END IF;
            IF NEW.takeovers = OLD.takeovers THEN NEW.takeovers := 0; END IF;
            NEW.content_digest := NULL;
        END IF;
        IF NEW.content_digest = OLD.content_digest AND NEW.table_version IS DISTINCT FROM OLD.table_version THEN
            NEW.content_digest := NULL;
        END IF;
    END IF;
    RETURN NEW;
END $$;

DROP TRIGGER fill_updated ON reprocess.partition_progress;
CREATE TRIGGER fill_updated BEFORE UPDATE OF status ON reprocess.partition_progress FOR EACH ROW
    WHEN ((NEW.status IN ('COMPLETE', 'FAILED', 'CANCELLED')) <> (NEW.completed_at IS NOT NULL)
        OR (NEW.status <> 'RUNNING' AND NEW.lease_expires_at IS NOT NULL)
        OR (NEW.status IN ('COMPLETE', 'FAILED', 'CANCELLED')
            AND (NEW.fence = 0 OR NEW.status <> OLD.status AND NEW.fence = OLD.fence
                AND NEW.ended_fence IS NOT DISTINCT FROM OLD.ended_fence))
        OR (NEW.status = 'PENDING' AND OLD.status IN ('COMPLETE', 'FAILED', 'CANCELLED')
            AND ((NEW.attempt, NEW.failures, NEW.takeovers) <> (0, 0, 0) OR NEW.content_digest IS NOT NULL))
        OR (NEW.content_digest = OLD.content_digest AND NEW.table_version IS DISTINCT FROM OLD.table_version))
    EXECUTE FUNCTION reprocess.fill_progress();

-- As before, without what is held: that is no failure, and has a view of its own.
CREATE OR REPLACE VIEW reprocess.recent_failures AS
SELECT fence, job, partition_key, run_id, attempt, outcome, worker, host, started_at, ended_at, transform_version,
    left(error_message, 200) AS error_message
FROM reprocess.attempt
WHERE error_message IS NOT NULL AND outcome <> 'HELD'
ORDER BY fence DESC;

-- What waits for a person.
CREATE VIEW reprocess.held_partitions AS
SELECT p.job, p.partition_key, p.partition_date, p.fence, a.run_id, a.ended_at AS held_at,
    left(coalesce(a.error_message, p.error_message), 200) AS reason, j.replaced_rows AS old_rows, a.rows_written AS new_rows,
    j.replaced_bytes AS old_bytes, a.bytes_written AS new_bytes, a.transform_version, coalesce(a.worker, p.worker) AS worker,
    a.host
FROM reprocess.partition_progress p
LEFT JOIN reprocess.attempt a ON a.fence = p.fence
LEFT JOIN reprocess.judgement j ON j.fence = p.fence
WHERE p.status = 'HELD' AND p.status <> 'RUNNING';

-- Partitions whose rows a run has really changed, for whatever runs downstream: not those that the table held already.
-- Found by the run's range of keys.
CREATE VIEW reprocess.changed_partitions AS
SELECT r.run_id, r.job, a.partition_key, to_date(left(a.partition_key, 10), 'YYYY-MM-DD') AS partition_date, a.kind, a.fence,
    a.ended_at AS changed_at, j.replaced_rows AS old_rows, a.rows_written AS new_rows, j.replaced_bytes AS old_bytes,
    a.bytes_written AS new_bytes, a.transform_version, a.table_version
FROM reprocess.run r
JOIN reprocess.attempt a ON a.job = r.job AND a.partition_key >= r.first_key AND a.partition_key <= r.last_key
    AND a.run_id = r.run_id
LEFT JOIN reprocess.judgement j ON j.fence = a.fence
WHERE a.outcome IN ('COMPLETE', 'ADOPTED') AND NOT a.was_unchanged;

DO $$
BEGIN
    IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'reprocess_dashboard') THEN
        GRANT SELECT ON reprocess.held_partitions, reprocess.changed_partitions TO reprocess_dashboard;
    END IF;
END $$;
