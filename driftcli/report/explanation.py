"""How the values of a column spread, and what moved: records for drawing and reading off."""

from __future__ import annotations

from msgspec import Struct

from driftcli.report.documents import Count, Share, Value


class Distribution(Struct, frozen=True, kw_only=True):
    """Both sides over the same few cells, for drawing: shares of each side's values.

    `edges` bound the cells of a number or a time (the outer cells also hold what lies beyond);
    `labels` name the cells of a categorical column, the last of them "other" when `other`.
    """

    baseline: tuple[Share, ...]
    current: tuple[Share, ...]
    labels: tuple[str, ...] = ()
    edges: tuple[Value, ...] = ()
    other: bool = False

    def __post_init__(self) -> None:
        """Refuse sides of different cells, and cells without a name or without both edges."""
        _check_cells(self)


class Clock(Struct, frozen=True, kw_only=True):
    """How a timestamp column's values spread over hours of the day or days of the week.

    24 shares from midnight, or 7 from Monday, in UTC or the column's naive local time, and the
    Jensen-Shannon distance of the two sides (0 to 1).
    """

    baseline: tuple[Share, ...]
    current: tuple[Share, ...]
    js_distance: float | None

    def __post_init__(self) -> None:
        """Refuse what is neither hours nor weekdays."""
        if len(self.baseline) not in (7, 24) or len(self.baseline) != len(self.current):
            raise ValueError("neither 24 hours nor 7 days")


class Bins(Struct, frozen=True, kw_only=True):
    """Both sides over the same bins, for reading off.

    Attributes
    ----------
    baseline, current
        Shares of each side's values.
    edges
        The edges of bins of numbers or times, at round values: a bin holds its lower edge and not
        its upper one.
    labels, other
        The names of categories; the last sums up all others when `other`.
    below, above
        What lies beyond the edges, baseline then current.
    """

    baseline: tuple[Share, ...]
    current: tuple[Share, ...]
    edges: tuple[Value, ...] = ()
    labels: tuple[str, ...] = ()
    other: bool = False
    below: tuple[Share, Share] = (0.0, 0.0)
    above: tuple[Share, Share] = (0.0, 0.0)

    def __post_init__(self) -> None:
        """Refuse sides of different bins, and bins without a name or without both edges."""
        _check_cells(self)


def _check_cells(cells: Distribution | Bins) -> None:
    named = len(cells.labels) or max(0, len(cells.edges) - 1)
    if len(cells.baseline) != len(cells.current) or named != len(cells.baseline):
        raise ValueError("as many shares as it has not cells")


class Quantile(Struct, frozen=True, kw_only=True):
    """The value that a share `level` of each side's values does not exceed.

    `difference` is current less baseline in the column's unit (seconds for times); null where
    it is beyond the largest float.
    """

    level: Share
    baseline: Value
    current: Value
    difference: float | None


class Contribution(Struct, frozen=True, kw_only=True):
    """A bin of the divergences.

    Attributes
    ----------
    share
        Its part of the jsd.
    baseline, current
        Its share of each side's values.
    label
        The category that it is.
    low, high
        Without a label, the range of its numbers or times.
    categories
        The number of rare categories that share it.
    """

    share: Share
    baseline: Share
    current: Share
    label: str | None = None
    low: Value = None
    high: Value = None
    categories: Count = 0


class Support(Struct, frozen=True, kw_only=True):
    """A category, or a range of numbers or times, that only one side has; its share there."""

    share: Share
    label: str | None = None
    low: Value = None
    high: Value = None


class Move(Struct, frozen=True, kw_only=True):
    """Rows that all move up or all move down.

    Attributes
    ----------
    share
        Their share of the rows.
    from_low, from_high, to_low, to_high
        The ranges that they leave and reach.
    distance
        Their mean distance, positive when they move up, in the column's unit; null beyond the
        largest float.
    cost
        What they add to W₁: `share` × |`distance`|.
    """

    share: Share
    from_low: Value
    from_high: Value
    to_low: Value
    to_high: Value
    distance: float | None
    cost: float | None


class Transport(Struct, frozen=True, kw_only=True):
    """The optimal transport of the baseline to the current data, in the column's unit.

    Attributes
    ----------
    cost
        W₁: the sum of the costs of the moves, of what stayed, and of the rest.
    small
        What moved less than this is taken to have stayed.
    stayed, stayed_cost
        The share of the rows that stayed, and their part of the cost.
    moves
        The moves, one after another along the axis.
    rest, rest_cost
        The share of small moves that are not listed, and their part of the cost.
    witness
        The Kantorovich potential at the edges of the bins: its slope is +1 where rows move up and
        −1 where they move down, and its mean is W₁ higher in the current data.
    """

    cost: float | None
    small: float
    stayed: Share
    stayed_cost: float | None
    moves: tuple[Move, ...]
    rest: Share
    rest_cost: float | None
    witness: tuple[float | None, ...]


class BlockValue(Struct, frozen=True, kw_only=True):
    """One block of rows: the median of its values, or the share of a category, and its distance.

    Attributes
    ----------
    label
        What the block is called: its day, or the run or the part that it is.
    value
        The median of its numbers or times, or of its lengths of texts; of categories, the share of
        the one whose share changed most.
    js_distance
        How far its distribution is from that of the baseline, of its other blocks if it is one.
    """

    label: str
    value: Value = None
    js_distance: Share | None = None


class BlockStrip(Struct, frozen=True, kw_only=True):
    """The blocks of rows that move together, of both sides and in their order.

    Attributes
    ----------
    of
        What a block is, such as "day of time_hour".
    category
        The category of which the values are shares; null where they are medians.
    baseline, current
        The blocks of either side that have values.
    """

    of: str
    category: str | None = None
    baseline: tuple[BlockValue, ...] = ()
    current: tuple[BlockValue, ...] = ()


class Explanation(Struct, frozen=True, kw_only=True):
    """What moved in one column, for a person to read.

    Attributes
    ----------
    bins
        Both sides over the same bins.
    log_bins
        The same, each bin wider than the one before by one ratio, for numbers that a logarithmic
        axis shows better.
    quantiles
        Quantiles of both sides.
    contributions
        What makes up the divergence, the largest first.
    new, lost, more_new, more_lost
        What only one side has, and how many categories are not listed.
    transport
        Of numbers, which rows moved where.
    coverage
        Of times, their ranges, gaps and overlaps in words.
    blocks
        The blocks of rows by which noise is measured, where they are known.
    """

    bins: Bins
    log_bins: Bins | None = None
    quantiles: tuple[Quantile, ...] = ()
    contributions: tuple[Contribution, ...] = ()
    new: tuple[Support, ...] = ()
    lost: tuple[Support, ...] = ()
    more_new: Count = 0
    more_lost: Count = 0
    transport: Transport | None = None
    coverage: tuple[str, ...] = ()
    blocks: BlockStrip | None = None
