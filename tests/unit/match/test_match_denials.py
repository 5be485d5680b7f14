"""Denials, contradictions and what only looks like them, on invented claims of other subjects than the shipped ones."""

import pytest

from monitor.match import with_stances
from monitor.match.denials import find_denial, find_reply
from monitor.match.stance_features import read_claim
from monitor.match.stems import stem
from monitor.model.matching import Assessment, MatchInput, Passage
from monitor.text.sentences import split_sentences

DAM = "The dam project forced fishing families from their homes by the river."
MILL = "The mill dumps untreated dye into the canal."
PAY = "Apprentices at the shipyard are not paid."
SCHOOL = "Fewer children finished school in the hill districts than the year before."
LEAD = "The city hid from residents that there was lead in the drinking water."
WAIT = "Waiting times at the city hospital rose last year."
FARM = "Cotton farms hold seasonal pickers against their will."
FILLER = "The road along the river was dry that week. " * 3


def judged(claim: str, article: MatchInput, *numbers: int) -> Assessment:
    spans = split_sentences(article.text)
    passages = tuple(Passage(article.text[slice(*spans[at])], *spans[at]) for at in numbers)
    hit = Assessment("list/claim", 1.0, is_hit=True, passages=passages)
    (found,) = with_stances([hit], article, {"list/claim": claim})
    return found


@pytest.mark.parametrize(
    ("claim", "sentence"),
    [
        (DAM, "The energy ministry denied that families had been forced from their homes."),
        (DAM, "A spokesman for the dam project said no family had been forced from its home."),
        (DAM, "The governor called the report of forced removals baseless."),
        (DAM, "The company rejected the group's findings on families by the river."),
        (DAM, "The minister dismissed as fiction the claim that the dam drove families away."),
        (DAM, "Every family by the river moved voluntarily, the builders of the dam said."),
        (DAM, "Contrary to what the film shows, the families had left their homes long before the dam."),
        (DAM, "Few families were forced from their homes by the dam, a survey finds."),
        (DAM, "All families left their homes by the river of their own accord, the company says."),
        (PAY, "Apprentices at the shipyard receive forty dollars a month while they learn."),
        (MILL, "The owner of the mill insisted that it never dumps dye into the canal."),
        (MILL, "There is nothing to suggest that dye reached the canal, an inspector said."),
        (MILL, "Claims that the mill dumps dye were fabricated, the chamber of commerce said."),
        (MILL, "A lawyer for the mill described the accusation about the dye as slander."),
        (MILL, "Inspectors found no evidence that the mill dumps dye into the canal."),
        (MILL, "The owner of the mill rebuffs the claim that dye goes into the canal."),
        (MILL, "Fears of dye in the canal are overblown, the owner of the mill said."),
        (MILL, "Chemists have cast doubt on the claim that the mill dumps dye into the canal."),
        (MILL, "Chemists doubt that dye from the mill reached the canal."),
        (MILL, "Doubts over dye in the canal"),
        (MILL, "The mayor shot down residents' claims of dye in the canal."),
        (MILL, "The mill disputes that dye from its vats goes into the canal."),
        (PAY, "Apprentices at the shipyard are paid from the first day, its manager said."),
        (PAY, "Each apprentice at the shipyard gets a monthly stipend, the board says."),
        (SCHOOL, "More children finished school in the hill districts, the department said."),
        (SCHOOL, "The number of children who finished school in the hills has risen by a tenth."),
        (LEAD, "The mayor refuted the charge that the city hid lead in the water."),
        (LEAD, "Reports of lead in the drinking water are exaggerated, the city said."),
        (LEAD, "It is not true that the city hid lead in the water, an engineer said."),
        (WAIT, "Waiting times at the city hospital fell last year, figures show."),
        (WAIT, "Waiting times at the hospital have not risen, its director said."),
        (FARM, "Nobody is held against his will on the cotton farms, an owner said."),
        (FARM, "Pickers on the cotton farms are free to leave at any time, the association said."),
        (FARM, "The farms keep no picker against her will, their association said."),
        (DAM, "No, families were not forced from their homes by the dam"),
    ],
)
def test_a_sentence_that_denies_or_contradicts_is_found(claim: str, sentence: str) -> None:
    assert find_denial(read_claim(claim), sentence)


@pytest.mark.parametrize(
    ("claim", "sentence"),
    [
        (DAM, "Families forced from their homes by the dam were denied compensation."),
        (DAM, "I have no doubt that families were forced from their homes, an elder by the river said."),
        (DAM, "There is little doubt that the dam forced families from their homes."),
        (DAM, "Nobody casts doubt on the claim that the dam forced families from their homes."),
        (DAM, "Families forced from their homes by the dam doubt they can return."),
        (DAM, "Soldiers shot down a drone over the homes of families by the river."),
        (DAM, "Families forced from their homes will sue over the accord on the dam."),
        (PAY, "Apprentices at the shipyard cost its owner forty dollars a month."),
        (PAY, "Apprentices at the shipyard do not get a dollar."),
        (DAM, "A few families were forced from their homes by the dam."),
        (DAM, "Fishing families, who had not asked for help, were forced from their homes by the dam."),
        (DAM, "Families who had not asked for it were forced from their homes by the dam."),
        (DAM, "While it was not planned, fishing families were forced from their homes."),
        (DAM, "The ministry did not deny that families were forced from their homes."),
        (DAM, "The company would not comment on the families by the river."),
        (DAM, "A court rejected an appeal by families from the river."),
        (DAM, "Families say that they were forced from their homes, not asked."),
        (DAM, "If the report on the dam is false, the bank will pay the families."),
        (MILL, "Dye from the mill runs into the canal every night, neighbours say."),
        (MILL, "The canal is no longer blue, but the mill still dumps its dye there."),
        (MILL, "Dye and rubbish from the mill are dumped beside the canal."),
        (MILL, "Is the report about the mill's dye a fabrication?"),
        (PAY, "How apprentices at the shipyard are paid is not discussed."),
        (PAY, "Apprentices at the shipyard work for nothing and are never paid."),
        (SCHOOL, "Fewer children finished school, although more schools have opened in the hill districts."),
        (SCHOOL, "More than 300 children in the hill districts left school early."),
        (LEAD, "Residents were given false figures about lead in the water."),
        (LEAD, "The city did not tell residents that there was lead in the water."),
        (WAIT, "Waiting times at the hospital grew and the number of nurses fell."),
        (FARM, "Pickers on cotton farms are not free to leave before the harvest ends."),
        (FARM, "Seasonal pickers were held behind a fence on the cotton farms, two of them said."),
        (FARM, "Pickers sued to be freed from the cotton farms."),
        (PAY, "None of the four apprentices at the shipyard was ever paid."),
        (PAY, "Not one of the women and men who came to the shipyard as apprentices is paid."),
    ],
)
def test_a_sentence_that_only_sounds_like_it_is_not(claim: str, sentence: str) -> None:
    assert find_denial(read_claim(claim), sentence) == ()


@pytest.mark.parametrize(
    ("sentence", "cues"),
    [
        ("A spokesman for the company denied it.", ("denied it",)),
        ("The ministry rejected the report.", ("rejected",)),
        ("Its director called the report baseless.", ("called", "baseless")),
        ("The company denied any wrongdoing.", ("denied",)),
        ("The director did not deny this.", ()),
        ("She denied that the women were there.", ()),
        ("They denied him bail.", ()),
        ("Did the director deny it?", ()),
    ],
)
def test_a_denial_of_what_was_said_before_is_known_by_its_pronoun(sentence: str, cues: tuple[str, ...]) -> None:
    assert find_reply(sentence) == cues


def test_a_reply_right_behind_what_is_shown_is_named_and_shown_but_turns_no_article() -> None:
    article = MatchInput(
        "Life by the river",
        f"{FILLER}Families were forced from homes by the dam. A spokesman denied it. {FILLER}",
        "en",
    )
    found = judged(DAM, article, 3)
    assert found.stance != "disputes"
    assert found.stance != "supports"
    assert found.why.stance is not None
    assert [found.passages[at].text for at in found.why.stance.denials] == ["A spokesman denied it."]


def test_a_reply_far_from_what_is_shown_is_of_something_else() -> None:
    article = MatchInput(
        "Life by the river", f"Families were forced from homes by the dam. {FILLER}A spokesman denied it.", "en"
    )
    found = judged(DAM, article, 0)
    assert found.why.stance is not None
    assert found.why.stance.denials == ()


def test_the_best_passage_disputes_where_it_contradicts_in_the_first_half() -> None:
    contradicting = "Every family by the river moved voluntarily, the builders of the dam said."
    early = MatchInput("Life by the river", f"{FILLER}{contradicting} {FILLER}{FILLER}", "en")
    late = MatchInput("Life by the river", f"{FILLER}{FILLER}{FILLER}{contradicting} {FILLER}", "en")
    assert judged(DAM, early, 3).stance == "disputes"
    assert judged(DAM, late, 9).stance != "disputes"


def test_a_khmer_denial_among_the_passages_disputes_and_says_by_which_words() -> None:
    text = "ភូមិខ្លះត្រូវបានផ្លាស់ទីលំនៅ។ មេឃុំបានបដិសេធការចោទប្រកាន់នេះ ហើយថាវាមិនពិតទេ។"
    found = judged(DAM, MatchInput("ព័ត៌មានពីមាត់ទន្លេ", text, "km"), 0, 1)
    assert found.stance == "disputes"
    assert found.passages[0].text.startswith("មេឃុំ")
    assert found.why.stance is not None
    assert found.why.stance.cues == ("បដិសេធ (to deny, to reject)", "មិនពិត (untrue)")


def test_a_common_irregular_form_has_the_stem_of_its_word() -> None:
    assert [stem(word) for word in ("women", "taken", "children", "deaths")] == ["woman", "take", "child", "die"]
