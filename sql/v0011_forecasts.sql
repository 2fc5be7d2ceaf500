-- The ledger, version 11: what the runs at work were foretold to take, partition by partition, so that any machine can tell
-- when the rest will be done.

-- One row for a run that lasts long enough. `keys` are the partitions that it planned; of more than 4,096 as many, at equal
-- distances, each of which stands for `planned / cardinality(keys)`. By their places: `bytes`, the sizes of their sources,
-- and `seconds`, what one worker would be at them. What nobody knew is empty.
CREATE TABLE reprocess.run_forecast (
    run_id      bigint PRIMARY KEY,
    job         text NOT NULL,
    planned     bigint NOT NULL,
    keys        text[] COLLATE "C" NOT NULL,
    bytes       bigint[] NOT NULL,
    seconds     double precision[] NOT NULL,
    recorded_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT has_parts CHECK (
        cardinality(keys) BETWEEN 1 AND 4096 AND cardinality(bytes) = cardinality(keys)
        AND cardinality(seconds) = cardinality(keys) AND planned >= cardinality(keys))
);

-- Forgets the forecast of a run that is over, and what is left of runs that never said that they were. With the owner's
-- rights: no role deletes.
CREATE FUNCTION reprocess.forget_forecast() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    DELETE FROM reprocess.run_forecast f
    WHERE f.run_id = NEW.run_id OR f.job = NEW.job AND f.recorded_at < now() - interval '30 days';
    RETURN NULL;
END $$;
REVOKE EXECUTE ON FUNCTION reprocess.forget_forecast() FROM PUBLIC;
CREATE TRIGGER forget_forecast AFTER UPDATE OF ended_at ON reprocess.run FOR EACH ROW
    WHEN (OLD.ended_at IS NULL AND NEW.ended_at IS NOT NULL) EXECUTE FUNCTION reprocess.forget_forecast();
