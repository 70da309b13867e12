"""A Keras model's layers and connections as boxes, to be drawn."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import keras

# Layers that stand in the box of the layer before them.
FOLLOWERS = ("BatchNormalization", "ReLU", "LeakyReLU")
# Activations that a picture need not name: a bound of z_log_var is none that it ever meets.
LEAVES_AS_IT_IS = ("linear", "bounded")


@dataclass(frozen=True)
class Line:
    """A layer.

    Attributes:
        layer: its type, with the activation that it holds.
        shape: of its output, without the batch.
        parameters: how many it holds.
    """

    layer: str
    shape: str
    parameters: int


@dataclass
class Box:
    """A layer and those behind it that only normalise or activate its output.

    Attributes:
        lines: its layers, in order.
        name: of the model's input or output that it is, else "".
        parents: numbers of the boxes that lead to it.
        rank: longest way to it from an input, counted in boxes.
    """

    lines: list[Line]
    name: str
    parents: list[int]
    rank: int


def read_boxes(model: keras.Model) -> list[Box]:
    """Return the boxes of a functional model, each behind those that lead to it."""
    boxes: list[Box] = []
    owner: dict[int, int] = {}  # of each tensor, by its identity: the box that it comes from
    ends = {id(tensor) for tensor in (*model.inputs, *model.outputs)}
    for layer in model.layers:
        kind = type(layer).__name__
        is_input = kind == "InputLayer"
        parents = [] if is_input else [owner[id(tensor)] for tensor in _as_list(layer.input)]
        line = Line(
            "Input" if is_input else kind + _activation(layer),
            "×".join(str(side) for side in layer.output.shape[1:]),
            layer.count_params(),
        )
        name = layer.name if id(layer.output) in ends else ""
        if kind in FOLLOWERS and boxes[parents[0]].parents:
            box = boxes[parents[0]]
            box.lines.append(line)
            box.name = name
            owner[id(layer.output)] = parents[0]
        else:
            rank = max((boxes[parent].rank + 1 for parent in parents), default=0)
            owner[id(layer.output)] = len(boxes)
            boxes.append(Box([line], name, parents, rank))
    return boxes


def _as_list(tensors: Any) -> list[Any]:
    return tensors if isinstance(tensors, list) else [tensors]


def _activation(layer: keras.Layer) -> str:
    name = getattr(getattr(layer, "activation", None), "__name__", "linear")
    return "" if name in LEAVES_AS_IT_IS else f", {name}"
