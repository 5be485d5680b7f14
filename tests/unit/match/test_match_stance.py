import json
from dataclasses import replace
from importlib.resources import files
from pathlib import Path

import pytest

from monitor.match import Matcher, with_stances
from monitor.match.denials import find_denial
from monitor.match.foreign_cues import find_foreign_denial, known_cues
from monitor.match.stance import is_english, judge_stance
from monitor.match.stance_article import article_features
from monitor.match.stance_features import read_claim, sentence_features
from monitor.match.stance_model import Softmax, load_model, shipped_model
from monitor.model.matching import Assessment, MatchInput, Passage
from monitor.model.query import And, Word
from monitor.model.watching import Claim
from monitor.text.sentences import split_sentences

CLAIM = "Shelters for women taken from raids hold them against their will."
FILLER = "The road to the town was dry. " * 4


def an_article(*sentences: str, title: str = "News from the province") -> MatchInput:
    return MatchInput(title, " ".join(sentences), "en")


def passages_of(article: MatchInput, *numbers: int) -> tuple[Passage, ...]:
    spans = split_sentences(article.text)
    return tuple(Passage(article.text[slice(*spans[at])], *spans[at]) for at in numbers)


def judged(article: MatchInput, *numbers: int, claim: str = CLAIM) -> Assessment:
    hit = Assessment("list/claim", 1.0, is_hit=True, passages=passages_of(article, *numbers))
    (found,) = with_stances([hit], article, {"list/claim": claim})
    return found


@pytest.mark.parametrize(
    "sentence",
    [
        "The director denied that women were held in the shelter.",
        "Shelter director rejects charge that women were locked in",
        "Reports that the shelter holds women against their will are false, the ministry said.",
        "There is no evidence that women are held in shelters, an inspector said.",
        "The group disputes that its shelters hold women.",
        "The story of women held in a shelter was a hoax.",
        "It is not true that the shelter holds women, she said.",
        "No shelter holds women against their will, the minister said.",
        "Women in the shelters were not taken from raids.",
    ],
)
def test_a_plain_denial_is_found_with_its_words(sentence: str) -> None:
    assert find_denial(read_claim(CLAIM), sentence)


@pytest.mark.parametrize(
    "sentence",
    [
        "The director did not deny that women were held in the shelter.",
        "Nobody disputes that the shelter holds women.",
        "Were reports of women held in shelters false?",
        "If the charge that women are held in the shelter is false, the centre may reopen.",
        "Women in the shelter were denied medical care.",
        "Women came to the shelter with false papers.",
        "A court rejected the appeal of women from the shelter.",
        "The minister denied that rice had become dear.",
        "Women are held in the shelter behind a locked gate.",
        "Shelters may or may not hold women taken from raids.",
        "If shelters did not hold women taken from raids, they would leave.",
        "The women in the shelter do not have rice.",
    ],
)
def test_what_only_looks_like_a_denial_is_none(sentence: str) -> None:
    assert find_denial(read_claim(CLAIM), sentence) == ()


def test_a_plain_not_denies_no_claim_that_is_one_itself() -> None:
    claim = read_claim("Women in the training programmes are not paid.")
    assert find_denial(claim, "Women in the training programmes are never paid.") == ()


def test_a_denial_in_the_lead_disputes_and_is_the_first_sentence_shown() -> None:
    article = an_article(
        "Women were taken to the shelter after raids in May.",
        "The director of the shelter denied that women were held against their will.",
        FILLER,
    )
    found = judged(article, 0)
    assert found.stance == "disputes"
    assert found.passages[0].text.startswith("The director of the shelter denied")
    assert found.why.stance is not None
    assert found.why.stance.cues == ("denied",)
    assert found.why.stance.confidence == pytest.approx(shipped_model().plain_denial, abs=0.1)


def test_a_denial_far_below_does_not_turn_the_article_but_is_shown_and_named() -> None:
    article = an_article(
        *("Women taken from raids are locked in shelters, ten of them said.", FILLER),
        *(FILLER, "The ministry denied that women in shelters were held against their will."),
    )
    found = judged(article, 0)
    assert found.stance != "disputes"
    assert found.stance != "supports"
    assert found.why.stance is not None
    (denial,) = found.why.stance.denials
    assert "The ministry denied" in found.passages[denial].text


def test_a_denial_is_added_once_and_never_replaces_what_was_chosen() -> None:
    article = an_article("Women are held in shelters.", "Officials denied that shelters held women.", FILLER)
    found = judged(article, 0, 1)
    assert sorted(passage.start for passage in found.passages) == [p.start for p in passages_of(article, 0, 1)]


def test_a_denial_of_something_else_disputes_nothing() -> None:
    article = an_article("Women are held in shelters.", "The mayor denied that the bridge had cracked.", FILLER)
    assert judged(article, 0).stance != "disputes"


def test_a_headline_that_disputes_is_told_by_its_own() -> None:
    title = "No, the shelter did NOT hold women against their will: story is a hoax"
    article = MatchInput(title, "A reader asked us about the shelter. " + FILLER, "en")
    passage = Passage(title, 0, len(title), "title")
    call = judge_stance(CLAIM, (passage,), "en", article)
    assert (call.stance, call.passage_index) == ("disputes", 0)


def test_without_passages_there_is_no_call() -> None:
    assert judge_stance(CLAIM, (), "en").stance == "unclear"


def test_only_hits_are_judged() -> None:
    article = an_article("The director denied that women were held in the shelter.")
    miss = Assessment("list/claim", 0.2, is_hit=False, passages=passages_of(article, 0))
    assert with_stances([miss], article, {"list/claim": CLAIM}) == (miss,)


def test_a_hit_on_a_claim_that_is_not_known_any_more_stays_as_it_is() -> None:
    article = an_article("The director denied that women were held in the shelter.")
    hit = Assessment("list/gone", 1.0, is_hit=True, passages=passages_of(article, 0))
    assert with_stances([hit], article, {}) == (hit,)


def test_the_same_article_gets_the_same_call_twice() -> None:
    article = an_article("Women are held in shelters, a report says.", FILLER)
    assert judged(article, 0) == judged(article, 0)


def test_a_side_is_told_only_from_its_threshold_on() -> None:
    model = shipped_model()
    for least in (*model.sentence_from.values(), *model.article_from.values()):
        assert least is None or least >= 0.5


def test_an_article_supports_a_claim_only_where_it_says_much_of_it() -> None:
    claim = "Women arrested in raids in Cambodia are channelled into garment work or sewing training."
    story = (
        "When she left the house three years ago, she was given a sewing machine and two rolls of cloth.",
        "All had been taken to the house as young women, and all were taught dressmaking afterwards.",
        "A teacher says that the course was never planned with a market in mind.",
        "Five tailors work in this village and nobody buys a new dress.",
    )
    assert judged(an_article(*story), 1, 0, 2, claim=claim).stance == "unclear"
    restated = "Women arrested in raids in Cambodia are channelled into garment work."
    assert judged(an_article(restated, *story), 0, 2, 3, claim=claim).stance == "supports"


@pytest.mark.parametrize(
    ("language", "sentence"),
    [
        ("km", "នាយក\u200bមជ្ឈមណ្ឌល\u200bបាន\u200bបដិសេធ\u200bការ\u200bចោទ\u200bប្រកាន់\u200bនេះ។"),
        ("km", "រឿងនេះមិនពិតទេ។"),
        ("fr", "La directrice a démenti que des femmes soient enfermées."),
        ("km", "ក្រសួង\u200bបាន\u200bច្រានចោល\u200bការ\u200bចោទ\u200bប្រកាន់\u200bនេះ។"),
        ("km", "ក្រសួងថា នេះជាព័ត៌មានប្រឌិត។"),
        ("km", "មេឃុំបានបដិសេធថា មិនមាននរណាត្រូវបានឃុំ។"),
        ("fr", "La directrice nie les faits."),
        ("fr", "Le ministère rejette ces accusations."),
        ("es", "La directora negó que las mujeres estuvieran encerradas."),
        ("es", "La directora niega las acusaciones sobre las mujeres del centro."),
        ("es", "El ministerio dice que no es cierto que las mujeres estén encerradas."),
        ("pt", "A diretora negou que as mulheres estivessem presas."),
        ("pt", "A diretora nega as acusações."),
        ("pt", "O ministério desmentiu a notícia sobre as mulheres do centro."),
        ("de", "Die Leiterin bestreitet, dass Frauen festgehalten werden."),
        ("vi", "Giám đốc phủ nhận việc giữ phụ nữ."),
        ("vi", "Bộ bác bỏ cáo buộc giữ phụ nữ."),
        ("th", "ผู้อำนวยการปฏิเสธว่ากักขังผู้หญิง"),
        ("th", "โฆษกปฏิเสธข่าวการกักขังผู้หญิง"),
        ("zh", "中心主任否認強迫婦女留下。"),
        ("zh", "中心主任称报道不实。"),
        ("zh", "中心主任駁斥了指控。"),
        ("ja", "施設長は女性を拘束したことを否定した。"),
    ],
)
def test_a_plain_denial_in_another_language_disputes_with_its_gloss(language: str, sentence: str) -> None:
    call = judge_stance(CLAIM, (Passage(sentence, 0, len(sentence)),), language)
    assert call.stance == "disputes"
    assert call.confidence is None
    assert all("(" in cue for cue in call.cues)


@pytest.mark.parametrize(
    ("language", "sentence"),
    [
        ("km", "ក្រសួងមិនបានបដិសេធរឿងនេះទេ។"),
        ("km", "លោកបានបដិសេធមិនឆ្លើយ។"),
        ("vi", "Giám đốc không phủ nhận việc giữ phụ nữ."),
        ("zh", "中心主任沒有否認。"),
        ("fr", "La directrice ne dément pas."),
        ("fr", "La directrice ne nie pas les faits."),
        ("fr", "La directrice n'a pas nié les faits."),
        ("es", "La directora se negó a declarar."),
        ("es", "El guardia les negó la entrada a las mujeres."),
        ("es", "La directora no niega las acusaciones."),
        ("pt", "A diretora não negou que as mulheres estivessem presas."),
        ("pt", "A diretora negou-se a responder."),
        ("pt", "O guarda negou a entrada a uma mulher."),
        ("km", "ប៉ូលិសបានឃាត់ខ្លួនស្ត្រីម្នាក់ មុខរបរមិនពិតប្រាកដ។"),
        ("km", "ក្រសួងបានបដិសេធជំនួយ។"),
        ("km", "តុលាការបានច្រានចោលសំណើរបស់ស្ត្រីនោះ។"),
        ("vi", "Tòa bác bỏ đơn kháng cáo của hai phụ nữ."),
        ("vi", "Phụ nữ được đưa đến một trung tâm ven vịnh Bắc Bộ."),
        ("vi", "Chị mang tin gia đình về cho các phụ nữ."),
        ("th", "ผู้อำนวยการปฏิเสธที่จะตอบ"),
        ("th", "โฆษกไม่ได้ปฏิเสธข่าวนี้"),
        ("zh", "中心今年不实施新的培训计划。"),
        ("km", "ស្ត្រីត្រូវបានឃុំក្នុងមជ្ឈមណ្ឌល។"),
    ],
)
def test_other_languages_are_unclear_where_no_cue_is_plain(language: str, sentence: str) -> None:
    assert judge_stance(CLAIM, (Passage(sentence, 0, len(sentence)),), language).stance == "unclear"


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("fr", "Des femmes racontent qu'on les enferme au foyer. La directrice dément."),
        ("zh", "婦女說她們被關在中心裡。中心主任否認。"),
        ("km", "ស្ត្រីៗថា គេបានឃុំពួកគេក្នុងមជ្ឈមណ្ឌល។ នាយកបានបដិសេធ។"),
    ],
)
def test_a_denial_behind_what_it_answers_is_named_and_turns_nothing(language: str, text: str) -> None:
    call = judge_stance(CLAIM, (Passage(text, 0, len(text)),), language)
    assert (call.stance, call.denials) == ("unclear", (0,))
    assert call.cues


def test_a_chinese_paragraph_is_shown_by_its_sentences_and_its_denial_disputes() -> None:
    article = MatchInput("", "中心设在城外。中心主任否认强迫妇女留下。妇女们学裁缝。", "zh")
    passages = passages_of(article, 1)
    assert passages[0].text == "中心主任否认强迫妇女留下。"
    assert judge_stance(CLAIM, passages, "zh", article).stance == "disputes"


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("fr", "Des femmes racontent qu'on les enferme au foyer. La directrice dément. Il pleut."),
        ("zh", "婦女說她們被關在中心裡。中心主任否認。下雨了。"),
        ("km", "ស្ត្រីៗថា គេបានឃុំពួកគេក្នុងមជ្ឈមណ្ឌល។ នាយកបានបដិសេធ។ មានភ្លៀង។"),
    ],
)
def test_a_denial_right_behind_what_is_shown_is_shown_and_named_in_other_languages_too(
    language: str, text: str
) -> None:
    found = judged(MatchInput("", text, language), 0)
    assert found.stance == "unclear"
    assert found.why.stance is not None
    assert found.why.stance.denials == (1,)
    assert found.passages[1].text == passages_of(MatchInput("", text, language), 1)[0].text


def test_a_denial_far_from_what_is_shown_is_not_named() -> None:
    article = MatchInput("", "Des femmes racontent qu'on les enferme. Il pleut. La directrice dément.", "fr")
    found = judged(article, 0)
    assert len(found.passages) == 1


def test_a_khmer_cue_is_never_cut_out_of_a_longer_cluster() -> None:
    # មិនពិត + subscript: another word that only begins with the same letters.
    assert find_foreign_denial("មិនពិត\u17d2រ", "km") == ()


def test_an_english_article_that_is_labelled_khmer_is_read_as_english() -> None:
    assert is_english("The director of the shelter said that it was not true.")
    assert not is_english("La directrice du foyer affirme que les femmes sont libres.")
    assert not is_english("As mulheres foram levadas a um centro de costura, disse a porta-voz a jornalistas.")
    assert not is_english("La directora negó que las mujeres fueran llevadas a la fuerza a un centro.")
    assert not is_english("中心由 The Friends of the River 于2007年在城里开办,照顾从小离开家的女孩,教她们缝纫和做饭。")
    assert not is_english("នាយក")


def test_every_cue_has_a_gloss_and_says_who_checked_it() -> None:
    kept = json.loads(files("monitor.match").joinpath("data", "cues.json").read_text(encoding="utf-8"))
    cues = [cue for entry in kept["languages"].values() for cue in entry["cues"]]
    assert all(cue["gloss"] and "checked_by" in cue for cue in cues)
    assert all(len(entry.shown) == len(kept["languages"][code]["cues"]) for code, entry in known_cues().items())


def test_the_shipped_file_names_its_data_and_command() -> None:
    kept = json.loads(files("monitor.match").joinpath("data", "stance.json").read_text(encoding="utf-8"))
    assert kept["command"].startswith("python -m bench.fit_stance")
    assert all(len(one["sha256"]) == 64 and one["licence"] for one in kept["data"].values())


def test_a_model_with_other_sides_is_refused(tmp_path: Path) -> None:
    kept = json.loads(files("monitor.match").joinpath("data", "stance.json").read_text(encoding="utf-8"))
    with pytest.raises(ValueError, match="fit it anew"):
        load_model(json.dumps(kept | {"sides": ["supports", "reports", "disputes"]}))


def test_probabilities_sum_to_one_and_unknown_features_count_nothing() -> None:
    model = Softmax({"x": (2.0, 0.0, -2.0)}, (0.0, 0.0, 0.0))
    assert sum(model.probabilities({"x": 1.0, "y": 9.0})) == pytest.approx(1)
    assert model.probabilities({"y": 9.0}) == pytest.approx((1 / 3, 1 / 3, 1 / 3))
    assert model.probabilities({"x": 4000.0})[0] == pytest.approx(1)


def test_the_claims_own_words_are_masked() -> None:
    names = sentence_features(read_claim(CLAIM), "The shelter will hold women, he said.")
    assert not any("shelter" in name or "women" in name for name in names)
    assert names["coverage"] == pytest.approx(3 / len(read_claim(CLAIM).content))


def test_how_a_headline_is_worded_is_told_by_its_segments_and_the_manner_of_saying() -> None:
    names = sentence_features(read_claim(CLAIM), "Women held in shelter, sources say")
    assert {"w:report", "w:say@end", "w:last is short", "w:last has none", "w:last=say", "w:first has some"} <= set(
        names
    )
    assert "w:one segment" in sentence_features(read_claim(CLAIM), "Women held in shelter")


def test_the_wording_of_its_sentences_says_nothing_of_a_whole_article() -> None:
    claim = read_claim(CLAIM)
    features = sentence_features(claim, "Women held in shelter, sources say")
    told = article_features(claim, 0.5, [(features, (0.2, 0.5, 0.3))], [])
    assert not any("w:" in name for name in told)


def test_a_claim_that_somebody_was_tricked_denies_nothing() -> None:
    assert not read_claim("Apprentices were tricked into debt by the shipyard.").is_denial
    assert not read_claim("The shipyard forged the apprentices' contracts.").is_denial
    assert read_claim("The story of apprentices in debt is fake.").is_denial


def test_a_claim_that_is_itself_a_denial_turns_the_sides_round() -> None:
    denial = "The ministry denied that shelters hold women."
    assert read_claim(denial).is_denial
    assert find_denial(read_claim(denial), "The ministry denied that shelters hold women, again.") == ()


def test_a_matched_denial_disputes_from_end_to_end() -> None:
    claim = Claim("claim", CLAIM, "The Sample", And((Word("shelter"), Word("locked"))), None, "0")
    title = "Shelter director rejects charge that women were locked in"
    text = "The director of a shelter rejected the charge that women were locked in. " + FILLER
    article = MatchInput(title, text, "en")
    (found,) = with_stances(Matcher([("list/claim", claim)]).match(article), article, {"list/claim": CLAIM})
    assert found.stance == "disputes"
    assert replace(found, stance="unclear").passages == found.passages
