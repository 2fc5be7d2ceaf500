-- name: TripBreaker
-- Pauses a run, and the others that do the same work beside it, because their partitions fail one like the other.
-- $1 run, $2 why, $3 request id.
SELECT reprocess.trip_breaker($1::bigint, $2::text, $3::uuid) AS paused
