-- name: CurrentFence
-- The number that the sequence has reached; 0 where it was never used.
SELECT CASE WHEN is_called THEN last_value ELSE 0 END FROM reprocess.fence
