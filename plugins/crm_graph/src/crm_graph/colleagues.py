"""Colleagues: people who are tied as they belong to one organisation.

These ties are stored nowhere. Whoever comes to an organisation or leaves it changes what all others
there weigh to each other; so ties follow from its people each time that a graph is read.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Ints = NDArray[np.int64]
    Floats = NDArray[np.float64]

#: What the reason of such a tie is called.
ORGANISATION = "organisation"

#: How many people of one organisation may be tied by it alone. Among more of them, to share an
#: employer says nothing about who knows whom, and ties would grow with the square.
MAX_COLLEAGUES = 40


def colleague_weight(members: int) -> float:
    """Return what being one of so many people of an organisation weighs; 1 for one of two."""
    return float((members - 1) ** -0.5)


def colleagues(organisations: Ints) -> tuple[Ints, Ints, Floats]:
    """Return the pairs of people who share an organisation, and what that weighs.

    `organisations` has a number for each place, -1 where somebody belongs to none. The smaller
    place of a pair comes first; pairs are in no order.
    """
    import numpy as np

    belonging = np.flatnonzero(organisations >= 0)
    places = belonging[np.argsort(organisations[belonging], kind="stable")]
    _, starts, sizes = np.unique(organisations[places], return_index=True, return_counts=True)
    low, high, weights = [], [], []
    for size in np.unique(sizes[sizes > 1]).tolist():
        members = places[starts[sizes == size][:, None] + np.arange(size)]
        first, second = np.triu_indices(size, 1)
        low.append(members[:, first].ravel())
        high.append(members[:, second].ravel())
        weights.append(np.full(len(low[-1]), colleague_weight(size)))
    none = np.zeros(0, np.int64)
    return (
        np.concatenate([none, *low]),
        np.concatenate([none, *high]),
        np.concatenate([none.astype(np.float64), *weights]),
    )
