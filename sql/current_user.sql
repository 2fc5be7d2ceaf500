-- name: CurrentUser
-- Who is connected.
SELECT current_user
