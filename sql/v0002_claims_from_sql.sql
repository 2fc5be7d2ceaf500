-- The ledger, version 2: the order of ends, what a hand-written change means for it, and what a key is.
-- The functions by which other programs claim are in functions.sql.

-- The place of a partition's end in the order of fences: the end of an attempt comes later than its claim, and a plan
-- made in between must not reopen what it saw running. Empty where the fence itself is that place, as in rows of
-- version 1 and in marks by hand.
ALTER TABLE reprocess.partition_progress ADD COLUMN ended_fence bigint;

-- The first day that a partition covers. The one place in the database that knows what a key looks like.
CREATE FUNCTION reprocess.partition_date(partition_key text) RETURNS date
LANGUAGE plpgsql IMMUTABLE SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF partition_key ~ '^\d{4}-\d{2}(-\d{2}(T([01]\d|2[0-3]))?)?$' THEN
        BEGIN
            RETURN make_date(
                substr(partition_key, 1, 4)::int, substr(partition_key, 6, 2)::int,
                coalesce(nullif(substr(partition_key, 9, 2), '')::int, 1));
        EXCEPTION WHEN datetime_field_overflow THEN
            NULL;  -- The calendar has no such day.
        END;
    END IF;
    RAISE EXCEPTION '"%" is no partition key: write YYYY-MM, YYYY-MM-DD or YYYY-MM-DDTHH', left(partition_key, 100)
        USING ERRCODE = 'RP005';
END $$;

-- Lets a person mark a partition with a plain INSERT or UPDATE: fills what follows from key and status.
CREATE OR REPLACE FUNCTION reprocess.fill_progress() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    ended constant boolean := NEW.status IN ('COMPLETE', 'FAILED', 'CANCELLED');
BEGIN
    IF NEW.partition_date IS NULL THEN
        NEW.partition_date := reprocess.partition_date(NEW.partition_key);
    END IF;
    IF ended AND NEW.completed_at IS NULL THEN NEW.completed_at := now(); END IF;
    IF NOT ended THEN NEW.completed_at := NULL; END IF;
    IF NEW.status <> 'RUNNING' THEN
        NEW.lease_expires_at := NULL;
        NEW.deadline_at := NULL;
    END IF;
    -- What ends gets a place in the order of fences, so that a plan made before does not reopen it.
    IF ended AND NEW.fence = 0 THEN NEW.fence := nextval('reprocess.fence'); END IF;
    IF TG_OP = 'UPDATE' THEN
        IF ended AND NEW.status <> OLD.status AND NEW.fence = OLD.fence
            AND NEW.ended_fence IS NOT DISTINCT FROM OLD.ended_fence THEN
            NEW.ended_fence := nextval('reprocess.fence');
        END IF;
        -- What is reopened starts anew: what was tried, failed and lost before does not count any more.
        IF NEW.status = 'PENDING' AND OLD.status IN ('COMPLETE', 'FAILED', 'CANCELLED') THEN
            IF NEW.attempt = OLD.attempt THEN NEW.attempt := 0; END IF;
            IF NEW.failures = OLD.failures THEN NEW.failures := 0; END IF;
            IF NEW.takeovers = OLD.takeovers THEN NEW.takeovers := 0; END IF;
        END IF;
    END IF;
    RETURN NEW;
END $$;

-- As before, and for ends and reopenings by hand. The program fills every column itself and does not pay for the call.
DROP TRIGGER fill_updated ON reprocess.partition_progress;
CREATE TRIGGER fill_updated BEFORE UPDATE OF status ON reprocess.partition_progress FOR EACH ROW
    WHEN ((NEW.status IN ('COMPLETE', 'FAILED', 'CANCELLED')) <> (NEW.completed_at IS NOT NULL)
        OR (NEW.status <> 'RUNNING' AND NEW.lease_expires_at IS NOT NULL)
        OR (NEW.status IN ('COMPLETE', 'FAILED', 'CANCELLED')
            AND (NEW.fence = 0 OR NEW.status <> OLD.status AND NEW.fence = OLD.fence
                AND NEW.ended_fence IS NOT DISTINCT FROM OLD.ended_fence))
        OR (NEW.status = 'PENDING' AND OLD.status IN ('COMPLETE', 'FAILED', 'CANCELLED')
            AND (NEW.attempt, NEW.failures, NEW.takeovers) <> (0, 0, 0)))
    EXECUTE FUNCTION reprocess.fill_progress();
