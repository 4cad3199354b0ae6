"""Rules of cleaning, disinfection, inspection and release (domain.md, section 5)."""

from rental.upkeep.policy import history as history  # tells unit pages how to say our acts
from rental.upkeep.policy.release import NotReleasable as NotReleasable
from rental.upkeep.policy.release import ReleaseBlocker as ReleaseBlocker
from rental.upkeep.policy.release import ReleaseBlockerCode as ReleaseBlockerCode
from rental.upkeep.policy.release import ReleaseFacts as ReleaseFacts
from rental.upkeep.policy.release import ensure_release as ensure_release
from rental.upkeep.policy.release import release_blockers as release_blockers
from rental.upkeep.policy.reports import OwnWords as OwnWords
from rental.upkeep.policy.reports import said as said
from rental.upkeep.policy.states import AGENT_WORDS as AGENT_WORDS
from rental.upkeep.policy.states import LOWEST_CONTACT as LOWEST_CONTACT
from rental.upkeep.policy.states import LOWEST_DOSE as LOWEST_DOSE
from rental.upkeep.policy.states import REASON_WORDS as REASON_WORDS
from rental.upkeep.policy.states import STEP_WORDS as STEP_WORDS
from rental.upkeep.policy.states import STEPS as STEPS
from rental.upkeep.policy.states import Agent as Agent
from rental.upkeep.policy.states import FaultState as FaultState
from rental.upkeep.policy.states import StepKind as StepKind
from rental.upkeep.policy.states import UpkeepReason as UpkeepReason
from rental.upkeep.policy.states import UpkeepState as UpkeepState
from rental.upkeep.policy.steps import AgentMissing as AgentMissing
from rental.upkeep.policy.steps import AgentNotForThisUnit as AgentNotForThisUnit
from rental.upkeep.policy.steps import AnotherPersonMustCheck as AnotherPersonMustCheck
from rental.upkeep.policy.steps import ChlorineOutOfRange as ChlorineOutOfRange
from rental.upkeep.policy.steps import ContactNotOver as ContactNotOver
from rental.upkeep.policy.steps import ContactTooShort as ContactTooShort
from rental.upkeep.policy.steps import DoseTooLow as DoseTooLow
from rental.upkeep.policy.steps import Limits as Limits
from rental.upkeep.policy.steps import NothingLeftToDo as NothingLeftToDo
from rental.upkeep.policy.steps import SeparateToolsNeeded as SeparateToolsNeeded
from rental.upkeep.policy.steps import Step as Step
from rental.upkeep.policy.steps import StepOutOfOrder as StepOutOfOrder
from rental.upkeep.policy.steps import Turn as Turn
from rental.upkeep.policy.steps import ensure_step as ensure_step
from rental.upkeep.policy.steps import lowest_contact as lowest_contact
from rental.upkeep.policy.steps import next_word as next_word
