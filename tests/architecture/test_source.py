"""Rules of the house that a machine can keep: where time is read, where is committed, what a route must ask."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.evidence import lifecycle as evidence_states
from app.people.permissions import PERMISSIONS
from app.problems import CATALOGUE
from app.sync.registry import REGISTRY
from app.tickets import lifecycle

ROOT = Path(__file__).resolve().parents[2]
TREES = {path.relative_to(ROOT): ast.parse(path.read_text("utf-8")) for path in sorted((ROOT / "app").rglob("*.py"))}
assert len(TREES) > 60

WALL_TIME = {("datetime", "now"), ("datetime", "utcnow"), ("datetime", "today"), ("date", "today"), ("time", "time")}
WEB = {"flask", "flask_smorest", "flask_limiter", "werkzeug", "webargs"}
ROOF = {"http", "limits", "factory", "docs_ui", "shell", "health", "auth_http", "cli"}
WITHOUT_TICKET = {
    "ticket.intake", "handover.execute", "membership.assign", "membership.end", "person.change_phone", "duty.set",
    "unit.open", "unit.rename", "unit.move", "unit.reach", "unit.close", "station.reach",
    "person.enrol", "person.disable",
    "deputation.appoint", "deputation.end", "training.record",
    "duty.clear", "duty.plan", "swap.ask", "swap.answer", "swap.withdraw", "leave.take", "leave.end",
    "intake.map", "intake.confirm", "intake.discard", "intake.key_revoke", "webhook.test", "webhook.retry",
    "reminder.acknowledge", "calendar.publish", "calendar.correct", "channel.route", "channel.prefer", "channel.unbind",
    "delivery.retry", "reach.log_call", "policy.replan",
    # On a case that its unit must not know of: a command on the ticket would show there.
    "inspection.plan", "inspection.claim", "inspection.release", "inspection.assign", "inspection.judge",
    "inspection.correct", "inspection.announce", "inspection.field_check",
}  # fmt: skip
OPEN_TO_ALL = {
    "auth.login", "auth.refresh", "auth.logout", "version.version", "health.healthz", "tus.options", "docs.document",
    "roots.index", "roots.show",  # published so that copies of them can be kept elsewhere
    "chat.greet", "chat.heard",  # signed by the account's server: tests/channels/test_wechat.py
    "demo.accounts",  # a fault outside the demonstration: tests/sync/test_contract.py
}  # fmt: skip


def uses(tree: ast.AST) -> Iterator[tuple[str, str, int]]:
    """Yield (name before the dot, attribute, line) of every attribute that is used."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute):
            base = node.value
            before = base.id if isinstance(base, ast.Name) else base.attr if isinstance(base, ast.Attribute) else ""
            yield before, node.attr, node.lineno


def imports(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module


def strings(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value


def test_wall_time_is_read_in_one_place() -> None:
    found = [
        f"{path}:{line}" for path, tree in TREES.items() for before, name, line in uses(tree)
        if (before, name) in WALL_TIME and path.name != "clock.py"
    ]  # fmt: skip
    assert found == []
    assert any((b, n) == ("datetime", "now") for b, n, _ in uses(TREES[Path("app/clock.py")]))


def test_commits_happen_in_one_place() -> None:
    found = {str(path) for path, tree in TREES.items() for _, name, _ in uses(tree) if name == "commit"}
    assert found == {"app/db.py"}


def test_the_web_stays_above_routes() -> None:
    for path, tree in TREES.items():
        inside_package = len(path.parts) > 2
        if path.stem.endswith("routes") or (not inside_package and path.stem in ROOF):
            continue
        used = {name.partition(".")[0] for name in imports(tree)} & WEB
        assert not used, f"{path} imports {used}"


def _literal(node: ast.expr) -> list[str]:
    items = node.elts if isinstance(node, ast.Tuple | ast.List | ast.Set) else [node]
    return [n.value for n in items if isinstance(n, ast.Constant) and isinstance(n.value, str)]


def _names_a_state(node: ast.expr) -> bool:
    name = node.attr if isinstance(node, ast.Attribute) else node.id if isinstance(node, ast.Name) else ""
    return name == "state"


def test_states_are_compared_where_they_are_defined() -> None:
    """A state written out in a comparison elsewhere is a rule that the table of the life cycle does not show."""
    known = set(lifecycle.LABELS) | {v for v in vars(evidence_states).values() if isinstance(v, str) and v.islower()}
    for path, tree in TREES.items():
        if path.stem == "lifecycle":
            continue
        for node in ast.walk(tree):
            if isinstance(node, ast.Compare):
                sides = [node.left, *node.comparators]
                written = {text for side in sides for text in _literal(side)} & known
                assert not (written and any(map(_names_a_state, sides))), f"{path}:{node.lineno} compares {written}"


def test_every_command_is_permitted_to_someone_and_has_its_place_in_the_life_cycle() -> None:
    assert set(REGISTRY) <= set(PERMISSIONS)
    assert set(REGISTRY) - set(lifecycle.TRANSITIONS) == WITHOUT_TICKET - {"ticket.intake"}
    # What must not lie in a phone's outbox: a caller's data, a file, and a secret that is shown once.
    asked = {"policy.publish", "caller.reveal", "person.first_password", "intake.upload", "intake.key", "webhook.set"}
    asked |= {"channel.configure"}
    assert set(PERMISSIONS) - set(REGISTRY) == asked
    assert set(lifecycle.TRANSITIONS) <= set(PERMISSIONS)


def test_every_state_can_be_reached_and_left() -> None:
    rows = [*lifecycle.TRANSITIONS.values(), *lifecycle.OUTCOMES]
    reached = {row.target for row in rows if row.target}
    assert reached == set(lifecycle.LABELS)
    left = {source for row in rows if row.target for source in row.sources if source != row.target}
    assert left == set(lifecycle.LABELS)


def test_every_code_that_is_raised_is_in_the_catalogue_and_every_entry_is_used() -> None:
    raised: dict[str, str] = {}
    for path, tree in TREES.items():
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.args:
                first = node.args[0]
                if node.func.id in ("Problem", "Refused") and isinstance(first, ast.Constant):
                    raised[str(first.value)] = f"{path}:{node.lineno}"
    assert set(raised) <= set(CATALOGUE), {c: p for c, p in raised.items() if c not in CATALOGUE}
    elsewhere = {text for path, tree in TREES.items() if "problems" not in path.parts for text in strings(tree)}
    assert set(CATALOGUE) - set(raised) - elsewhere == set()


def test_no_topic_of_the_catalogue_takes_a_code_of_another() -> None:
    topics = [ast.literal_eval(node.value) for path, tree in TREES.items() if path.parent.name == "problems"
              for node in ast.walk(tree) if isinstance(node, ast.AnnAssign) and isinstance(node.value, ast.Dict)
              and path.name != "__init__.py"]  # fmt: skip
    assert len(topics) > 1 and sum(map(len, topics)) == len(CATALOGUE)


@pytest.mark.parametrize("code", sorted(CATALOGUE))
def test_each_sentence_ends_like_one_and_says_no_secret(code: str) -> None:
    status, text = CATALOGUE[code]
    assert 400 <= status < 600
    assert text.endswith(("。", "{first}")) and re.search(r"[\u4e00-\u9fff]", text)
    assert not re.search(r"\b(SQL|traceback|exception|None|null)\b", text, re.IGNORECASE)


def test_every_route_asks_who_is_there() -> None:
    from app.factory import create_app
    from config import Config

    app = create_app(Config(secret_key="x" * 40, var_dir=ROOT / "var", database_url="sqlite://"))
    unguarded = set()
    for rule in app.url_map.iter_rules():
        if not rule.rule.startswith(("/api/", "/files", "/healthz")):
            continue
        view = app.view_functions[rule.endpoint]
        while view is not None and not getattr(view, "needs_sign_in", False):
            view = getattr(view, "__wrapped__", None)
        if view is None:
            unguarded.add(rule.endpoint)
    assert unguarded == OPEN_TO_ALL


def test_files_and_functions_can_be_read_in_one_sitting() -> None:
    for path, tree in TREES.items():
        lines = (ROOT / path).read_text("utf-8").count("\n")
        assert lines <= 400, f"{path} has {lines} lines"
        for node in ast.walk(tree):
            if isinstance(node, ast.FunctionDef):
                length = (node.end_lineno or 0) - node.lineno + 1
                assert length <= 60, f"{path}:{node.lineno} {node.name} has {length} lines"
