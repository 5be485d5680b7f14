"""The page shows text as text, and its headers let it do nothing but post to itself."""

import base64
import hashlib
import re

from monitor.web.page import HEADERS, mask_address, write_page


def test_text_is_escaped_wherever_it_stands() -> None:
    page = write_page("<b>&", ["“<script>alert(1)</script>”", "\"'>"], "<i>")
    assert "<script" not in page
    assert "<b>" not in page
    assert "<i>" not in page
    assert "&lt;script&gt;" in page


def test_a_page_without_a_button_has_no_form() -> None:
    assert "<form" not in write_page("Title", ["One."])
    assert '<form method="post"><input type="hidden" name="List-Unsubscribe" value="One-Click">' in write_page(
        "Title", ["One."], "Stop"
    )


def test_the_policy_names_the_hash_of_the_style_that_the_page_has() -> None:
    style = re.findall(r"<style>(.*?)</style>", write_page("Title", []))[0]
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    policy = dict(HEADERS)["content-security-policy"]
    assert f"style-src 'sha256-{digest}'" in policy
    assert policy.startswith("default-src 'none';")
    assert "style=" not in write_page("Title", ["One."], "Stop")


def test_an_address_is_never_shown_in_full() -> None:
    assert mask_address("reader@paper.example") == "r…@paper.example"
    assert mask_address("r@paper.example") == "r…@paper.example"
