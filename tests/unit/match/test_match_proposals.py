"""Words are proposed from what was confirmed and rejected; names never are."""

from monitor.match.proposals import forms_known, propose

RELEVANT = tuple(
    f"Police took the women to a shelter on {day}. Mr Doe Example said they learnt embroidery behind a locked gate."
    for day in ("Monday", "Tuesday", "Friday", "Sunday")
)
REJECTED = tuple(
    f"The theatre shows a raid on {day}. Visitors said the actors wear costumes. Jane Placeholder plays."
    for day in ("Monday", "Tuesday", "Friday", "Sunday")
)
OTHERS = tuple(f"People said the market of town {number} opens early on the day." for number in range(40))


def test_what_tells_confirmed_from_rejected_is_proposed_with_counts_and_a_sentence() -> None:
    found = propose(RELEVANT, REJECTED, OTHERS)
    additions = {one.term for one in found if one.kind == "addition"}
    exclusions = {one.term for one in found if one.kind == "exclusion"}
    assert any("embroidery" in term for term in additions)
    assert any("costumes" in term or "actors" in term for term in exclusions)
    for one in found:
        counts = (one.relevant, one.rejected)
        assert counts in ((4, 0), (0, 4))
        assert one.term.split()[0] in one.example.lower()


def test_no_name_and_no_common_word_is_proposed() -> None:
    words = {word for one in propose(RELEVANT, REJECTED, OTHERS) for word in one.term.split()}
    assert not words & {"doe", "example", "jane", "placeholder", "mr", "monday", "said", "the"}


def test_a_word_that_is_once_written_large_within_a_sentence_may_be_a_name() -> None:
    texts = ("They met rose in the hall.", "They met rose there.", "They met Rose again.")
    assert not {"rose"} & {word for one in propose(texts, (), OTHERS) for word in one.term.split()}


KHMER = tuple(f"ស្ត្រីត្រូវបានបញ្ជូនទៅមជ្ឈមណ្ឌលបណ្តុះបណ្តាល។ លោក ក ខគ បាននិយាយលេខ{number}។" for number in range(8))
KHMER_OTHERS = (*("មជ្ឈមណ្ឌលបើកទ្វារ។",) * 2, *("ទីផ្សារបើកទ្វារ។",) * 41, "លោក ក ខគ ញញឹម។", "លោក ក ខគ ដើរ។")


def test_khmer_words_that_other_articles_have_too_are_proposed_and_never_what_follows_a_title() -> None:
    terms = {one.term for one in propose(KHMER, (), KHMER_OTHERS)}
    assert any("មជ្ឈមណ្ឌល" in term for term in terms)
    assert not any(part in term.split() for term in terms for part in ("ក", "ខគ", "លោក"))


def test_khmer_words_of_the_claim_itself_are_left_out() -> None:
    known = forms_known(["មជ្ឈមណ្ឌលបណ្តុះបណ្តាល"], KHMER)
    assert not any("មជ្ឈមណ្ឌល" in one.term for one in propose(KHMER, (), KHMER_OTHERS, known))


def test_in_another_script_without_capitals_nothing_is_proposed() -> None:
    assert propose(("ตำรวจ จับกุม ผู้หญิง",) * 4, (), ("ตำรวจ จับกุม",) * 20) == ()


def test_what_one_article_alone_has_is_not_proposed() -> None:
    assert propose(("They learnt embroidery there.",), (), OTHERS) == ()


def test_words_that_the_claim_asks_for_already_are_left_out_in_all_their_inflections() -> None:
    known = forms_known(["shelter", "learn"], RELEVANT)
    assert "shelter" in known
    found = propose(RELEVANT, REJECTED, OTHERS, frozenset({"embroidery"}))
    assert not any("embroidery" in one.term for one in found)
