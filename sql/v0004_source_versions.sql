-- The ledger, version 4: of which versions of their sources the attempts have made their partitions.

-- The versions of the tables that an attempt read, by the paths of their folders: {"/lake/orders": 12}. Empty where it read
-- none that have versions, and where what it published was recorded by a later attempt.
ALTER TABLE reprocess.attempt ADD COLUMN source_versions jsonb;
