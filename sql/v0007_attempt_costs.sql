-- The ledger, version 7: what an attempt took. Only columns that are empty for every old row: no table is written anew.

-- `bytes_read`: the size of the source files of the partition, where somebody can tell. `engine_seconds`: the time spent in
-- the engine, also of attempts that failed.
ALTER TABLE reprocess.attempt ADD COLUMN bytes_read bigint, ADD COLUMN engine_seconds double precision;

-- What the attempts of a run took, all together: also what failed, and what was tried again. What nobody can tell is left
-- out of a sum, which is empty where nobody can tell of any. Found by the run's range of keys.
CREATE VIEW reprocess.run_cost AS
SELECT r.run_id, r.job, count(a.fence) AS attempts, sum(a.bytes_read)::bigint AS bytes_read,
    sum(a.rows_read)::bigint AS rows_read,
    (sum(a.rows_written) FILTER (WHERE a.outcome IN ('COMPLETE', 'ADOPTED') AND NOT a.was_unchanged))::bigint
        AS rows_written,
    (sum(a.bytes_written) FILTER (WHERE a.outcome IN ('COMPLETE', 'ADOPTED') AND NOT a.was_unchanged))::bigint
        AS bytes_written,
    sum(a.engine_seconds) AS engine_seconds
FROM reprocess.run r
LEFT JOIN reprocess.attempt a ON a.job = r.job AND a.partition_key >= r.first_key AND a.partition_key <= r.last_key
    AND a.run_id = r.run_id
GROUP BY r.run_id, r.job;

DO $$
BEGIN
    IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'reprocess_dashboard') THEN
        GRANT SELECT ON reprocess.run_cost TO reprocess_dashboard;
    END IF;
END $$;
