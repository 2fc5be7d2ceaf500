-- The ledger, version 10: claims within limits take turns.

-- Who claims within the limits of all processes, by run: since when it waits, for a slot below which `limit` or else for the
-- next start; when its turn began; and until when that is to be believed. Entries that are over go with the next change.
ALTER TABLE reprocess.claim_gate ADD COLUMN turns jsonb NOT NULL DEFAULT '{}';
