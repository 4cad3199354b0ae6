"""Citizen numbers belong to people; eligibility reads them here under the same names."""

from rental.people.policy.citizen_number import FIRST_YEAR as FIRST_YEAR
from rental.people.policy.citizen_number import LENGTH as LENGTH
from rental.people.policy.citizen_number import CitizenNumber as CitizenNumber
from rental.people.policy.citizen_number import CitizenNumberCheckWrong as CitizenNumberCheckWrong
from rental.people.policy.citizen_number import (
    CitizenNumberDateImpossible as CitizenNumberDateImpossible,
)
from rental.people.policy.citizen_number import CitizenNumberInFuture as CitizenNumberInFuture
from rental.people.policy.citizen_number import CitizenNumberInvalid as CitizenNumberInvalid
from rental.people.policy.citizen_number import (
    CitizenNumberLengthWrong as CitizenNumberLengthWrong,
)
from rental.people.policy.citizen_number import CitizenNumberNotDigits as CitizenNumberNotDigits
from rental.people.policy.citizen_number import Sex as Sex
from rental.people.policy.citizen_number import age_on as age_on
from rental.people.policy.citizen_number import birthday as birthday
from rental.people.policy.citizen_number import compact as compact
from rental.people.policy.citizen_number import read_citizen_number as read_citizen_number
