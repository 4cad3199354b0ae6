"""Use cases of the wash room, one file each."""

from rental.upkeep.service import anonymising as anonymising
from rental.upkeep.service.aside import WhySetAside as WhySetAside
from rental.upkeep.service.aside import back_to_wash as back_to_wash
from rental.upkeep.service.aside import complete_kit as complete_kit
from rental.upkeep.service.aside import ensure_may_set_aside as ensure_may_set_aside
from rental.upkeep.service.aside import set_aside as set_aside
from rental.upkeep.service.faults import TooManyReports as TooManyReports
from rental.upkeep.service.faults import close_fault as close_fault
from rental.upkeep.service.faults import report_fault as report_fault
from rental.upkeep.service.following import FOLLOW_CALENDAR as FOLLOW_CALENDAR
from rental.upkeep.service.following import follow_calendar as follow_calendar
from rental.upkeep.service.release import release as release
from rental.upkeep.service.steps import Logged as Logged
from rental.upkeep.service.steps import log_step as log_step
from rental.upkeep.service.turns import abandon as abandon
from rental.upkeep.service.turns import begin_turn as begin_turn
from rental.upkeep.service.undoing import withdraw_return as withdraw_return
