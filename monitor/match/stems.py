"""English word stems for comparing a sentence with a claim (Snowball), irregular ones too. Pure."""

from functools import lru_cache

from monitor.text.stems import snowball


def _table(pairs: str) -> dict[str, str]:
    return dict(pair.split(":") for pair in pairs.split())


_IRREGULAR = _table(
    "women:woman men:man children:child people:person wives:wife lives:life taken:take took:take held:hold sold:sell"
    " paid:pay given:give gave:give kept:keep left:leave made:make brought:bring caught:catch found:find fell:fall"
    " fallen:fall rose:rise risen:rise grew:grow grown:grow beaten:beat driven:drive drove:drive spent:spend"
    " stolen:steal stole:steal hidden:hide hid:hide sent:send lost:lose won:win bought:buy built:build dead:die"
    " death:die deaths:die killed:kill went:go gone:go seen:see saw:see shown:show taught:teach"
)
"""The commonest forms in news that share no stem with their word."""


@lru_cache(maxsize=1 << 15)
def stem(word: str) -> str:
    """Return an English word's stem, of a common irregular form that of the word itself."""
    return snowball(_IRREGULAR.get(word, word))
