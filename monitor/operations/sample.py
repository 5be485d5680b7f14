"""Take the sample newsroom out again, with every trace."""

from monitor.operations.digests import by_hand_files
from monitor.operations.opening import Monitor, require_alone
from monitor.store.sample import RemovedSample, has_sample, known_blobs, remove_sample, sample_traces


def remove_sample_newsroom(monitor: Monitor) -> RemovedSample:
    """Remove the sample from the archive, its evidence, and every digest file that tells of it.

    Nothing is touched where there is no sample. Files go before the rows that name them: killed in between, a second
    call still knows what is left. Raises StoreBusy while a service works on the archive.
    """
    if not has_sample(monitor.archive):
        return RemovedSample(0, 0, 0, 0)
    with monitor.alone("sample") as lock:
        require_alone(lock)
        traces = sample_traces(monitor.archive)
        for blob_key in traces.blob_keys:
            monitor.snapshots.remove(blob_key)
        for name in traces.outbox_names:
            for suffix in (".eml", ".html"):
                (monitor.outbox / f"{name}{suffix}").unlink(missing_ok=True)
        for path in by_hand_files(monitor.outbox):
            path.unlink(missing_ok=True)
        removed = remove_sample(monitor.archive)
        monitor.snapshots.remove_all_but(known_blobs(monitor.archive))
        return removed
