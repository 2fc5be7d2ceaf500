-- The ledger, version 8: what an attempt replaced may be measured after it was replaced. What the footers of its files told
-- is then overwritten, once; nothing else of a judgement ever changes.

CREATE FUNCTION reprocess.guard_judgement() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF OLD.replaced_version IS NULL OR OLD.replaced_digest IS NOT NULL OR NEW.replaced_digest IS NULL
        OR (to_jsonb(NEW) - '{replaced_rows,replaced_digest,replaced_statistics}'::text[])
            <> (to_jsonb(OLD) - '{replaced_rows,replaced_digest,replaced_statistics}'::text[]) THEN
        RAISE EXCEPTION 'The judgement of attempt % is not rewritten: only what it replaced may be measured later, once.', OLD.fence
            USING ERRCODE = 'RP009';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER guard_judged BEFORE UPDATE ON reprocess.judgement
    FOR EACH ROW EXECUTE FUNCTION reprocess.guard_judgement();
