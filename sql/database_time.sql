-- name: DatabaseTime
-- The database's clock, the only one that decides anything, in seconds since 1970.
SELECT extract(epoch FROM now())::double precision
