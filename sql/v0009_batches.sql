-- The ledger, version 9: partitions that are read in batches, each of which is a checkpoint once it is finished.

-- How many batches of the partition's next generation are finished, and their rows. Zero for all that is made in one pass,
-- and again as soon as the partition is COMPLETE or HELD.
ALTER TABLE reprocess.partition_progress
    ADD COLUMN batches integer NOT NULL DEFAULT 0,
    ADD COLUMN batch_rows bigint NOT NULL DEFAULT 0;

-- One finished batch: a file, or some, that the attempt with this fence and claim has brought to the disk. `first_key` and
-- `next_key` are the range of keys that it read, from the first on and up to the next one exclusive, which is empty for the
-- last batch; `fields` is what the job wrote down with it. It is gone on with by attempts at the same version of the
-- transform and of the same sources alone.
CREATE TABLE reprocess.batch_checkpoint (
    job               text NOT NULL,
    partition_key     text COLLATE "C" NOT NULL,
    number            integer NOT NULL CHECK (number >= 0),
    fence             bigint NOT NULL,
    claim_id          uuid NOT NULL,
    files             text[] NOT NULL,
    rows              bigint NOT NULL,
    bytes             bigint NOT NULL,
    first_key         jsonb,
    next_key          jsonb,
    batch_size        bigint NOT NULL,
    fields            jsonb NOT NULL DEFAULT '{}',
    source_identity   text,
    transform_version text NOT NULL,
    recorded_at       timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (job, partition_key, number)
);
-- Cleaning asks by attempt.
CREATE INDEX batch_checkpoint_by_fence ON reprocess.batch_checkpoint (fence);

-- Forgets the batches of a partition: when its number of batches is set to zero, when its data is published or held, and
-- when its row is deleted. With the owner's rights: no role deletes.
CREATE FUNCTION reprocess.forget_batches() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    DELETE FROM reprocess.batch_checkpoint c WHERE c.job = OLD.job AND c.partition_key = OLD.partition_key;
    IF TG_OP = 'DELETE' THEN RETURN OLD; END IF;
    NEW.batches := 0;
    NEW.batch_rows := 0;
    RETURN NEW;
END $$;
REVOKE EXECUTE ON FUNCTION reprocess.forget_batches() FROM PUBLIC;

-- A partition that was made in one pass does not pay for the call.
CREATE TRIGGER forget_updated BEFORE UPDATE OF status, batches ON reprocess.partition_progress FOR EACH ROW
    WHEN (OLD.batches > 0 AND (NEW.batches = 0 OR NEW.status IN ('COMPLETE', 'HELD')))
    EXECUTE FUNCTION reprocess.forget_batches();
CREATE TRIGGER forget_deleted BEFORE DELETE ON reprocess.partition_progress FOR EACH ROW
    WHEN (OLD.batches > 0) EXECUTE FUNCTION reprocess.forget_batches();
