"""table, target, roles ↦ (roles, findings): columns that give the target away or repeat another are set aside."""

from dataclasses import replace

from infimum.diagnoses import Finding
from infimum.tables import Table
from infimum.tables.leakage.leaks import find_leaks
from infimum.tables.leakage.relations import find_relations
from infimum.tables.leakage.suspicions import find_suspicions
from infimum.tables.natural import Role
from infimum.tables.outlying import find_outlying
from infimum.tables.roles import measured, set_aside, used
from infimum.tables.task import Task, find_counts
from infimum.tables.wishes import Wishes

GROUPED = ("INF113", "INF114")  # rows shared by folds, and groups: settled where rows are kept together


def examined(
    table: Table, target: str, roles: tuple[Role, ...], wishes: Wishes
) -> tuple[tuple[Role, ...], tuple[Finding, ...]]:
    """(roles, findings) from the rows that have a target: certain leaks first, then relations among the columns left.

    Leaks stay in use where the wishes keep them; of two that say the same, one that the wishes give a role stays.
    """
    leaks = find_leaks(table, target, used(roles))
    if not wishes.keep_leaks:
        roles = set_aside(roles, leaks, "leak")
    roles, relations = related(table, roles, wishes)
    return roles, (*leaks, *relations)


def related(table: Table, roles: tuple[Role, ...], wishes: Wishes) -> tuple[tuple[Role, ...], tuple[Finding, ...]]:
    """(roles with duplicates set aside, relations among the columns in use)."""
    relations = find_relations(table, used(roles))
    spoken = {*wishes.roles, *wishes.ordered}
    doubles = []
    for each in relations:
        kept, other = each.columns[0], each.columns[-1]
        if each.code == "INF121" and other not in spoken:
            doubles.append(each)
        elif each.code == "INF121" and kept not in spoken:  # the wish is for the one that the rule would set aside
            doubles.append(replace(each, columns=(other, kept)))
    return set_aside(roles, doubles, "duplicate"), relations


def suspicions(table: Table, target: str, roles: tuple[Role, ...], wishes: Wishes, kind: Task) -> tuple[Finding, ...]:
    """What looks wrong and is not certain: in the columns in use and those that may name groups, and in the target."""
    looked_at = (*used(roles), *(role.name for role in roles if role.role in ("identifier", "text")))
    found = find_suspicions(table, target, [name for name in looked_at if name != wishes.group])
    found = tuple(each for each in found if not (wishes.group and each.code in GROUPED))
    return found + find_counts(target, kind, wishes.task) + find_outlying(table, measured(roles), kind.rows)
