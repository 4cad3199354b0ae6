"""Staff with tokens, and residents who may borrow."""

from bench.dataset.bulk import FAKE_HASH, Bulk, quoted
from bench.dataset.codes import code_body
from bench.dataset.reference import day, noon
from bench.dataset.size import Size
from rental.eligibility.models import Application, Claim, Decision
from rental.eligibility.policy import ApplicationState, Ground
from rental.foundation.actor import Role
from rental.foundation.codes import CodeKind
from rental.foundation.crypto import blind_index, encrypt
from rental.foundation.database import db
from rental.people.models import Account, AccountRole, ApiToken, Consent, Resident
from rental.people.policy import CONSENT_VERSION, Purpose, Register, ResidentState
from rental.people.queries.sign_in_state import TOKEN_PURPOSE

#: How many clerks there are; each client of a load is one of them.
CLERKS = 64
_CLERK = 1  # key of the first clerk

_TABLES = db.metadata.tables


def token(number: int) -> str:
    """Return the bearer token of the clerk with the number, from 0."""
    return f"bench-clerk-token-{number:04d}"


def staff(bulk: Bulk, size: Size) -> None:
    """Insert clerks with tokens, shared out among the sites."""
    accounts, roles, tokens = (
        _TABLES[row.__tablename__] for row in (Account, AccountRole, ApiToken)
    )
    bulk.run("CREATE TEMPORARY TABLE clerks (n integer PRIMARY KEY, hash text)")
    hashes = ((n, blind_index(token(n), purpose=TOKEN_PURPOSE)) for n in range(CLERKS))
    bulk.copy("clerks", ("n", "hash"), hashes)
    bulk.fill(
        accounts,
        "FROM clerks",
        {
            "id": f"n + {_CLERK}",
            "login": "'clerk-' || n",
            "name": "'clerk-' || n",
            "password_hash": "'none'",
            "site_id": f"1 + n % {size.sites}",
            "created_at": noon(-700),
            "journal_hash": quoted(FAKE_HASH),
        },
    )
    bulk.fill(roles, "FROM clerks", {"account_id": f"n + {_CLERK}", "role": Role.CLERK})
    bulk.fill(
        tokens,
        "FROM clerks",
        {
            "id": "n + 1",
            "account_id": f"n + {_CLERK}",
            "token_hash": "hash",
            "created_at": noon(-700),
        },
    )


def residents(bulk: Bulk, size: Size) -> None:
    """Insert residents with account, consent and a decision that is valid for the year."""
    bulk.run("CREATE TEMPORARY TABLE people (n integer PRIMARY KEY, code text)")
    codes = ((n, CodeKind.RESIDENT.value + code_body(n)) for n in range(size.residents))
    bulk.copy("people", ("n", "code"), codes)
    _resident_rows(bulk)
    _decisions(bulk)


def _resident_rows(bulk: Bulk) -> None:
    account = f"{_CLERK + CLERKS} + n"
    bulk.fill(
        _TABLES[Account.__tablename__],
        "FROM people",
        {
            "id": account,
            "name": "'居民 ' || n",
            "phone": _sealed("account.phone", "13900000000"),
            "phone_index": "'a-' || code",
            "password_hash": "'none'",
            "created_at": noon(-700),
            "journal_hash": quoted(FAKE_HASH),
        },
    )
    bulk.fill(
        _TABLES[AccountRole.__tablename__],
        "FROM people",
        {"account_id": account, "role": Role.RESIDENT},
    )
    bulk.fill(
        _TABLES[Resident.__tablename__],
        "FROM people",
        {
            "id": "n + 1",
            "code": "code",
            "account_id": account,
            "state": ResidentState.ACTIVE,
            "name": "'居民 ' || n",
            "name_initials": "'jm' || n",
            "citizen_number": _sealed("resident.citizen_number", "110101195001010000"),
            "citizen_number_index": "'c-' || code",
            "born_on": _sealed("resident.born_on", "1950-01-01"),
            "phone": _sealed("resident.phone", "13900000000"),
            "phone_index": "'p-' || code",
            "address": _sealed("resident.address", "和平街道测试路 1 号"),
            "register": Register.HERE,
            "community_id": "1 + n % (SELECT count(*) FROM community)",
            "grid_id": "1 + n % (SELECT count(*) FROM grid)",
            "created_at": noon(-700),
            "journal_hash": quoted(FAKE_HASH),
        },
    )
    for place, purpose in enumerate(Purpose):
        bulk.fill(
            _TABLES[Consent.__tablename__],
            "FROM people",
            {
                "id": f"n * {len(Purpose)} + {place + 1}",
                "resident_id": "n + 1",
                "purpose": purpose,
                "version": quoted(CONSENT_VERSION),
                "given_at": noon(-30),
            },
        )


def _decisions(bulk: Bulk) -> None:
    bulk.fill(
        _TABLES[Application.__tablename__],
        "FROM people",
        {
            "id": "n + 1",
            "code": "'A-0' || n",
            "resident_id": "n + 1",
            "state": ApplicationState.APPROVED,
            "submitted_at": noon(-30),
            "submitted_by": _CLERK,
            "answered_at": noon(-30),
            "journal_hash": quoted(FAKE_HASH),
        },
    )
    bulk.fill(
        _TABLES[Claim.__tablename__],
        "FROM people",
        {"id": "n + 1", "application_id": "n + 1", "ground": Ground.ELDERLY},
    )
    bulk.fill(
        _TABLES[Decision.__tablename__],
        "FROM people",
        {
            "id": "n + 1",
            "code": "'D-0' || n",
            "application_id": "n + 1",
            "resident_id": "n + 1",
            "ground": Ground.ELDERLY,
            "valid_from": day(-30),
            "valid_until": day(335),
            "decided_by": _CLERK,
            "decided_at": noon(-30),
            "journal_hash": quoted(FAKE_HASH),
        },
    )


def _sealed(column: str, plain: str) -> str:
    return quoted(encrypt(plain, column=column))
