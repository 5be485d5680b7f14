"""The links that end a subscription: only what we signed is good, and only in the spelling that we wrote."""

import base64
import random
import string

import pytest

from monitor.digest.unsubscribe import make_token, read_token

KEYS = ("an old key of some length", "the present key of some length")
TICKET = "0123456789abcdef" * 2
OTHER = "fedcba9876543210" * 2


def test_a_token_names_its_subscription_however_often_it_is_read() -> None:
    token = make_token(TICKET, KEYS)
    assert [read_token(token, KEYS) for _ in range(3)] == [TICKET] * 3


def test_a_token_of_an_older_key_is_good_while_that_key_is_kept_and_no_longer() -> None:
    token = make_token(TICKET, KEYS[:1])
    assert read_token(token, KEYS) == TICKET
    assert read_token(token, KEYS[1:]) is None


def test_it_is_signed_with_the_last_key() -> None:
    assert read_token(make_token(TICKET, KEYS), KEYS[1:]) == TICKET


def test_each_subscription_has_a_token_of_its_own() -> None:
    assert make_token(TICKET, KEYS) != make_token(OTHER, KEYS)


def _crafted() -> list[str]:
    token = make_token(TICKET, KEYS)
    payload, _, signature = token.rpartition(".")
    other = make_token(OTHER, KEYS)
    unsigned = base64.urlsafe_b64encode(f'"{OTHER}"'.encode()).decode().rstrip("=")
    return [
        "",
        ".",
        payload,
        f".{signature}",
        token[:-1],
        token[1:],
        token + "=",
        token + ".",
        f" {token}",
        f"{token}\n",
        token.upper(),
        token.swapcase(),
        token.lower(),
        f"{other.rpartition('.')[0]}.{signature}",
        f"{payload}.{other.rpartition('.')[2]}",
        f"{unsigned}.{signature}",
        f"{payload}.{signature}.{signature}",
        make_token(TICKET, ("a key of somebody else",)),
        token.replace(".", "\u2024"),
        token * 50,
        "\0",
        "ក" * 20,
    ]


@pytest.mark.parametrize("crafted", _crafted(), ids=range(len(_crafted())))
def test_no_crafted_token_is_taken(crafted: str) -> None:
    assert read_token(crafted, KEYS) is None


def test_of_ten_thousand_changed_tokens_none_is_taken() -> None:
    chance, token = random.Random(8), make_token(TICKET, KEYS)
    letters = string.ascii_letters + string.digits + "-_."
    taken = 0
    for _ in range(10_000):
        place = chance.randrange(len(token))
        changed = token[:place] + chance.choice(letters) + token[place + chance.randrange(2) :]
        taken += changed != token and read_token(changed, KEYS) is not None
    assert taken == 0


def test_without_a_key_nothing_is_good() -> None:
    assert read_token(make_token(TICKET, KEYS), ()) is None
