-- name: RoleMembers
-- Which of some roles exist, a row for each member, or one where there is none.
-- $1 names of roles.
SELECT r.rolname, m.rolname
FROM pg_roles r
LEFT JOIN pg_auth_members g ON g.roleid = r.oid
LEFT JOIN pg_roles m ON m.oid = g.member
WHERE r.rolname = ANY ($1::text[])
ORDER BY r.rolname, m.rolname
