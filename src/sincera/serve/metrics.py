"""What Prometheus may ask: counts and times, nothing about a picture."""

from __future__ import annotations

from collections.abc import Mapping

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, ProcessCollector, generate_latest

from sincera.judge import Judge

STEPS = ("read", "wait", "look", "score", "total")
_SECONDS = (0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 30)
_FACES = (1, 2, 4, 8, 16, 32)


class Metrics:
    """One registry of its own for each app, so that several live in one process and nothing foreign is told.

    requests: by status and outcome, an outcome only where there was a verdict.  seconds: of each step of `STEPS`: the
    body's arrival, waiting, decoding and finding faces (one frame), the networks (one batch), the whole request.
    """

    def __init__(self, queue: int) -> None:
        self.registry = CollectorRegistry()
        self.requests = Counter(
            "sincera_requests",
            "Requests to judge, by status and outcome",
            ("status", "outcome"),
            registry=self.registry,
        )
        self._seconds = Histogram(
            "sincera_step_seconds", "Seconds of each step", ("step",), buckets=_SECONDS, registry=self.registry
        )
        self.batch = Histogram(
            "sincera_batch_faces", "Faces that the networks saw in one call", buckets=_FACES, registry=self.registry
        )
        self.waiting = Gauge("sincera_queue_length", "Requests that wait for the worker", registry=self.registry)
        Gauge("sincera_queue_limit", "Requests that may wait", registry=self.registry).set(queue)
        self._model = Gauge(
            "sincera_model_info", "The model in use", ("name", "version", "sha256"), registry=self.registry
        )
        self._threshold = Gauge("sincera_threshold", "Attack above this score", ("rule",), registry=self.registry)
        ProcessCollector(registry=self.registry)
        for step in STEPS:
            self._seconds.labels(step)

    def observe(self, step: str, seconds: float) -> None:
        """One step's time."""
        self._seconds.labels(step).observe(seconds)

    def count(self, status: int, outcome: str = "") -> None:
        """One request to judge that was answered."""
        self.requests.labels(str(status), outcome).inc()

    def describe(self, judge: Judge) -> None:
        """Name the model and its threshold."""
        identity: Mapping[str, str] = judge.model.id.to_dict()
        self._model.labels(**identity).set(1)
        self._threshold.labels(judge.threshold.rule).set(judge.threshold.value)

    def text(self) -> bytes:
        """In Prometheus' text format."""
        return generate_latest(self.registry)
