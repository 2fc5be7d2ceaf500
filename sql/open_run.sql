-- name: OpenRun
-- Opens a run, with a PENDING row for every planned partition that has none. Repeated with the same request id, it
-- finds the run that the first try opened.
-- $1 request id, $2 job, $3 first key, $4 last key, $5 planned, $6 table or null, $7 transform version, $8 options,
-- $9 reason or null, $10 worker, $11 granularity, arrays of one element per range: $12 first ordinal, $13 last ordinal.
WITH opened AS (
    INSERT INTO reprocess.run AS r (
        request_id, job, first_key, last_key, planned, table_identity, transform_version, options, reason, worker)
    VALUES ($1::uuid, $2, $3, $4, $5::bigint, $6::text, $7::text, $8::text, $9::text, $10::text)
    ON CONFLICT (request_id) DO UPDATE SET request_id = excluded.request_id
    RETURNING r.run_id
), planned AS (
    SELECT CASE $11::text
            WHEN 'hour' THEN timestamp '1970-01-01' + make_interval(hours => o.ordinal)
            WHEN 'day' THEN date '1970-01-01' + o.ordinal
            ELSE timestamp '1970-01-01' + make_interval(months => o.ordinal)
        END AS begins
    FROM unnest($12::integer[], $13::integer[]) AS r (lower, upper), generate_series(r.lower, r.upper) AS o (ordinal)
), pending AS (
    INSERT INTO reprocess.partition_progress (job, partition_key, partition_date, table_identity)
    SELECT $2, to_char(p.begins,
            CASE $11::text WHEN 'hour' THEN 'YYYY-MM-DD"T"HH24' WHEN 'day' THEN 'YYYY-MM-DD' ELSE 'YYYY-MM' END),
        p.begins::date, $6::text
    FROM planned p
    ON CONFLICT (job, partition_key) DO NOTHING
)
SELECT o.run_id FROM opened o
