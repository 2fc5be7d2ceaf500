-- The ledger, version 3: how many partitions stand where, counted by the database itself, so that asking costs the same
-- with a million partitions as with a hundred. Whoever writes a row, the program or a person, is counted.
--
-- Nobody waits for a counter. A statement that changes rows only adds a line to `status_change`; now and then one folds
-- the lines into `status_count`. No two transactions ever wait for each other here, whatever a person at a prompt
-- leaves open, and so nothing can deadlock.

-- Rows by status: of a job, of each of its years and of each of its months. A period is the beginning that the keys
-- of its partitions have in common: '', '2024' or '2024-01'.
CREATE TABLE reprocess.status_count (
    job           text NOT NULL,
    period_length integer NOT NULL,
    period        text COLLATE "C" NOT NULL,
    key_length    integer NOT NULL,
    pending       bigint NOT NULL,
    running       bigint NOT NULL,
    held          bigint NOT NULL,
    complete      bigint NOT NULL,
    failed        bigint NOT NULL,
    cancelled     bigint NOT NULL,
    PRIMARY KEY (job, period_length, period, key_length)
) WITH (fillfactor = 50, autovacuum_vacuum_scale_factor = 0.1, autovacuum_vacuum_threshold = 200);
-- Where something runs: a few months, which `status` looks through.
CREATE INDEX status_count_running ON reprocess.status_count (job, period) WHERE period_length = 7 AND running <> 0;

-- What changed since: a line for each month of a job in which a statement changed something.
CREATE TABLE reprocess.status_change (
    transaction_id xid8 NOT NULL DEFAULT pg_current_xact_id(),
    job            text NOT NULL,
    month          text COLLATE "C" NOT NULL,
    key_length     integer NOT NULL,
    pending        bigint NOT NULL,
    running        bigint NOT NULL,
    held           bigint NOT NULL,
    complete       bigint NOT NULL,
    failed         bigint NOT NULL,
    cancelled      bigint NOT NULL
) WITH (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 2000, autovacuum_vacuum_cost_delay = 0);
CREATE INDEX status_change_by_transaction ON reprocess.status_change (transaction_id);

-- How far lines have been folded: those of transactions before `folded_to` are gone. Where an old transaction keeps dead
-- rows alive, this is what spares a reader to look at each of them.
CREATE TABLE reprocess.status_fold (
    folded_to xid8 NOT NULL,
    folded_by xid8 NOT NULL
) WITH (fillfactor = 50);
INSERT INTO reprocess.status_fold (folded_to, folded_by) VALUES ('0', pg_current_xact_id());

-- From where on lines must be read. Numbers of transactions mean nothing in a server that a dump was restored to: there
-- the row was not written by the transaction that it names, and everything is read until the next fold. (Should the
-- numbers be equal by chance, the server has come past `folded_to`, and the row holds there too.)
CREATE VIEW reprocess.status_unfolded AS
SELECT CASE WHEN f.xmin = f.folded_by::xid AND f.folded_to <= pg_snapshot_xmin(pg_current_snapshot()) THEN f.folded_to
    ELSE '0'::xid8 END AS since
FROM reprocess.status_fold f;

-- Folds what has been committed into the counts. One at a time; who finds another at it leaves it to that one.
CREATE FUNCTION reprocess.fold_status() RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    -- A snapshot from before the last fold could not be folded without an error.
    IF current_setting('transaction_isolation') <> 'read committed' THEN RETURN; END IF;
    PERFORM FROM reprocess.status_fold FOR UPDATE SKIP LOCKED;
    IF NOT FOUND THEN RETURN; END IF;
    WITH folded AS (
        DELETE FROM reprocess.status_change c
        WHERE c.transaction_id >= (SELECT u.since FROM reprocess.status_unfolded u)
            AND c.transaction_id <= '18446744073709551615'::xid8
        RETURNING c.job, c.month, c.key_length, c.pending, c.running, c.held, c.complete, c.failed, c.cancelled
    ), counted AS (
        INSERT INTO reprocess.status_count AS s (
            job, period_length, period, key_length, pending, running, held, complete, failed, cancelled)
        SELECT f.job, p.period_length, left(f.month, p.period_length), f.key_length, sum(f.pending), sum(f.running),
            sum(f.held), sum(f.complete), sum(f.failed), sum(f.cancelled)
        FROM folded f CROSS JOIN (VALUES (0), (4), (7)) AS p (period_length)
        GROUP BY 1, 2, 3, 4
        ON CONFLICT (job, period_length, period, key_length) DO UPDATE
        SET pending = s.pending + excluded.pending, running = s.running + excluded.running,
            held = s.held + excluded.held, complete = s.complete + excluded.complete,
            failed = s.failed + excluded.failed, cancelled = s.cancelled + excluded.cancelled
    )
    -- What began before the oldest transaction that was still open here has ended and was seen, so that it was folded.
    UPDATE reprocess.status_fold
    SET folded_to = pg_snapshot_xmin(pg_current_snapshot()), folded_by = pg_current_xact_id();
END $$;

CREATE FUNCTION reprocess.count_inserted() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    -- Every claim could insert, and hardly any does.
    IF NOT EXISTS (SELECT FROM new_rows) THEN RETURN NULL; END IF;
    INSERT INTO reprocess.status_change (
        job, month, key_length, pending, running, held, complete, failed, cancelled)
    SELECT r.job, left(r.partition_key, 7), length(r.partition_key), count(*) FILTER (WHERE r.status = 'PENDING'),
        count(*) FILTER (WHERE r.status = 'RUNNING'), count(*) FILTER (WHERE r.status = 'HELD'),
        count(*) FILTER (WHERE r.status = 'COMPLETE'), count(*) FILTER (WHERE r.status = 'FAILED'),
        count(*) FILTER (WHERE r.status = 'CANCELLED')
    FROM new_rows r
    GROUP BY 1, 2, 3;
    IF random() < 0.004 THEN PERFORM reprocess.fold_status(); END IF;
    RETURN NULL;
END $$;

CREATE FUNCTION reprocess.count_deleted() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    INSERT INTO reprocess.status_change (
        job, month, key_length, pending, running, held, complete, failed, cancelled)
    SELECT r.job, left(r.partition_key, 7), length(r.partition_key), -count(*) FILTER (WHERE r.status = 'PENDING'),
        -count(*) FILTER (WHERE r.status = 'RUNNING'), -count(*) FILTER (WHERE r.status = 'HELD'),
        -count(*) FILTER (WHERE r.status = 'COMPLETE'), -count(*) FILTER (WHERE r.status = 'FAILED'),
        -count(*) FILTER (WHERE r.status = 'CANCELLED')
    FROM old_rows r
    GROUP BY 1, 2, 3;
    IF random() < 0.004 THEN PERFORM reprocess.fold_status(); END IF;
    RETURN NULL;
END $$;

CREATE FUNCTION reprocess.count_updated() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    -- Heartbeats leave everything RUNNING, and `guard_key` sees to it that nothing RUNNING moves to another key.
    IF NOT EXISTS (
        SELECT FROM (SELECT o.status FROM old_rows o UNION ALL SELECT n.status FROM new_rows n) r
        WHERE r.status <> 'RUNNING') THEN RETURN NULL; END IF;
    INSERT INTO reprocess.status_change (
        job, month, key_length, pending, running, held, complete, failed, cancelled)
    SELECT c.job, c.month, c.key_length, c.pending, c.running, c.held, c.complete, c.failed, c.cancelled
    FROM (
        SELECT r.job, left(r.partition_key, 7) AS month, length(r.partition_key) AS key_length,
            coalesce(sum(r.change) FILTER (WHERE r.status = 'PENDING'), 0) AS pending,
            coalesce(sum(r.change) FILTER (WHERE r.status = 'RUNNING'), 0) AS running,
            coalesce(sum(r.change) FILTER (WHERE r.status = 'HELD'), 0) AS held,
            coalesce(sum(r.change) FILTER (WHERE r.status = 'COMPLETE'), 0) AS complete,
            coalesce(sum(r.change) FILTER (WHERE r.status = 'FAILED'), 0) AS failed,
            coalesce(sum(r.change) FILTER (WHERE r.status = 'CANCELLED'), 0) AS cancelled
        FROM (
            SELECT o.job, o.partition_key, o.status, -1 AS change FROM old_rows o
            UNION ALL SELECT n.job, n.partition_key, n.status, 1 FROM new_rows n) r
        GROUP BY 1, 2, 3
    ) c
    WHERE (c.pending, c.running, c.held, c.complete, c.failed, c.cancelled) <> (0, 0, 0, 0, 0, 0);
    IF random() < 0.004 THEN PERFORM reprocess.fold_status(); END IF;
    RETURN NULL;
END $$;

CREATE FUNCTION reprocess.count_truncated() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    TRUNCATE reprocess.status_change, reprocess.status_count;
    RETURN NULL;
END $$;

-- For each statement and not for each row: a claim of sixteen partitions adds one line, and a plan of a million a line a
-- month.
CREATE TRIGGER count_inserted AFTER INSERT ON reprocess.partition_progress
    REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION reprocess.count_inserted();
CREATE TRIGGER count_deleted AFTER DELETE ON reprocess.partition_progress
    REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION reprocess.count_deleted();
CREATE TRIGGER count_updated AFTER UPDATE ON reprocess.partition_progress
    REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows FOR EACH STATEMENT
    EXECUTE FUNCTION reprocess.count_updated();
CREATE TRIGGER count_truncated AFTER TRUNCATE ON reprocess.partition_progress
    FOR EACH STATEMENT EXECUTE FUNCTION reprocess.count_truncated();

CREATE FUNCTION reprocess.guard_key() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    RAISE EXCEPTION '% of % is RUNNING: its job and its key can be changed when it has ended.', OLD.partition_key, OLD.job
        USING ERRCODE = 'RP008';
END $$;
CREATE TRIGGER guard_key BEFORE UPDATE OF job, partition_key ON reprocess.partition_progress FOR EACH ROW
    WHEN (OLD.status = 'RUNNING' AND (NEW.job, NEW.partition_key) <> (OLD.job, OLD.partition_key))
    EXECUTE FUNCTION reprocess.guard_key();

-- Counts everything anew: for a ledger of an earlier version, and for one that was changed with its triggers off. Others
-- who want to write wait until it has been committed.
CREATE FUNCTION reprocess.recount_status() RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    LOCK TABLE reprocess.partition_progress IN SHARE ROW EXCLUSIVE MODE;
    TRUNCATE reprocess.status_change, reprocess.status_count;
    INSERT INTO reprocess.status_change (
        job, month, key_length, pending, running, held, complete, failed, cancelled)
    SELECT p.job, left(p.partition_key, 7), length(p.partition_key), count(*) FILTER (WHERE p.status = 'PENDING'),
        count(*) FILTER (WHERE p.status = 'RUNNING'), count(*) FILTER (WHERE p.status = 'HELD'),
        count(*) FILTER (WHERE p.status = 'COMPLETE'), count(*) FILTER (WHERE p.status = 'FAILED'),
        count(*) FILTER (WHERE p.status = 'CANCELLED')
    FROM reprocess.partition_progress p
    GROUP BY 1, 2, 3;
    PERFORM reprocess.fold_status();
END $$;

-- They act with the rights of the ledger's owner, or take a lock that stops every worker.
REVOKE EXECUTE ON FUNCTION reprocess.fold_status(), reprocess.recount_status(), reprocess.count_inserted(),
    reprocess.count_deleted(), reprocess.count_updated(), reprocess.count_truncated() FROM PUBLIC;

-- The newest changes of each status but RUNNING: what failed, and what was completed lately. A claim leaves nothing behind
-- in it, and no statement can use it that does not say that it wants nothing RUNNING: to find a partition by its key, the
-- planner must never go through all partitions of a job, not even with a plan that it made when there were only a few.
CREATE INDEX partition_progress_by_status ON reprocess.partition_progress (job, status COLLATE "C", updated_at)
    WHERE status <> 'RUNNING';

-- As before, with the key first. A claim asks for a few keys of a table; with the table first, a planner that expects few
-- live claims goes through all of them for it, and through the dead ones that an old transaction keeps.
DROP INDEX reprocess.partition_progress_one_claim;
CREATE UNIQUE INDEX partition_progress_one_claim ON reprocess.partition_progress (partition_key, table_identity)
    WHERE status = 'RUNNING' AND table_identity IS NOT NULL;

SELECT reprocess.recount_status();
