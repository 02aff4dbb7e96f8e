"""table, target, roles ↦ (roles, findings): columns that give the target away or repeat another are set aside."""

from infimum.diagnoses import Finding
from infimum.tables import Table
from infimum.tables.leakage import find_leaks
from infimum.tables.natural import Role
from infimum.tables.relations import find_relations
from infimum.tables.roles import set_aside, used
from infimum.tables.wishes import Wishes


def examined(
    table: Table, target: str, roles: tuple[Role, ...], wishes: Wishes
) -> tuple[tuple[Role, ...], tuple[Finding, ...]]:
    """(roles, findings) from the rows that have a target: certain leaks first, then relations among the columns left.

    Leaks stay in use where the wishes keep them; a duplicate stays where the wishes give it or its twin a role.
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
    doubles = [each for each in relations if each.code == "INF121" and not spoken & set(each.columns)]
    return set_aside(roles, doubles, "duplicate"), relations
