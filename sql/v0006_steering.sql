-- The ledger, version 6: runs that are steered while they run, and claims that keep to a pace that all processes share.

-- What was set of a run while it ran, by the names of the settings: {"workers": "8"}. A run that finds nothing here keeps
-- to what it was started with.
ALTER TABLE reprocess.run ADD COLUMN settings jsonb NOT NULL DEFAULT '{}';

-- The runs that nobody has closed are few among many.
CREATE INDEX run_open ON reprocess.run (job, run_id) WHERE ended_at IS NULL;
CREATE INDEX worker_by_run ON reprocess.worker (run_id);

-- Everything that was ever asked of a run while it ran: by whom, when and why. `control` is empty where only settings were
-- changed. What the breaker of a run asks is asked by the run itself.
CREATE TABLE reprocess.control_event (
    event_id      bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    run_id        bigint NOT NULL,
    request_id    uuid NOT NULL,                 -- made by the client, so that a repeated request is noted once
    control       text CHECK (control IN ('RUN', 'PAUSE', 'DRAIN', 'CANCEL')),
    settings      jsonb,
    is_breaker    boolean NOT NULL DEFAULT false,
    asked_by      text NOT NULL,
    database_user text NOT NULL DEFAULT session_user,
    asked_at      timestamptz NOT NULL DEFAULT now(),
    reason        text CHECK (octet_length(reason) <= 8192),
    UNIQUE (run_id, request_id),
    CONSTRAINT asks_for_something CHECK (control IS NOT NULL OR settings IS NOT NULL)
);
CREATE INDEX control_event_by_run ON reprocess.control_event (run_id, event_id);

-- Where claims of a job wait for each other that keep to a limit of all processes. `next_start_at`: before that, a run with
-- a rate begins no partition. A claim without a limit never comes here.
CREATE TABLE reprocess.claim_gate (
    job           text PRIMARY KEY,
    next_start_at timestamptz NOT NULL DEFAULT '-infinity'
) WITH (fillfactor = 50);

-- The runs that are at work: nobody has closed them, and their process has given a sign of life within its lease, or has
-- only just begun.
CREATE VIEW reprocess.live_runs AS
SELECT r.run_id, r.job, r.first_key, r.last_key, r.planned, r.transform_version, r.control, r.settings, r.reason, r.worker,
    r.started_at
FROM reprocess.run r
WHERE r.ended_at IS NULL
    AND (r.started_at > now() - interval '30 seconds'
        OR EXISTS (
            SELECT FROM reprocess.worker w
            WHERE w.run_id = r.run_id AND w.last_heartbeat_at >= now() - make_interval(secs => w.lease_seconds)));

DO $$
BEGIN
    IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'reprocess_dashboard') THEN
        GRANT SELECT ON reprocess.live_runs TO reprocess_dashboard;
    END IF;
END $$;
