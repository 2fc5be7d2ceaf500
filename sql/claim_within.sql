-- name: ClaimWithin
-- Claims as Claim does, but no more than the limits leave that all processes share: a row without a key says how many
-- claims they admitted, and when the next one will be, where that is known.
-- $1 to $16 as for Claim, $17 greatest number of partitions of the job that run at once or null, $18 seconds from the
-- start of one partition to that of the next or null.
SELECT partition_key, fence, claim_id, attempt, failures, predecessor_fence, predecessor_claim, known_version, known_digest,
    known_transform, admitted, next_in
FROM reprocess.claim_within(
    $1, $2::text[], $3::date[], $4::integer, $5::text, $6::bigint, $7::text, $8::bigint, $9::boolean,
    $10::double precision, $11::double precision, $12::text, $13::text, $14::uuid, $15::integer, $16::text[],
    $17::integer, $18::double precision)
