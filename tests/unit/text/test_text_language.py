import pytest

from monitor.text.language import detect_language, language_code

KHMER = "កម្មករកាត់ដេរទាមទារប្រាក់ឈ្នួល"


@pytest.mark.parametrize(
    ("text", "hint", "language"),
    [
        (KHMER, "", "km"),
        (KHMER, "en", "km"),
        (f"{KHMER} ({'garment ' * 3})", "en", "km"),
        (f"Workers of the {KHMER[:4]} factory asked for their wages on Monday.", "en-GB", "en"),
        ("Workers asked for their wages.", "fr_FR", "fr"),
        ("Workers asked for their wages.", "", ""),
        ("Workers asked for their wages.", "km-KH", ""),
        ("2026: 12 %", "km", "km"),
        ("", "en", "en"),
        ("", "", ""),
    ],
)
def test_the_script_decides_before_the_label(text: str, hint: str, language: str) -> None:
    assert detect_language(text, hint) == language


@pytest.mark.parametrize(
    ("tag", "code"),
    [
        ("en", "en"),
        ("EN-us", "en"),
        ("km_KH.UTF-8", "km"),
        ("khm", "km"),
        ("x", ""),
        ("english", "en"),
        ("", ""),
        ("*", ""),
    ],
)
def test_a_language_tag_gives_its_two_letters(tag: str, code: str) -> None:
    assert language_code(tag) == code
