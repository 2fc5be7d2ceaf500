/// What the roles of a ledger may do, object by object.
///
/// Everything in the schema is named here, also what nobody may touch: a test compares the two, so that a new table
/// gets a decision. No role may delete, truncate, alter, or set a sequence.
enum LedgerRights {
    static let objects = tables + views + sequences

    /// Functions that programs call, and those that these call; those of triggers are called by nobody.
    ///
    /// They run with the rights of their caller, and are for workers.
    static let functions: Set<String> = [
        "claim_partition", "heartbeat_partition", "complete_partition", "fail_partition", "release_partition",
        "partition_standing", "check_partition", "check_lease", "known_table", "refuse_stale", "error_text",
        "partition_date", "claim_within", "trip_breaker",
    ]

    /// Functions for the owner alone: they act with the owner's rights, or stop every worker for a while.
    static let ownersFunctions: Set<String> = ["fold_status", "recount_status"]

    /// What a worker writes with a row, and nobody changes afterwards: which partition, run, attempt or process it is
    /// about, and what was asked.
    static let fixedColumns: [String: Set<String>] = [
        "run": [
            "run_id", "job", "first_key", "last_key", "planned", "table_identity", "transform_version", "options",
            "reason", "worker", "database_user", "control", "started_at", "settings",
        ],
        "partition_progress": ["job", "partition_key", "partition_date"],
        "attempt": [
            "fence", "job", "partition_key", "claim_id", "batch_id", "predecessor_fence", "predecessor_claim", "run_id",
            "attempt", "worker", "host", "started_at", "kind", "origin_fence",
        ],
        "worker": ["worker", "host", "pid", "started_at"],
        "claim_gate": ["job"],
        "judgement": [
            "fence", "content_digest", "statistics", "replaced_version", "replaced_bytes", "findings",
        ],
    ]

    private static let tables = [
        ObjectRights(name: "schema_version", worker: [.select], planner: [.select]),
        ObjectRights(
            name: "run",
            worker: [.select, .insert, .update("request_id", "ended_at", "outcome", "complete", "failed", "skipped")],
            planner: [
                .select, .insert,
                .update("request_id", "ended_at", "outcome", "complete", "failed", "skipped", "control", "settings"),
            ]),
        // Which partition a row is about never changes.
        ObjectRights(
            name: "partition_progress",
            worker: [
                .select, .insert,
                .update(
                    "status", "attempt", "failures", "takeovers", "fence", "claim_id", "run_id", "table_identity",
                    "worker", "lease_expires_at", "deadline_at", "not_before", "started_at", "completed_at",
                    "updated_at", "error_message", "rows_read", "rows_written", "bytes_written", "transform_version",
                    "table_version", "ended_fence", "source_identity", "content_digest", "batches", "batch_rows"),
            ],
            planner: [
                .select,
                .insert(
                    "job", "partition_key", "partition_date", "status", "fence", "table_identity", "worker",
                    "completed_at", "error_message", "transform_version"),
                .update(
                    "status", "fence", "claim_id", "worker", "table_identity", "attempt", "failures", "takeovers",
                    "not_before",
                    "lease_expires_at", "deadline_at", "completed_at", "error_message", "transform_version",
                    "updated_at", "ended_fence", "source_identity", "content_digest"),
            ]),
        // A claim writes a row here and a result fills one: a planner can do neither.
        ObjectRights(
            name: "attempt",
            worker: [
                .select, .insert,
                .update(
                    "outcome", "ended_at", "error_message", "rows_read", "rows_written", "bytes_written",
                    "transform_version", "table_version", "source_versions", "source_identity", "was_unchanged",
                    "bytes_read", "engine_seconds"),
            ],
            planner: [.select, .update("outcome", "ended_at", "error_message")]),
        // Who judges is who staged. Nobody changes a judgement, nor a decision; what was replaced may be measured later, once,
        // which the database sees to, by whoever looks at it or cleans up.
        ObjectRights(
            name: "judgement",
            worker: [.select, .insert, .update("replaced_rows", "replaced_digest", "replaced_statistics")],
            planner: [.select, .update("replaced_rows", "replaced_digest", "replaced_statistics")]),
        // Who stages a batch records it. A trigger forgets them, with the owner's rights.
        ObjectRights(name: "batch_checkpoint", worker: [.select, .insert], planner: [.select]),
        // Who runs foretells, once. A trigger forgets it when the run is over, with the owner's rights.
        ObjectRights(name: "run_forecast", worker: [.select, .insert], planner: [.select]),
        // A planner decides as well: it rejects. To approve or to undo takes a claim.
        ObjectRights(name: "decision", worker: [.select, .insert], planner: [.select, .insert]),
        // Who steers a run says so. A worker can only trip its breaker, through a function.
        ObjectRights(name: "control_event", worker: [.select], planner: [.select, .insert]),
        ObjectRights(
            name: "claim_gate", worker: [.select, .insert, .update("next_start_at", "turns")], planner: [.select]),
        ObjectRights(
            name: "worker",
            worker: [.select, .insert, .update("job", "run_id", "claims", "last_heartbeat_at", "lease_seconds")],
            planner: [.select]),
        // The counts are kept by triggers, with the owner's rights.
        ObjectRights(name: "status_count", worker: [.select], planner: [.select]),
        ObjectRights(name: "status_change", worker: [.select], planner: [.select]),
        ObjectRights(name: "status_fold"),
        ObjectRights(name: "status_unfolded", worker: [.select], planner: [.select]),
    ]

    private static let views = [
        "run_summary", "daily_status", "recent_failures", "worker_status", "held_partitions", "changed_partitions",
        "live_runs", "run_cost",
    ].map {
        ObjectRights(name: $0, worker: [.select], planner: [.select], dashboard: [.select])
    }

    private static let sequences = [
        // To be drawn from and read; to set it takes UPDATE, which nobody has.
        ObjectRights(name: "fence", isSequence: true, worker: [.usage, .select], planner: [.usage, .select]),
        // Belongs to a column that numbers itself.
        ObjectRights(name: "run_run_id_seq", isSequence: true),
        ObjectRights(name: "control_event_event_id_seq", isSequence: true),
    ]
}
