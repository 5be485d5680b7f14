"""An operator's own ONNX model: here one of eight words and two numbers, written out by hand."""

from pathlib import Path

import numpy as np
import pytest

from monitor.encode.onnx import OnnxEncoder

onnxruntime = pytest.importorskip("onnxruntime", reason="the extra onnx is not installed")
from tokenizers import Tokenizer, models, pre_tokenizers  # noqa: E402 (after the skip)

WORDS = ("[PAD]", "[UNK]", "raid", "police", "rice", "harvest")
VECTORS = np.array([[9, 9], [0.1, 0.1], [1, 0], [1, 0.2], [0, 1], [0.2, 1]], np.float32)
INT64, FLOAT = 7, 1


def _varint(number: int) -> bytes:
    out = b""
    while number > 127:
        out += bytes([number & 127 | 128])
        number >>= 7
    return out + bytes([number])


def _field(number: int, value: int | bytes) -> bytes:
    """One field of a protobuf message: a number, or bytes with their length."""
    if isinstance(value, int):
        return _varint(number << 3) + _varint(value)
    return _varint(number << 3 | 2) + _varint(len(value)) + value


def _input(name: str, element: int, dimensions: int) -> bytes:
    shape = b"".join(_field(1, _field(2, f"d{place}".encode())) for place in range(dimensions))
    return _field(1, name.encode()) + _field(2, _field(1, _field(1, element) + _field(2, shape)))


def gather_model() -> bytes:
    """A model that looks each token's vector up: onnx.proto's ModelProto, GraphProto, NodeProto and TensorProto."""
    node = _field(1, b"table") + _field(1, b"input_ids") + _field(2, b"states") + _field(4, b"Gather")
    table = b"".join(_field(1, size) for size in VECTORS.shape)
    table += _field(2, FLOAT) + _field(8, b"table") + _field(9, VECTORS.tobytes())
    graph = _field(1, node) + _field(2, b"g") + _field(5, table)
    graph += _field(11, _input("input_ids", INT64, 2)) + _field(12, _input("states", FLOAT, 3))
    return _field(1, 8) + _field(7, graph) + _field(8, _field(1, b"") + _field(2, 13))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "model.onnx").write_bytes(gather_model())
    tokenizer = Tokenizer(models.WordLevel({word: place for place, word in enumerate(WORDS)}, unk_token="[UNK]"))
    tokenizer.pre_tokenizer = pre_tokenizers.Whitespace()
    (tmp_path / "tokenizer.json").write_text(tokenizer.to_str())
    return tmp_path


def test_a_text_is_the_mean_of_its_tokens_whatever_is_padded(folder: Path) -> None:
    encoder = OnnxEncoder(folder)
    vectors = encoder.encode(["raid police", "rice"], "passage")
    assert np.allclose(vectors[1], [0, 1], atol=1e-6)
    assert np.allclose(vectors[0], np.array([2, 0.2]) / np.hypot(2, 0.2), atol=1e-6)
    assert encoder.dimensions == 2


def test_the_model_is_known_by_its_contents(folder: Path) -> None:
    before = OnnxEncoder(folder).model_id
    (folder / "model.onnx").write_bytes(gather_model() + _field(6, b"a remark"))
    assert OnnxEncoder(folder / "model.onnx").model_id != before


def test_a_folder_without_a_model_says_what_is_looked_for(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"model\.onnx"):
        OnnxEncoder(tmp_path)


def test_a_model_without_its_tokenizer_says_so(folder: Path) -> None:
    (folder / "tokenizer.json").unlink()
    with pytest.raises(ValueError, match=r"tokenizer\.json is missing"):
        OnnxEncoder(folder)


def test_a_file_that_is_no_model_is_refused(folder: Path) -> None:
    (folder / "model.onnx").write_bytes(b"not a model")
    with pytest.raises(ValueError, match="can't be used"):
        OnnxEncoder(folder)
