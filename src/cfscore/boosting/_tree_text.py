"""Tree text: the trees of a trained model as LightGBM writes them, read and rewritten.

Only text that LightGBM has just written is read here. Numbers stay the texts they are,
so that what is copied keeps its bits.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from cfscore.exceptions import FitError

__all__ = ["columns_of_trees", "reversed_columns", "split_wide_trees"]

_END = "end of trees"


def columns_of_trees(text: str) -> list[frozenset[int]]:
    """Return the matrix columns that each tree of a model text splits on."""
    _, trees, _ = _parts(text)
    return [frozenset(tree.columns) for tree in trees]


def reversed_columns(text: str, signs: Mapping[int, int]) -> set[int]:
    """Return the columns with a split that goes against its direction.

    Parameters
    ----------
    text : str
        A model text, before ``split_wide_trees``.
    signs : mapping of int to {1, -1}
        Directions of matrix columns.

    Returns
    -------
    set of int
        Empty if every tree, and so their sum, keeps to all directions: no leaf on the
        low side of a split exceeds one on its high side (or the other way round).
    """
    _, trees, _ = _parts(text)
    return {column for tree in trees for column in tree.reversed_columns(signs)}


def split_wide_trees(text: str) -> str:
    r"""Return a model text of the same predictions with at most two columns a tree.

    Parameters
    ----------
    text : str
        A model whose paths from root to leaf meet at most two columns each.

    Returns
    -------
    str
        Trees of three columns and more are replaced by one tree for each pair, whose
        other leaves are 0.

    Raises
    ------
    FitError
        When a path meets more than two columns.

    Notes
    -----
    All paths share the root's column ``r``, so each meets ``{r}`` or ``{r, g}``. The
    tree for ``g`` keeps the splits above its leaves and cuts every other branch down
    to a leaf of value 0::

             r                     r             r
           /   \                 /   \         /   \
          g     h      =        g     0   +   0     h
         / \   / \             / \                 / \
        1   2 3   4           1   2               3   4

    A row ends in a leaf of the original value in exactly one of them. The others add
    0.0, which changes no bit of a sum, so that the raw score is the same bit for bit;
    and so are the cover-weighted expectations that TreeSHAP is made of, up to the
    order of a sum.
    """
    head, trees, tail = _parts(text)
    narrow = [part for tree in trees for part in _pair_trees(tree)]
    blocks = [f"Tree={i}\n{tree.to_text()}\n\n\n" for i, tree in enumerate(narrow)]
    sizes = " ".join(str(len(block.encode())) for block in blocks)
    lines = [
        f"tree_sizes={sizes}" if line.startswith("tree_sizes=") else line
        for line in head.split("\n")
    ]
    return "\n".join(lines) + "".join(blocks) + tail


def _parts(text: str) -> tuple[str, list[_Tree], str]:
    """Return what stands before the trees, the trees, and what stands after them."""
    start, end = text.index("Tree=0\n"), text.index(_END)
    blocks = text[start:end].split("Tree=")[1:]
    return text[:start], [_Tree.from_text(block) for block in blocks], text[end:]


# A node is an index: 0, 1, ... for splits, -1, -2, ... for leaves 0, 1, ...


@dataclass(frozen=True)
class _Tree:
    """The arrays of one tree; see LightGBM's ``Tree::ToString``.

    Parameters
    ----------
    fields : mapping of str to tuple of str
        Every line ``name=values``, in the order of the text.
    """

    fields: Mapping[str, tuple[str, ...]]

    @classmethod
    def from_text(cls, block: str) -> _Tree:
        pairs = (line.partition("=") for line in block.split("\n")[1:] if line)
        return cls({name: tuple(values.split()) for name, _, values in pairs})

    def to_text(self) -> str:
        lines = (f"{name}={' '.join(values)}" for name, values in self.fields.items())
        return "\n".join(lines)

    @property
    def columns(self) -> tuple[int, ...]:
        """Column of each split."""
        return tuple(map(int, self.fields.get("split_feature", ())))

    def children(self, split: int) -> tuple[int, int]:
        left, right = self.fields["left_child"], self.fields["right_child"]
        return int(left[split]), int(right[split])

    def count(self, node: int) -> int:
        """Training rows of a split or leaf."""
        if node < 0:
            return int(self.fields["leaf_count"][~node])
        return int(self.fields["internal_count"][node])

    def reversed_columns(self, signs: Mapping[int, int]) -> Iterator[int]:
        """Yield the column of each split with leaves in the wrong order."""
        leaves = [float(value) for value in self.fields["leaf_value"]]
        ranges = {~leaf: (value, value) for leaf, value in enumerate(leaves)}
        columns = self.columns
        for split in reversed(range(len(columns))):  # children have larger numbers
            left, right = (ranges[child] for child in self.children(split))
            ranges[split] = (min(left[0], right[0]), max(left[1], right[1]))
            sign = signs.get(columns[split], 0)
            low, high = (left, right) if sign > 0 else (right, left)
            if sign and low[1] > high[0]:
                yield columns[split]

    def paths(self) -> Iterator[tuple[int, frozenset[int]]]:
        """Yield each leaf with the columns on the way to it."""
        columns = self.columns
        open_nodes: list[tuple[int, frozenset[int]]] = [(0, frozenset())]
        while open_nodes:
            node, met = open_nodes.pop()
            if node < 0:
                yield ~node, met
            else:
                met |= {columns[node]}
                open_nodes += [(child, met) for child in self.children(node)]


def _pair_trees(tree: _Tree) -> list[_Tree]:
    """Return a tree of at most two columns as it is, a wider one as several."""
    if len(set(tree.columns)) <= 2:
        return [tree]
    root = tree.columns[0]
    leaves_of: dict[int, set[int]] = {}
    with_root_alone = set()
    for leaf, met in tree.paths():
        if len(met) > 2:
            msg = f"A path of a tree meets {len(met)} columns where 2 are allowed."
            raise FitError(msg, code="INTERACTION")
        if met == {root}:
            with_root_alone.add(leaf)
        else:
            (other,) = met - {root}
            leaves_of.setdefault(other, set()).add(leaf)
    groups = [leaves_of[other] for other in sorted(leaves_of)]
    groups[0] |= with_root_alone
    return [_cut_down(tree, leaves) for leaves in groups]


def _cut_down(tree: _Tree, kept_leaves: set[int]) -> _Tree:
    """Return the tree with every branch that holds no kept leaf as a leaf of 0."""
    splits, leaves, children = _kept_nodes(tree, kept_leaves)
    values = {
        node: tree.fields["leaf_value"][~node] if ~node in kept_leaves else "0"
        for node in leaves
    }
    fields = dict(tree.fields)
    for name in ("split_feature", "split_gain", "threshold", "decision_type"):
        fields[name] = tuple(tree.fields[name][split] for split in splits)
    for name in ("internal_weight", "internal_count"):
        fields[name] = tuple(tree.fields[name][split] for split in splits)
    fields["left_child"] = tuple(str(left) for left, _ in children)
    fields["right_child"] = tuple(str(right) for _, right in children)
    fields["leaf_value"] = tuple(values[node] for node in leaves)
    fields["leaf_weight"] = tuple(_of_node(tree, "weight", node) for node in leaves)
    fields["leaf_count"] = tuple(_of_node(tree, "count", node) for node in leaves)
    fields["internal_value"] = _mean_values(tree, splits, leaves, children, values)
    fields["num_leaves"] = (str(len(leaves)),)
    return _Tree(_with_kept_categories(fields))


def _kept_nodes(
    tree: _Tree, kept_leaves: set[int]
) -> tuple[list[int], list[int], list[tuple[int, int]]]:
    """Return kept splits and leaves in their new order, and each split's children.

    A leaf of 0 is named by the split or leaf that it stands for. Children are new
    node numbers, and larger than their parent's.
    """
    holds = _splits_above(tree, kept_leaves)
    splits: list[int] = []
    leaves: list[int] = []
    children: list[list[int]] = []
    open_nodes: list[tuple[int, int, int]] = [(0, -1, 0)]  # node, new parent, side
    while open_nodes:
        node, parent, side = open_nodes.pop()
        if node >= 0 and holds[node]:
            number = len(splits)
            splits.append(node)
            children.append([0, 0])
            left, right = tree.children(node)
            open_nodes += [(right, number, 1), (left, number, 0)]
        else:
            number = ~len(leaves)
            leaves.append(node)
        if parent >= 0:
            children[parent][side] = number
    return splits, leaves, [(left, right) for left, right in children]


def _splits_above(tree: _Tree, kept_leaves: set[int]) -> list[bool]:
    """Return whether each split has a kept leaf below it."""
    holds = [False] * len(tree.columns)
    for split in reversed(range(len(holds))):
        holds[split] = any(
            (~node in kept_leaves) if node < 0 else holds[node]
            for node in tree.children(split)
        )
    return holds


def _of_node(tree: _Tree, what: str, node: int) -> str:
    if node < 0:
        return tree.fields[f"leaf_{what}"][~node]
    return tree.fields[f"internal_{what}"][node]


def _mean_values(
    tree: _Tree,
    splits: list[int],
    leaves: list[int],
    children: list[tuple[int, int]],
    values: Mapping[int, str],
) -> tuple[str, ...]:
    """Return the mean leaf value below each split, weighted by training rows."""
    totals = [0.0] * len(splits)
    for split in reversed(range(len(splits))):
        for child in children[split]:
            if child >= 0:
                totals[split] += totals[child]
            else:
                node = leaves[~child]
                totals[split] += float(values[node]) * tree.count(node)
    return tuple(
        f"{total / max(tree.count(split), 1):.6g}"
        for total, split in zip(totals, splits, strict=True)
    )


def _with_kept_categories(
    fields: Mapping[str, tuple[str, ...]],
) -> Mapping[str, tuple[str, ...]]:
    """Return the fields with the category sets of the kept splits, numbered anew.

    ``threshold`` of a categorical split is the number of its set of categories, whose
    bits are the words from one boundary to the next.
    """
    if fields["num_cat"] == ("0",):
        return fields
    bounds = [int(bound) for bound in fields["cat_boundaries"]]
    words = fields["cat_threshold"]
    thresholds: list[str] = []
    new_bounds: list[int] = [0]
    new_words: list[str] = []
    pairs = zip(fields["threshold"], fields["decision_type"], strict=True)
    for threshold, decision_type in pairs:
        if int(decision_type) & 1:  # a categorical split
            number = int(float(threshold))
            thresholds.append(str(len(new_bounds) - 1))
            new_words += words[bounds[number] : bounds[number + 1]]
            new_bounds.append(len(new_words))
        else:
            thresholds.append(threshold)
    renumbered = {
        "num_cat": (str(len(new_bounds) - 1),),
        "threshold": tuple(thresholds),
        "cat_boundaries": tuple(map(str, new_bounds)),
        "cat_threshold": tuple(new_words),
    }
    if not new_words:
        del renumbered["cat_boundaries"], renumbered["cat_threshold"]
        fields = {name: v for name, v in fields.items() if not name.startswith("cat_")}
    return {**fields, **renumbered}
