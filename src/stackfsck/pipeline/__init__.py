"""The order of things: collect → join → judge → plan → rehearse → apply → verify.

Nothing else knows it. `inquiry` only reads; `repair` changes a cloud.
"""

from stackfsck.pipeline.inquiry import (
    check,
    check_snapshots,
    chosen,
    cloud_of,
    collect_to,
    doctor,
    fit_checks,
    trace,
    trace_snapshot,
)

__all__ = [
    "check",
    "check_snapshots",
    "chosen",
    "cloud_of",
    "collect_to",
    "doctor",
    "fit_checks",
    "trace",
    "trace_snapshot",
]
