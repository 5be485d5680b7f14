"""How many hits a digest tells. What is old isn't counted as news, nor a lead as a report, nor a sample at all."""

from dataclasses import dataclass

from monitor.digest.wording import say_all
from monitor.model.digesting import WatchlistSection
from monitor.text.counting import counted

NEWS = frozenset({"news", "by_hand"})


@dataclass(frozen=True, slots=True)
class Tally:
    """Counts over some claims. `claims` have a real hit or lead, `sample_claims` a sample one."""

    reports: int
    older: int
    leads: int
    samples: int
    claims: int
    sample_claims: int

    @property
    def hits_words(self) -> str:
        """The hits without their claims: "2 hits and 1 lead"."""
        counts = (
            *((self.reports, "hit"), (self.older, "older hit")),
            *((self.leads, "lead"), (self.samples, "sample hit")),
        )
        return say_all([counted(count, noun) for count, noun in counts if count]) or "no hits"

    @property
    def summary(self) -> str:
        """The digest in one line, as the subject says it: "4 hits on 3 claims"."""
        real = Tally(self.reports, self.older, self.leads, 0, 0, 0).hits_words
        if self.claims:
            real += f" on {counted(self.claims, 'claim')}"
        if not self.samples:
            return real
        invented = f"{counted(self.samples, 'sample hit')} on {counted(self.sample_claims, 'claim')}"
        return f"{real}, {invented}" if self.claims else invented


def count_hits(sections: tuple[WatchlistSection, ...]) -> Tally:
    """Count what these sections tell."""
    claims = [claim.hits for section in sections for claim in section.claims]
    hits = [hit for claim in claims for hit in claim]
    real = [hit for hit in hits if not hit.is_sample]
    return Tally(
        reports=sum(not hit.is_lead and hit.arrival in NEWS for hit in real),
        older=sum(not hit.is_lead and hit.arrival not in NEWS for hit in real),
        leads=sum(hit.is_lead for hit in real),
        samples=len(hits) - len(real),
        claims=sum(any(not hit.is_sample for hit in claim) for claim in claims),
        sample_claims=sum(any(hit.is_sample for hit in claim) for claim in claims),
    )
