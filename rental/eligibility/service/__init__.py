"""Use cases of eligibility: apply, withdraw, see papers, decide, revoke."""

from rental.eligibility.service import anonymising as anonymising
from rental.eligibility.service import rechecking as rechecking
from rental.eligibility.service.applying import ApplicationAlreadyOpen as ApplicationAlreadyOpen
from rental.eligibility.service.applying import ConsentMissing as ConsentMissing
from rental.eligibility.service.applying import HealthConsentMissing as HealthConsentMissing
from rental.eligibility.service.applying import NoGroundChosen as NoGroundChosen
from rental.eligibility.service.applying import PersonalDataMissing as PersonalDataMissing
from rental.eligibility.service.applying import apply as apply
from rental.eligibility.service.applying import withdraw as withdraw
from rental.eligibility.service.deciding import AlreadyRevoked as AlreadyRevoked
from rental.eligibility.service.deciding import Approval as Approval
from rental.eligibility.service.deciding import GroundNotClaimed as GroundNotClaimed
from rental.eligibility.service.deciding import GroundNotMet as GroundNotMet
from rental.eligibility.service.deciding import HandledMeanwhile as HandledMeanwhile
from rental.eligibility.service.deciding import NothingToApprove as NothingToApprove
from rental.eligibility.service.deciding import PapersNotSeen as PapersNotSeen
from rental.eligibility.service.deciding import approve as approve
from rental.eligibility.service.deciding import refuse as refuse
from rental.eligibility.service.deciding import request_papers as request_papers
from rental.eligibility.service.deciding import revoke as revoke
from rental.eligibility.service.impartial import OwnApplication as OwnApplication
from rental.eligibility.service.impartial import SubmittedByYourself as SubmittedByYourself
from rental.eligibility.service.papers import MAY_SEE as MAY_SEE
from rental.eligibility.service.papers import ApplicationClosed as ApplicationClosed
from rental.eligibility.service.papers import PaperNotAsked as PaperNotAsked
from rental.eligibility.service.papers import mark_seen as mark_seen
