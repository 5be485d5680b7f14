"""What the command line writes: fit for every terminal, file and pipe."""

import io
import json
import sys

import pytest

from monitor.cli.output import emit, plain, speak_safely

HOSTILE = "\x1b]0;owned\x07 \x9b31m \u202etxt.exe\u2028 \ud800 ផែ 𝛑 é"


def emitted(value: object, encoding: str, monkeypatch: pytest.MonkeyPatch) -> bytes:
    raw = io.BytesIO()
    stream = io.TextIOWrapper(raw, encoding=encoding)
    monkeypatch.setattr(sys, "stdout", stream)
    speak_safely()
    emit(value)
    return raw.getvalue()


@pytest.mark.parametrize("encoding", ["utf-8", "ascii", "latin-1", "cp437"])
def test_a_record_is_json_in_every_encoding_and_obeyed_by_no_terminal(
    encoding: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    line = emitted({"title": HOSTILE}, encoding, monkeypatch)
    text = line.decode(encoding)
    assert json.loads(text) == {"title": HOSTILE}
    assert not any(character in text for character in "\x1b\x07\x9b\u202e\u2028")
    assert ("ផែ" in text) == (encoding == "utf-8")


def test_a_record_is_sent_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    assert emitted({"a": 1}, "utf-8", monkeypatch) == b'{"a": 1}\n'


def test_a_line_for_people_ends_no_command_and_commands_no_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    raw = io.BytesIO()
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(raw, encoding="ascii"))
    speak_safely()
    sys.stdout.write(plain(HOSTILE).plain)
    sys.stdout.flush()
    assert raw.getvalue() == b"]0;owned 31m txt.exe\n  " + rb"\u1795\u17c2 \U0001d6d1 \xe9"


def test_a_closed_output_is_no_fault(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdout", None)
    speak_safely()
    stream = sys.stdout
    emit({"a": 1})
    stream.close()
