"""Papers: which ones an application needs, and what a paper that was seen settles."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date

from rental.eligibility.policy.certificate import DisabilityCertificate
from rental.eligibility.policy.declaration import (
    Claim,
    Declaration,
    DisabilityClaim,
    ElderlyClaim,
    InjuryClaim,
    Rules,
    is_of_advanced_age,
)
from rental.eligibility.policy.states import EVIDENCE_NAMES, Attestation, EvidenceKind, Ground
from rental.foundation.words import N_, Named, Sentence

GROUND_PAPERS: dict[Ground, EvidenceKind] = {
    Ground.DISABILITY: EvidenceKind.DISABILITY_CERTIFICATE,
    Ground.ELDERLY: EvidenceKind.DIFFICULTY_PROOF,
    Ground.INJURY: EvidenceKind.HOSPITAL_NOTE,
}
"""The paper that proves each ground."""

ABOUT_THE_PERSON = frozenset({
    EvidenceKind.REGISTER_PAGE,
    EvidenceKind.RESIDENCE_PERMIT,
    EvidenceKind.IDENTITY_CARD,
})
"""The papers that prove who the person is and where the register is."""

HEALTH_DIFFICULTIES = frozenset({"disabled_mobility"})
"""Difficulties that say something about the person's health."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PaperFacts:
    """What somebody read in a paper; None stands for not read, so that the declared stays.

    Attributes:
        certificate: The disability certificate's number.
        expires_on: Its last valid day.
        noted_on: Date of the hospital note.
        difficulties: The difficulties that were attested; empty when there is none.
    """

    certificate: DisabilityCertificate | None = None
    expires_on: date | None = None
    noted_on: date | None = None
    difficulties: frozenset[str] | None = None


def papers_for(
    grounds: Iterable[Ground], declaration: Declaration, rules: Rules, today: date
) -> tuple[EvidenceKind, ...]:
    """Return the papers on which the grounds rest, in the order of asking.

    A residence permit stands in for the register of somebody registered elsewhere. A difficulty
    needs no paper where nobody must attest it, nor when it is the advanced age.

    Args:
        grounds: The grounds claimed, or those of them that matter.
        declaration: What is known of the person.
        rules: The site's values.
        today: Civil date on which the age counts.
    """
    by_permit = declaration.residence_permit and declaration.register not in rules.communities
    attested = rules.elderly_attestation is Attestation.REQUIRED and not is_of_advanced_age(
        declaration.birth_date, rules, today
    )
    place = EvidenceKind.RESIDENCE_PERMIT if by_permit else EvidenceKind.REGISTER_PAGE
    claimed = frozenset(grounds)
    proofs = (GROUND_PAPERS[ground] for ground in Ground if ground in claimed)
    return (
        place,
        EvidenceKind.IDENTITY_CARD,
        *(p for p in proofs if attested or p is not EvidenceKind.DIFFICULTY_PROOF),
    )


def paper_names(papers: Iterable[EvidenceKind]) -> Named:
    """Return the papers in one line."""
    names = [EVIDENCE_NAMES[kind] for kind in papers]
    return Named("、".join(name.zh for name in names), ", ".join(name.en for name in names))


def next_step(unseen: Iterable[EvidenceKind], *, address: Named) -> Sentence:
    """Return what the resident does about an application that waits, and when the answer comes.

    Args:
        unseen: The papers that nobody has seen yet.
        address: Of the rental point.
    """
    papers = paper_names(unseen)
    if not papers.zh:
        return Sentence(N_("材料不用再带了。一般 3 个工作日内答复，请留意消息。"))
    return Sentence(
        N_(
            "请把这些原件带到租赁点（%(address)s）给工作人员看一眼，家人带来也行：%(papers)s。"
            "看过以后，一般 3 个工作日内答复。走不开请打电话，我们上门看。"
        ),
        address=address,
        papers=papers,
    )


def needs_health_consent(claims: Iterable[Claim]) -> bool:
    """Tell whether the claims say something about health, which needs a consent of its own.

    Source: PIPL art. 28, 29.
    """
    return any(
        not isinstance(claim, ElderlyClaim) or claim.difficulties & HEALTH_DIFFICULTIES
        for claim in claims
    )


def settled(claim: Claim, read: PaperFacts) -> Claim:
    """Return the claim as its paper has it."""
    match claim:
        case DisabilityClaim():
            return replace(
                claim,
                certificate=read.certificate or claim.certificate,
                expires_on=read.expires_on or claim.expires_on,
            )
        case ElderlyClaim():
            found = claim.difficulties if read.difficulties is None else read.difficulties
            return replace(claim, difficulties=found, attested=True)
        case InjuryClaim():
            return replace(claim, noted_on=read.noted_on or claim.noted_on)
