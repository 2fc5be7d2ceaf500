"""A claim of one partition in the ledger of `reprocess`, kept alive by a thread.

All of it is a few SQL functions (docs/sql.md): the same can be had in any language with a PostgreSQL driver.
"""

import threading
import time
import uuid
from datetime import timedelta

import psycopg
from psycopg import sql

STALE = "RP020"  # Somebody else has the partition by now.


class Lost(Exception):
    """Somebody else has the partition by now: write nothing more."""


class Ledger:
    """Calls the functions of the ledger, each in a transaction of its own."""

    def __init__(self, conninfo: str, schema: str = "reprocess"):
        self.conninfo = conninfo
        self.schema = schema

    def call(self, function: str, **arguments):
        """The first row that a function returns; None where it returns none."""
        names = [sql.SQL("{} => {}").format(sql.Identifier(name), sql.Placeholder(name)) for name in arguments]
        query = sql.SQL("SELECT * FROM {}({})").format(sql.Identifier(self.schema, function), sql.SQL(", ").join(names))
        # A connection for each call: there are few, minutes apart, and none of them needs what another one left.
        with psycopg.connect(self.conninfo, autocommit=True, row_factory=psycopg.rows.namedtuple_row) as connection:
            return connection.execute(query, arguments).fetchone()


class Claim:
    """The claim of one partition, as a context: what leaves it by an exception marks the partition FAILED."""

    def __init__(self, ledger: Ledger, job: str, key: str, row, lease: timedelta):
        self.ledger = ledger
        self.token = {"job": job, "partition_key": key, "fence": row.fence, "claim_id": row.claim_id}
        self.fence = row.fence
        self.lease = lease
        self.ended = threading.Event()
        self.thread = threading.Thread(target=self._keep_alive, daemon=True)

    @classmethod
    def take(cls, ledger: Ledger, job: str, key: str, *, worker: str, host: str, lease: timedelta) -> "Claim | None":
        """A claim; None where the partition is not to be had now."""
        request = uuid.uuid4()  # A call that got no answer is repeated with the same id, and finds its claim.
        for attempt in range(3):
            try:
                row = ledger.call(
                    "claim_partition", job=job, partition_key=key, worker=worker, host=host, lease=lease,
                    request_id=request)
                return cls(ledger, job, key, row, lease) if row else None
            except psycopg.OperationalError:
                if attempt == 2:
                    raise
                time.sleep(1)

    def __enter__(self) -> "Claim":
        self.thread.start()
        return self

    def __exit__(self, kind, error, traceback):
        self.ended.set()
        self.thread.join()
        if error is None or isinstance(error, Lost):
            return
        try:
            if isinstance(error, Exception):
                self.ledger.call("fail_partition", **self.token, error=f"{kind.__name__}: {error}")
            else:  # Ctrl-C and the like: somebody else may have the partition at once.
                self.ledger.call("release_partition", **self.token)
        except psycopg.Error as refusal:
            if refusal.sqlstate != STALE:
                raise

    def confirm(self):
        """Asks the ledger whether the partition is still ours. Call it right before the step that cannot be undone."""
        try:
            self.ledger.call("heartbeat_partition", **self.token, lease=self.lease)
        except psycopg.Error as refusal:
            if refusal.sqlstate == STALE:
                raise Lost(str(refusal).splitlines()[0]) from None
            raise

    def complete(self, **facts):
        """Marks the partition COMPLETE. What got no answer is repeated: it does nothing the second time."""
        for attempt in range(10):
            try:
                self.ledger.call("complete_partition", **self.token, **facts)
                return
            except psycopg.OperationalError:
                if attempt == 9:
                    raise
                time.sleep(attempt + 1)
            except psycopg.Error as refusal:
                if refusal.sqlstate == STALE:
                    raise Lost(str(refusal).splitlines()[0]) from None
                raise

    def _keep_alive(self):
        while not self.ended.wait(self.lease.total_seconds() / 3):
            try:
                self.confirm()
            except Lost:
                return
            except psycopg.Error:
                continue  # The database is away. `confirm`, before the last step, cannot do without it.
