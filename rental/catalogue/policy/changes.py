"""What loading a data file changes: added, changed, withdrawn, returned, same. Pure."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Any, TypeAlias

from rental.foundation.words import Named

Item: TypeAlias = Mapping[str, Any]
"""One object of the data file with ``key``, ``zh`` and ``en``; without the things inside it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One thing that a file touches, with the fields that differ."""

    key: str
    name: Named
    fields: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Changes:
    """What happens to the things of one sort."""

    added: tuple[Change, ...] = ()
    changed: tuple[Change, ...] = ()
    withdrawn: tuple[Change, ...] = ()
    returned: tuple[Change, ...] = ()
    same: tuple[Change, ...] = ()

    @property
    def differing(self) -> tuple[tuple[Change, ...], ...]:
        """Everything but what stays the same."""
        return self.added, self.changed, self.withdrawn, self.returned

    @property
    def any(self) -> bool:
        """Tell whether anything differs."""
        return any(self.differing)


@dataclass(frozen=True, slots=True, kw_only=True)
class LoadReport:
    """What loading a file does, or did."""

    needs: Changes
    hygiene_classes: Changes
    fitting_classes: Changes
    categories: Changes
    kinds: Changes
    note_changed: bool = False

    @property
    def sections(self) -> tuple[tuple[str, Changes], ...]:
        """The sorts of things by their name in the file, categories and kinds last."""
        return (
            ("needs", self.needs),
            ("hygiene_classes", self.hygiene_classes),
            ("fitting_classes", self.fitting_classes),
            ("categories", self.categories),
            ("kinds", self.kinds),
        )

    @property
    def any(self) -> bool:
        """Tell whether anything differs."""
        return self.note_changed or any(changes.any for _, changes in self.sections)

    @property
    def digest(self) -> str:
        """A short text that differs when what would change differs; sameness doesn't count."""
        told = (self.note_changed, *(changes.differing for _, changes in self.sections))
        return sha256(repr(told).encode()).hexdigest()[:32]

    def _keys(self, act: str) -> tuple[str, ...]:
        return tuple(change.key for _, changes in self.sections for change in getattr(changes, act))

    @property
    def added(self) -> tuple[str, ...]:
        """Keys of everything new."""
        return self._keys("added")

    @property
    def changed(self) -> tuple[str, ...]:
        """Keys of everything that differs."""
        return self._keys("changed")

    @property
    def withdrawn(self) -> tuple[str, ...]:
        """Keys of everything that the file no longer has."""
        return self._keys("withdrawn")

    @property
    def returned(self) -> tuple[str, ...]:
        """Keys of everything withdrawn that came back."""
        return self._keys("returned")

    @property
    def same(self) -> tuple[str, ...]:
        """Keys of everything that stays as it is."""
        return self._keys("same")


def compare(
    present: Mapping[str, Item], withdrawn: Collection[str], wanted: Mapping[str, Item]
) -> Changes:
    """Return what must happen so that the present things become the wanted ones.

    Args:
        present: Everything stored by key, withdrawn things included.
        withdrawn: The keys of the withdrawn ones.
        wanted: What the file holds.
    """
    added, changed, returned, same = [], [], [], []
    for key, item in wanted.items():
        if key not in present:
            added.append(_change(item))
        elif key in withdrawn:
            returned.append(_change(item, _differing(present[key], item)))
        elif fields := _differing(present[key], item):
            changed.append(_change(item, fields))
        else:
            same.append(_change(item))
    gone = [
        _change(item) for key, item in present.items() if key not in wanted and key not in withdrawn
    ]
    return Changes(
        added=tuple(added),
        changed=tuple(changed),
        withdrawn=tuple(gone),
        returned=tuple(returned),
        same=tuple(same),
    )


def _change(item: Item, fields: tuple[str, ...] = ()) -> Change:
    return Change(key=item["key"], name=Named(item["zh"], item["en"]), fields=fields)


def _differing(old: Item, new: Item) -> tuple[str, ...]:
    return tuple(name for name in new if old.get(name) != new[name])
