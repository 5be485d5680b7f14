"""The judge that an operator named: a chat endpoint that speaks as OpenAI's does, within limits of count and time."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from threading import Lock

from monitor.digest.masking import mask_victims
from monitor.errors import ConfigurationError, MonitorError
from monitor.fetch.endpoint import Endpoint
from monitor.match.opinions import discard_unless_quoted, read_answer, write_question
from monitor.model.matching import Opinion, Passage
from monitor.settings import Settings

MAX_ANSWER_BYTES = 1 << 16
MAX_FAILURES = 3
"""After so many failures in a row a round asks no more: an endpoint that is down must not hold it up."""

_PATH = "/chat/completions"


class EndpointJudge:
    """The port `Judge` on an endpoint; one question at a time, so that a round's limits hold."""

    def __init__(self, endpoint: Endpoint, model: str, questions: int) -> None:
        self.name = f"{model}@{endpoint.place}"
        self._endpoint, self._model, self._questions = endpoint, model, questions
        self._left, self._failures = questions, 0
        self._lock = Lock()

    def begin_round(self) -> None:
        """Allow as many questions as a round may ask."""
        self._left, self._failures = self._questions, 0

    def ask(self, claim: str, passages: Sequence[Passage]) -> Opinion | None:
        """Ask, and return what is taken of the answer; None once the round's questions are used up.

        Victims are masked in what leaves; a quote must stand in the passage as it was written, too.
        """
        masked = [replace(passage, text=mask_victims(passage.text)) for passage in passages]
        with self._lock:
            if self._left <= 0 or self._failures >= MAX_FAILURES:
                return None
            self._left -= 1
            asked, messages = write_question(claim, masked)
            try:
                answer = self._endpoint.post({"model": self._model, "messages": messages, "temperature": 0})
            except MonitorError as error:
                self._failures += 1
                return Opinion(self.name, asked, str(error), error.reason)
            self._failures = 0
            return discard_unless_quoted(read_answer(self.name, claim, masked, answer), passages)


@asynccontextmanager
async def judge_of(settings: Settings) -> AsyncIterator[EndpointJudge | None]:
    """Give the judge that is set, or None. Raises ConfigurationError where no model is named beside its address."""
    if not settings.judge_url:
        yield None
        return
    if not settings.judge_model:
        raise ConfigurationError("MONITOR_JUDGE_URL is set: name the model to ask in MONITOR_JUDGE_MODEL")
    base = settings.judge_url.rstrip("/")
    endpoint = Endpoint(
        base if base.endswith(_PATH) else base + _PATH,
        settings.judge_key.get_secret_value() if settings.judge_key else None,
        deadline_seconds=settings.judge_deadline_seconds,
        max_bytes=MAX_ANSWER_BYTES,
    )
    try:
        yield EndpointJudge(endpoint, settings.judge_model, settings.judge_questions)
    finally:
        await asyncio.to_thread(endpoint.close)
