"""A backfill by reprocess: a task for each part of the range, and one that checks what came of it.

The workers of Airflow need the program on their PATH, and REPROCESS_CONFIG and REPROCESS_DATABASE_URL in their
environment. The tasks may run on different machines, and any of them may die: what one leaves undone, its next try or
another run finishes.
"""

import json
import subprocess
from datetime import timedelta

from airflow.providers.standard.operators.bash import BashOperator
from airflow.sdk import Param, dag, task
from airflow.sdk.exceptions import AirflowFailException


def reprocess(command, job, *arguments):
    """What a command of reprocess prints as JSON; of no use where it refuses, however often it is tried."""
    words = ["reprocess", command, *([job] if job else []), *arguments, "--json"]
    finished = subprocess.run(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, check=False)
    if finished.returncode != 0:
        raise AirflowFailException(f"'{' '.join(words)}' ended with code {finished.returncode}: {finished.stderr}")
    return json.loads(finished.stdout)


@dag(
    schedule=None,
    catchup=False,
    params={
        "job": Param("", type="string", description="The job; may be empty where the configuration has one only."),
        "from": Param("2024-01-01", type="string", description="The first partition."),
        "to": Param("2024-01-07", type="string", description="The last partition, inclusive."),
        "parts": Param(4, type="integer", minimum=1, maximum=1000, description="The number of tasks."),
    },
    tags=["reprocess"],
)
def reprocess_backfill():
    @task
    def split(params=None):
        """The parts of the range, as commands."""
        answer = reprocess(
            "split", params["job"], str(params["parts"]), "--from", params["from"], "--to", params["to"])
        return [part["command"] for part in answer["parts"]]

    # A part whose task fails is tried again: the command finishes what is not COMPLETE, and repeats nothing. A task that
    # Airflow stops gets a SIGTERM, for which reprocess finishes what it is working on.
    run = BashOperator.partial(
        task_id="run", retries=2, retry_delay=timedelta(minutes=1), append_env=True
    ).expand(bash_command=split())

    @task(trigger_rule="all_done")
    def check(params=None):
        """Whether all of the range is COMPLETE, whoever did it."""
        status = reprocess("status", params["job"], "--from", params["from"], "--to", params["to"])
        rest = {name: count for name, count in status["counts"].items() if count and name != "COMPLETE"}
        if status["not_planned"]:
            rest["never begun"] = status["not_planned"]
        if rest:
            failed = [row["partition"] for row in status["failed"]][:20]
            raise AirflowFailException(f"not everything is COMPLETE: {rest}; failed: {failed}")
        return status["counts"]["COMPLETE"]

    run >> check()


reprocess_backfill()
