"""The rules no reviewer should have to repeat."""

import ast
import re
from pathlib import Path

import pytest
from apiflask import APIFlask

from rental.foundation.database import Base
from rental.people.queries.export import EXPORTS, OWN_TABLES

ROOT = Path(__file__).parents[2]
SOURCES = sorted((ROOT / "rental").rglob("*.py"))
RULE_ROOMS = ("policy", "service", "queries", "models", "forms", "schemas")


def _name(path: Path) -> str:
    return str(path.relative_to(ROOT))


def _in_room(path: Path, *rooms: str) -> bool:
    """Tell whether the file is, or lies in, a module of one of the names."""
    inside = path.relative_to(ROOT / "rental").parts
    return len(inside) > 1 and (inside[1] in rooms or inside[1].removesuffix(".py") in rooms)


def _calls(tree: ast.AST, name: str) -> list[int]:
    return [
        node.lineno
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr == name
    ]


@pytest.mark.parametrize("path", SOURCES, ids=_name)
def test_only_the_transaction_door_commits(path: Path) -> None:
    if _name(path) == "rental/foundation/database.py":
        return
    assert _calls(ast.parse(path.read_text()), "commit") == []


@pytest.mark.parametrize("path", [p for p in SOURCES if _in_room(p, *RULE_ROOMS)], ids=_name)
def test_rules_do_not_read_the_clock(path: Path) -> None:
    tree = ast.parse(path.read_text())
    assert [*_calls(tree, "today"), *_calls(tree, "now"), *_calls(tree, "utcnow")] == []


def test_no_module_is_a_drawer_for_everything() -> None:
    drawers = {"utils.py", "helpers.py", "common.py", "constants.py", "misc.py"}
    assert [p for p in SOURCES if p.name in drawers] == []


@pytest.mark.parametrize("path", SOURCES, ids=_name)
def test_a_file_holds_one_idea(path: Path) -> None:
    assert len(path.read_text().splitlines()) <= 400


@pytest.mark.parametrize("path", [p for p in SOURCES if _in_room(p, "views")], ids=_name)
def test_only_posts_change_state(path: Path) -> None:
    for fn in ast.walk(ast.parse(path.read_text())):
        if not isinstance(fn, ast.FunctionDef):
            continue
        verbs = {
            decorator.func.attr
            for decorator in fn.decorator_list
            if isinstance(decorator, ast.Call) and isinstance(decorator.func, ast.Attribute)
        }
        opens = any(
            isinstance(node, ast.Call)
            and isinstance(node.func, ast.Name)
            and node.func.id == "transaction"
            for node in ast.walk(fn)
        )
        assert not (opens and "get" in verbs), fn.name


TEMPLATES = sorted((ROOT / "rental").rglob("*.html"))


@pytest.mark.parametrize("path", TEMPLATES, ids=_name)
def test_templates_obey_the_content_security_policy(path: Path) -> None:
    text = path.read_text()
    assert not re.search(r"\sstyle\s*=", text)
    assert not re.search(r"\son[a-z]+\s*=\s*[\"']", text)
    assert not re.search(r"<script(?![^>]*\ssrc=)[^>]*>", text)


@pytest.mark.parametrize("path", TEMPLATES, ids=_name)
def test_templates_load_nothing_from_elsewhere(path: Path) -> None:
    assert not re.search(r"(?:src|href)=\"https?://", path.read_text())


@pytest.mark.parametrize("path", [p for p in TEMPLATES if p.stem != "styleguide"], ids=_name)
def test_no_chinese_stands_outside_a_translation(path: Path) -> None:
    text = re.sub(r"\{#.*?#\}", "", path.read_text(), flags=re.DOTALL)
    text = re.sub(r"\{\{.*?\}\}|\{%.*?%\}", "", text, flags=re.DOTALL)
    text = text.replace('lang="zh-Hans">中文<', "")  # a language is called what its readers call it
    assert re.findall(r"[\u4e00-\u9fff]+", text) == []


SLICES = {p.parent.name for p in (ROOT / "rental").glob("*/__init__.py")} - {
    "foundation",
    "web",
    "journal",
}
"""The folders that show others only a part of themselves."""


@pytest.mark.parametrize("path", SOURCES, ids=_name)
def test_a_slice_sees_only_use_cases_questions_and_rules_of_another(path: Path) -> None:
    own = path.relative_to(ROOT / "rental").parts[0]
    for node in ast.walk(ast.parse(path.read_text())):
        if not isinstance(node, ast.ImportFrom) or not (node.module or "").startswith("rental."):
            continue
        _, of, *inside = (node.module or "").split(".")
        if of in SLICES - {own} and own != "__init__.py":
            seen = set(inside[:1]) or {each.name for each in node.names}
            assert seen <= {"service", "queries", "policy"}, (node.lineno, node.module)


@pytest.mark.parametrize(
    ("word", "instead"), [("户籍", "户口"), ("户口本", "户口簿"), ("服务点", "租赁点")]
)
def test_one_thing_has_one_word(word: str, instead: str) -> None:
    catalogue = ROOT / "rental/web/translations/en/LC_MESSAGES/messages.po"
    said = re.findall(r'^msgid "(.*)"$', catalogue.read_text(), re.MULTILINE)
    assert [sentence for sentence in said if word in sentence] == [], f"say {instead}"


def test_the_public_contract_names_exist() -> None:
    for name in ("wsgi.py", "requirements.txt", "migrations", "rental", "tests", "README.md"):
        assert (ROOT / name).exists(), name


#: Tables that name a resident and are no part of the file that a resident may take along.
NOT_TAKEN_ALONG = {
    "journal_line": "tells again, in codes, how the rows of the other parts became what they are",
}


def test_everything_kept_about_a_resident_may_be_taken_along(app: APIFlask) -> None:
    taken = OWN_TABLES.union(*(part.tables for part in EXPORTS))
    about = {
        table.name
        for table in Base.metadata.sorted_tables
        if "resident_id" in table.columns or table.name == "resident"
    }
    assert about - taken == set(NOT_TAKEN_ALONG)
    assert taken <= set(Base.metadata.tables)
