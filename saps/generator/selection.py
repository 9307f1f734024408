"""What the switches say of templates: which are in, how often each stands at the root, what is held out."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from difflib import get_close_matches
from typing import TypeVar

from saps.errors import UserError
from saps.generator.holdout import Combination
from saps.generator.loading import extended_library, shipped_library
from saps.generator.plain.reading import plain_library
from saps.generator.plain.speech import PlainLibrary
from saps.generator.switches import Switches
from saps.generator.templates import Library, Template, Weighted

SomeLibrary = TypeVar("SomeLibrary", bound=Library)

_WRITTEN = re.compile(r"(?P<inner>\S.*?)\s+(?P<anywhere>anywhere\s+)?inside\s+(?P<outer>.*\S)")


def library_of(switches: Switches) -> Library:
    """The shipped templates and those of your own, as the switches choose and weigh them.

    Raises:
        UserError: a folder without templates, a name that no template has, or nothing left that may stand at the root.
    """
    whole = extended_library(*switches.templates) if switches.templates else shipped_library()
    return selected(whole, _known_to(whole, switches))


def plain_library_of(switches: Switches) -> PlainLibrary | None:
    """The plain register as the switches choose and weigh its templates; None where they do not ask for it.

    Raises:
        UserError: as ``library_of``.
    """
    if switches.register == "published":
        return None
    whole = plain_library()
    return selected(whole, _known_to(whole, switches))


def all_templates(*libraries: Library) -> list[Template]:
    """The templates of all libraries, each name once."""
    return list({template.name: template for library in libraries for template in library.templates}.values())


def _known_to(library: Library, switches: Switches) -> Switches:
    """With both registers, the switches without the names that only the other one knows."""
    if switches.register != "mixed":
        return switches
    other = shipped_library() if isinstance(library, PlainLibrary) else plain_library()
    foreign = {n for t in other.templates for n in (t.name, t.root)}
    foreign -= {n for t in library.templates for n in (t.name, t.root)}

    def kept(names: Iterable[str]) -> list[str]:
        return [name for name in names if "_".join(name.split()) not in foreign]

    shares = {name: switches.root_share[name] for name in kept(switches.root_share)}
    return replace(switches, only=kept(switches.only), without=kept(switches.without), root_share=shares)


def selected(library: SomeLibrary, switches: Switches) -> SomeLibrary:
    """The library with its templates chosen and weighed as the switches say.

    Raises:
        UserError: as ``library_of``.
    """
    if not (switches.only or switches.without or switches.instances or switches.root_share or switches.roots == "even"):
        return library
    templates = _chosen(library.templates, switches)
    if not any(template.weight for template in templates):
        raise UserError("only, without: no template is left that may stand at the root; choose one more")
    weights = root_weights(templates, switches)
    templates = [replace(template, weight=weights[template.name]) for template in templates]
    instances = library.instances
    if switches.instances:
        instances = Weighted(tuple(switches.instances), tuple(switches.instances.values()))
    return replace(library, templates=tuple(templates), instances=instances)


def named(name: str, templates: Sequence[Template], switch: str) -> list[Template]:
    """The templates of a name: their own, or the one that ``nodes`` gives to their root; blanks stand for ``_``.

    Raises:
        UserError: there is none.
    """
    wanted = "_".join(name.split())
    found = [template for template in templates if wanted in (template.name, template.root)]
    if not found:
        known = {known for template in templates for known in (template.name, template.root)}
        near = get_close_matches(wanted, sorted(known), n=3)
        hint = f"perhaps {', '.join(near)}" if near else "docs/generating.md tells where the names stand"
        raise UserError(f"{switch}: no template is called {name!r}; {hint}")
    return found


def root_weights(templates: Sequence[Template], switches: Switches) -> dict[str, float]:
    """The weight of each template at the root, adding up to 1: template name -> share.

    The templates of one root divide its share by their own weights.
    """
    of_root: dict[str, float] = {}
    for template in templates:
        of_root[template.root] = of_root.get(template.root, 0.0) + template.weight
    own = {template.name: template.weight / (of_root[template.root] or 1.0) for template in templates}
    free = {root: weight if switches.roots == "weighted" else float(weight > 0) for root, weight in of_root.items()}
    shares = _shares(templates, switches.root_share)
    left = 1.0 - sum(shares.values())
    weights = {t.name: own[t.name] * free[t.root] for t in templates if t.name not in shares}
    total = sum(weights.values())
    if left > 1e-9 and not total:
        raise UserError(f"root_share: the shares add up to {1 - left:g} and no other root is left; make it 1")
    return {name: weight / total * left if total else 0.0 for name, weight in weights.items()} | shares


def _shares(templates: Sequence[Template], wanted: Mapping[str, float]) -> dict[str, float]:
    """The share of each template that ``root_share`` speaks of, by name."""
    shares: dict[str, float] = {}
    for name, share in wanted.items():
        group = named(name, templates, "root_share")
        twice = [template.name for template in group if template.name in shares]
        if twice:
            raise UserError(f"root_share: {name!r} and another name both mean the template {twice[0]}; keep one")
        total = sum(template.weight for template in group)
        if share and not total:
            raise UserError(f"root_share: {name!r} stands only inside others; it has no share at the root")
        shares |= {template.name: share * template.weight / total if total else 0.0 for template in group}
    return shares


def _chosen(templates: Sequence[Template], switches: Switches) -> list[Template]:
    """The templates that are in, in their order."""

    def names(switch: str, wanted: Iterable[str]) -> set[str]:
        return {template.name for name in wanted for template in named(name, templates, switch)}

    kept = names("only", switches.only) or {template.name for template in templates}
    kept -= names("without", switches.without)
    return [template for template in templates if template.name in kept]


def parse_combination(text: str, templates: Sequence[Template]) -> Combination:
    """The combination of ``INNER inside OUTER`` or ``INNER anywhere inside OUTER``, by names as in ``named``.

    Raises:
        UserError: it is written otherwise, no template has the name, or the one does not fit into the other.
    """
    match = _WRITTEN.fullmatch(text.strip())
    if match is None:
        raise UserError(
            f"hold_out: {text!r} is not of the form 'TEMPLATE inside TEMPLATE'; write 'filter prime inside median'"
        )
    inner, outer = (tuple(named(match[side], templates, "hold_out")) for side in ("inner", "outer"))
    types = {slot.type for template in outer for slot in template.slots}
    if not match["anywhere"] and not types & {template.result for template in inner}:
        gives, takes = inner[0].result, ", ".join(sorted(types))
        raise UserError(f"hold_out: {text!r} cannot come up: the first gives {gives}, the second takes {takes}")
    return Combination(inner, outer, bool(match["anywhere"]))
